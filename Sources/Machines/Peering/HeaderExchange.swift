// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain

/// A question on header-ex: one a stream, behind its length as a varint.
package struct HeaderExchangeRequest: Hashable, Sendable {
    /// What is asked for.
    package enum Subject: Hashable, Sendable {
        /// From a height on; 0 means the newest header.
        case origin(UInt64)
        /// The header with this hash.
        case hash(Bytes32)
    }

    /// What is asked for.
    package let subject: Subject
    /// How many headers, from 1 to 64.
    package let amount: UInt64

    /// Asks for `amount` headers.
    package init(_ subject: Subject, amount: UInt64) {
        precondition((1...HeaderExchange.amountMax).contains(amount), "1 to 64 headers")
        self.subject = subject
        self.amount = amount
    }

    /// The bytes of the stream.
    ///
    /// An origin of 0 stands on the wire, since it is one of a choice.
    package func encode() -> [UInt8] {
        var writer = ProtobufWriter()
        switch subject {
        case .origin(let height): writer.presentVarint(1, height)
        case .hash(let hash): writer.bytes(2, hash)
        }
        writer.varint(3, amount)
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: writer.bytes)
        return bytes
    }

    /// Reads the bytes of a stream.
    ///
    /// What go-header resets a stream for is a fault: no subject, no amount, more than 64.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var whole = ByteReader(bytes)
        var reader = ProtobufReader(
            try whole.lengthPrefixed(limit: HeaderExchange.requestLimit, field: "request"))
        try whole.finish()
        var subject: Subject?
        var amount: UInt64 = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: subject = .origin(try field.varint())
            case 2: subject = .hash(try field.fixed())
            case 3: amount = try field.varint()
            default: break
            }
        }
        guard let subject else { throw .malformed("the request names no header") }
        guard (1...HeaderExchange.amountMax).contains(amount) else {
            throw DecodeFault(
                .overLimit(
                    field: "amount", limit: Int(HeaderExchange.amountMax),
                    actual: Int(clamping: amount)))
        }
        self.subject = subject
        self.amount = amount
    }
}

/// Names, limits and answers of Celestia's header-ex protocol (go-header p2p).
package enum HeaderExchange {
    /// The most headers of one answer; go-header's `MaxRangeRequestSize`.
    package static let amountMax: UInt64 = 64
    /// The largest request, in bytes.
    package static let requestLimit = 1_024
    /// The largest header in an answer, 1 MiB.
    package static let headerLimit = 1 << 20
    /// Questions of one peer a second.
    ///
    /// go-header asks on as soon as it has verified an answer, and never again asks a peer that
    /// refused it one: this is more than it verifies.
    package static let questionsPerSecond: UInt64 = 256

    /// The protocol's id on a network.
    package static func protocolID(network: String) -> String {
        "/\(network)/header-ex/v0.0.3"
    }

    /// What a node gives to those who ask.
    package static var serviceLimits: ServiceLimits {
        var limits = ServiceLimits(completion: .lengthPrefixed(limit: requestLimit))
        limits.perPeer = RateLimit(perSecond: questionsPerSecond, burst: 2 * questionsPerSecond)
        return limits
    }

    /// The most bytes of an answer to a question for so many headers.
    package static func answerLimit(amount: UInt64) -> Int {
        Int(min(amount, amountMax)) * (headerLimit + 16)
    }

    /// The answer: each header with status OK, or one message with status NOT_FOUND.
    package static func encodeAnswer(_ headers: [ExtendedHeader]) -> [UInt8] {
        var bytes: [UInt8] = []
        for header in headers {
            var writer = ProtobufWriter()
            writer.bytes(1, header.protobuf)
            writer.varint(2, 1)
            bytes.append(lengthPrefixed: writer.bytes)
        }
        if headers.isEmpty { bytes = [0x02, 0x10, 0x02] }
        return bytes
    }

    /// The headers of an answer, none when they were not found.
    package static func decodeAnswer(
        _ bytes: [UInt8], amount: UInt64
    ) throws(DecodeFault) -> [ExtendedHeader] {
        var reader = ByteReader(bytes)
        var headers: [ExtendedHeader] = []
        while !reader.isAtEnd {
            guard UInt64(headers.count) < amount else {
                throw DecodeFault(
                    .overLimit(
                        field: "headers", limit: Int(clamping: amount),
                        actual: headers.count + 1), at: reader.offset)
            }
            var message = ProtobufReader(
                try reader.lengthPrefixed(limit: headerLimit + 16, field: "header"))
            var body: ArraySlice<UInt8> = []
            var status: UInt64 = 0
            while let field = try message.next() {
                switch field.number {
                case 1: body = try field.bytes()
                case 2: status = try field.varint()
                default: break
                }
            }
            switch status {
            case 1: headers.append(try ExtendedHeader(protobuf: body))
            case 2: return headers
            default:
                throw .malformed("the answer has status \(status)", at: reader.offset)
            }
        }
        return headers
    }
}
