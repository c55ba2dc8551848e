// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare

/// A question on sampling-header: one a stream, behind its length as a varint.
///
/// Wire form: `quadrat.v1.SamplingHeaderRequest`. Specified in
/// Protocol/15-light-clients.md#sampling-header.
package struct SamplingHeaderRequest: Hashable, Sendable {
    /// What is asked for.
    package enum Subject: Hashable, Sendable {
        /// Headers from a height on; 0 means the newest.
        case origin(UInt64, amount: UInt64)
        /// The header with this hash.
        case hash(Bytes32)
        /// Height and hash of the newest header, nothing more.
        case news
        /// Roots of a block whose header the asker has, in ascending order.
        case roots(height: UInt64, [AxisLine])
    }

    /// What is asked for.
    package let subject: Subject
    /// The hash of a validator set that the asker has.
    package let knownSet: Bytes32?

    /// Asks for something; the set named by `knownSet` is left out of the answer.
    package init(_ subject: Subject, knownSet: Bytes32? = nil) {
        self.subject = subject
        self.knownSet = knownSet
    }

    /// How many headers an answer may have.
    package var amount: UInt64 {
        switch subject {
        case .origin(_, let amount): amount
        case .hash, .news: 1
        case .roots: 0
        }
    }

    /// The bytes of the stream.
    package func encode() -> [UInt8] {
        var writer = ProtobufWriter()
        switch subject {
        case .origin(let height, let amount):
            writer.presentVarint(1, height)
            writer.varint(3, amount)
        case .hash(let hash):
            writer.bytes(2, hash)
            writer.varint(3, 1)
        case .news:
            writer.presentVarint(1, 0)
        case .roots(let height, let lines):
            writer.presentVarint(1, height)
            writer.packed(5, lines.filter { $0.axis == .row }.map { UInt64($0.index) })
            writer.packed(6, lines.filter { $0.axis == .column }.map { UInt64($0.index) })
        }
        if let knownSet { writer.bytes(4, knownSet) }
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: writer.bytes)
        return bytes
    }

    /// Reads the bytes of a stream.
    ///
    /// One question has one form: what would be written otherwise is refused.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var whole = ByteReader(bytes)
        var reader = ProtobufReader(
            try whole.lengthPrefixed(
                limit: SamplingHeaderExchange.requestLimit, field: "request"))
        try whole.finish()
        var origin: UInt64?
        var hash: Bytes32?
        var amount: UInt64 = 0
        var knownSet: Bytes32?
        var rows: [UInt64] = []
        var columns: [UInt64] = []
        let limit = SamplingHeaderExchange.linesMax
        while let field = try reader.next() {
            switch field.number {
            case 1: origin = try field.varint()
            case 2: hash = try field.fixed()
            case 3: amount = try field.varint()
            case 4: knownSet = try field.fixed()
            case 5: try field.appendVarints(to: &rows, limit: limit)
            case 6: try field.appendVarints(to: &columns, limit: limit)
            default: throw .malformed("field \(field.number) in a request", at: field.offset)
            }
        }
        guard amount <= HeaderExchange.amountMax else {
            throw DecodeFault(
                .overLimit(
                    field: "amount", limit: Int(HeaderExchange.amountMax),
                    actual: Int(clamping: amount)))
        }
        let lines = try Self.lines(rows: rows, columns: columns)
        switch (origin, hash) {
        case (nil, .some(let hash)): subject = .hash(hash)
        case (.some(let origin), nil) where !lines.isEmpty:
            subject = .roots(height: origin, lines)
        case (.some(0), nil) where amount == 0: subject = .news
        case (.some(let origin), nil) where amount > 0:
            subject = .origin(origin, amount: amount)
        default: throw .malformed("the request names no header")
        }
        self.knownSet = knownSet
        guard encode() == bytes else { throw .malformed("the request is not in canonical form") }
    }

    private static func lines(
        rows: [UInt64], columns: [UInt64]
    ) throws(DecodeFault) -> [AxisLine] {
        let limit = SamplingHeaderExchange.linesMax
        guard rows.count + columns.count <= limit else {
            throw DecodeFault(
                .overLimit(field: "lines", limit: limit, actual: rows.count + columns.count))
        }
        let width = UInt64(DataAvailabilityHeader.widthMax)
        guard (rows + columns).allSatisfy({ $0 < width }) else {
            throw .malformed("a line lies outside of every square")
        }
        let lines =
            rows.map { AxisLine(.row, Int($0)) } + columns.map { AxisLine(.column, Int($0)) }
        guard zip(lines, lines.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .malformed("lines do not ascend")
        }
        return lines
    }
}

/// What came of a question on sampling-header, decoded and not yet verified.
package enum UnverifiedSamplingHeaderAnswer: Hashable, Sendable {
    /// The peer does not have what was asked for.
    case notFound
    /// Headers, in the order asked for.
    case headers([UnverifiedSamplingHeader])
    /// The newest header's name.
    case news(height: UInt64, hash: Bytes32)
    /// Roots, in the order asked for.
    case roots([UnverifiedAxisRoot])
}

/// Names, limits and answers of sampling-header: headers without their roots, for light nodes.
///
/// Specified in Protocol/15-light-clients.md#sampling-header.
package enum SamplingHeaderExchange {
    /// The largest request, in bytes.
    package static let requestLimit = 512
    /// The most roots of one answer.
    package static let linesMax = 64
    /// Questions of one peer a second.
    package static let questionsPerSecond: UInt64 = 30
    /// The largest root with its proof, in bytes, as a message of an answer.
    package static let rootLimit = 512
    /// The whole answer of a node that does not have what is asked for.
    package static let notFound: [UInt8] = [0x02, 0x10, 0x02]

    /// The protocol's id on a network.
    package static func protocolID(network: String) -> String {
        "/\(network)/quadrat/sampling-header/v0.0.1"
    }

    /// What a node gives to those who ask.
    package static var serviceLimits: ServiceLimits {
        var limits = ServiceLimits(completion: .lengthPrefixed(limit: requestLimit))
        limits.perPeer = RateLimit(perSecond: questionsPerSecond, burst: 2 * questionsPerSecond)
        return limits
    }

    /// The most bytes of an answer to a question.
    package static func answerLimit(_ request: SamplingHeaderRequest) -> Int {
        switch request.subject {
        case .origin, .hash: HeaderExchange.answerLimit(amount: request.amount)
        case .news: 64
        case .roots(_, let lines): lines.count * rootLimit
        }
    }

    /// The answer to a question for headers.
    ///
    /// A set is sent where the asker does not have it and it was not sent before it in the answer.
    package static func encodeAnswer(
        _ headers: [ExtendedHeader], knownSet: Bytes32?
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        var known = knownSet.map { [$0] } ?? []
        for header in headers {
            let set = header.validatorSet.hash
            let isNew = !known.contains(set)
            if isNew { known.append(set) }
            let message = UnverifiedSamplingHeader(header, withSet: isNew).protobuf
            bytes.append(lengthPrefixed: found(1, message))
        }
        return headers.isEmpty ? notFound : bytes
    }

    /// The answer to a question for news.
    package static func encodeNews(height: UInt64, hash: Bytes32) -> [UInt8] {
        var news = ProtobufWriter()
        news.varint(1, height)
        news.bytes(2, hash)
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: found(3, news.bytes))
        return bytes
    }

    /// The answer to a question for roots; none when a line lies outside of the square.
    package static func encodeRoots(
        _ lines: [AxisLine], of header: DataAvailabilityHeader
    ) -> [UInt8] {
        guard lines.allSatisfy({ $0.index < header.width }) else { return notFound }
        var bytes: [UInt8] = []
        for root in header.axisRoots(of: lines) {
            bytes.append(lengthPrefixed: found(4, root.container.protobuf))
        }
        return bytes
    }

    private static func found(_ field: Int, _ body: [UInt8]) -> [UInt8] {
        var writer = ProtobufWriter(capacity: body.count + 8)
        if field == 1 { writer.presentBytes(1, body) }
        writer.varint(2, 1)
        if field != 1 { writer.presentBytes(field, body) }
        return writer.bytes
    }

    /// Reads an answer; nothing in it is believed yet.
    ///
    /// An answer has one form, as the question has: surplus, missing or mixed messages are refused.
    package static func decodeAnswer(
        _ bytes: [UInt8], to request: SamplingHeaderRequest
    ) throws(DecodeFault) -> UnverifiedSamplingHeaderAnswer {
        if bytes == notFound { return .notFound }
        var reader = ByteReader(bytes)
        var headers: [UnverifiedSamplingHeader] = []
        var roots: [UnverifiedAxisRoot] = []
        while !reader.isAtEnd {
            let start = reader.offset
            let message = try reader.lengthPrefixed(
                limit: HeaderExchange.headerLimit + 16, field: "message")
            switch (request.subject, try body(message)) {
            case (.origin, (1, let body)), (.hash, (1, let body)):
                guard UInt64(headers.count) < request.amount else {
                    throw .malformed("more headers than were asked for", at: start)
                }
                headers.append(try UnverifiedSamplingHeader(protobuf: body))
                try check(found(1, headers[headers.count - 1].protobuf), is: message)
            case (.news, (3, let body)) where reader.isAtEnd:
                let (height, hash) = try news(body)
                guard encodeNews(height: height, hash: hash) == bytes else {
                    throw .malformed("the answer is not in canonical form")
                }
                return .news(height: height, hash: hash)
            case (.roots(_, let lines), (4, let body)):
                guard roots.count < lines.count else {
                    throw .malformed("more roots than were asked for", at: start)
                }
                roots.append(try UnverifiedAxisRoot(protobuf: body))
                try check(found(4, roots[roots.count - 1].protobuf), is: message)
            default: throw .malformed("an answer to another question", at: start)
            }
        }
        guard case .roots(_, let lines) = request.subject else {
            guard !headers.isEmpty else { throw .malformed("an empty answer") }
            return .headers(headers)
        }
        guard roots.count == lines.count else { throw .malformed("roots are missing") }
        return .roots(roots)
    }

    private static func check(
        _ canonical: [UInt8], is message: ArraySlice<UInt8>
    ) throws(DecodeFault) {
        guard canonical.elementsEqual(message) else {
            throw .malformed("a message is not in canonical form")
        }
    }

    private static func body(
        _ message: ArraySlice<UInt8>
    ) throws(DecodeFault) -> (field: Int, body: ArraySlice<UInt8>) {
        var reader = ProtobufReader(message)
        var found: (Int, ArraySlice<UInt8>)?
        var status: UInt64 = 0
        while let field = try reader.next() {
            switch field.number {
            case 1, 3, 4:
                guard found == nil else {
                    throw .malformed("a message has two bodies", at: field.offset)
                }
                found = (field.number, try field.bytes())
            case 2: status = try field.varint()
            default: throw .malformed("field \(field.number) in an answer", at: field.offset)
            }
        }
        guard status == 1, let found else {
            throw .malformed("an answer has status \(status)")
        }
        return found
    }

    private static func news(
        _ body: ArraySlice<UInt8>
    ) throws(DecodeFault) -> (height: UInt64, hash: Bytes32) {
        var reader = ProtobufReader(body)
        var height: UInt64 = 0
        var hash: Bytes32?
        while let field = try reader.next() {
            switch field.number {
            case 1: height = try field.varint()
            case 2: hash = try field.fixed()
            default: throw .malformed("field \(field.number) in news", at: field.offset)
            }
        }
        guard height > 0, let hash else { throw .malformed("news without a header") }
        return (height, hash)
    }
}
