// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare

/// A question on sample-many: shares of one block, together.
///
/// ```text
/// 0        8        9     11       13
/// | height | flags  | row | column | row | column | ...
/// ```
/// Flag 1 asks for the roots that the proofs lead to. Specified in
/// Protocol/15-light-clients.md#sample-many.
package struct SampleManyRequest: Hashable, Sendable {
    /// Which block, above 0.
    package let height: UInt64
    /// Whether the roots are wanted, with their proofs to the data root.
    package let wantsRoots: Bool
    /// The places, 1 to 64 distinct ones.
    package let coordinates: [Coordinate]

    /// Asks for 1 to 64 distinct places of the square of block `height`, which is above 0.
    package init(height: UInt64, wantsRoots: Bool, coordinates: [Coordinate]) {
        precondition(height > 0, "height 0 names no block")
        precondition(
            (1...SampleManyExchange.coordinatesMax).contains(coordinates.count),
            "1 to 64 places")
        self.height = height
        self.wantsRoots = wantsRoots
        self.coordinates = coordinates
    }

    /// The bytes of the stream.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: height)
        bytes.append(wantsRoots ? 1 : 0)
        for place in coordinates {
            bytes.append(bigEndian: UInt16(place.row))
            bytes.append(bigEndian: UInt16(place.column))
        }
        return bytes
    }

    /// Reads the bytes of a stream; places twice, outside of every square, or none are refused.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= SampleManyExchange.requestLimit else {
            throw DecodeFault(
                .overLimit(
                    field: "request", limit: SampleManyExchange.requestLimit,
                    actual: bytes.count))
        }
        var reader = ByteReader(bytes)
        let height = try reader.bigEndian(UInt64.self)
        guard height > 0 else { throw .malformed("height 0 names no block") }
        let flags = try reader.byte()
        guard flags <= 1 else { throw .malformed("unknown flags \(flags)", at: 8) }
        var coordinates: [Coordinate] = []
        while !reader.isAtEnd {
            let start = reader.offset
            let place = Coordinate(
                row: Int(try reader.bigEndian(UInt16.self)),
                column: Int(try reader.bigEndian(UInt16.self)))
            guard place.isInside(width: DataAvailabilityHeader.widthMax) else {
                throw .malformed("a place lies outside of every square", at: start)
            }
            guard !coordinates.contains(place) else {
                throw .malformed("a place stands twice", at: start)
            }
            coordinates.append(place)
        }
        guard !coordinates.isEmpty else { throw .malformed("no place is asked for") }
        self.init(height: height, wantsRoots: flags == 1, coordinates: coordinates)
    }
}

/// One message of an answer on sample-many, decoded and not yet verified.
package enum UnverifiedSampleAnswer: Hashable, Sendable {
    /// The peer does not have the share.
    case notFound
    /// The share with its proof, and the root that the proof leads to when it is the answer's first.
    case found(UnverifiedSample, UnverifiedAxisRoot?)
}

/// Names, limits and answers of sample-many: the samples of a block on one stream.
///
/// Specified in Protocol/15-light-clients.md#sample-many.
package enum SampleManyExchange {
    /// The most places of one question.
    package static let coordinatesMax = 64
    /// The largest request, in bytes.
    package static let requestLimit = 9 + 4 * coordinatesMax
    /// The largest message of an answer, in bytes: a share, ten nodes, a root, eleven aunts.
    package static let messageLimit = 2_048
    /// How many samples are read before they are sent and the next are read;
    /// `light.samplesAtOnce` in Protocol/constants.json.
    package static let samplesAtOnce = 16
    /// So many bytes of an answer may wait to be sent when the next samples are read;
    /// `light.sampleBytesWaiting`.
    package static let bytesWaiting = 16 * 1024
    /// A message that gives nothing.
    package static let notFound: [UInt8] = [0x02, 0x08, 0x02]

    /// The protocol's id on a network.
    package static func protocolID(network: String) -> String {
        "/\(network)/quadrat/sample-many/v0.0.1"
    }

    /// What a node gives to those who ask; it shares the rate of the share exchange.
    package static var serviceLimits: ServiceLimits {
        var limits = ServiceLimits(completion: .atEnd(limit: requestLimit))
        limits.perAddress = RateLimit(perSecond: 85, burst: 256)
        limits.group = "shrex"
        limits.streamsPerPeer = 64
        return limits
    }

    /// The most bytes of an answer.
    package static func answerLimit(_ request: SampleManyRequest) -> Int {
        request.coordinates.count * (messageLimit + 2)
    }

    /// The answer of a node that does not have the square, or its rest from one place on.
    package static func encodeNotFound(_ request: SampleManyRequest, from place: Int = 0) -> [UInt8]
    {
        var bytes: [UInt8] = []
        for _ in place..<request.coordinates.count { bytes += notFound }
        return bytes
    }

    /// The answer to a question that a square can answer: a message a place, in their order.
    ///
    /// Each can be sent as soon as it is made; a root stands with the first sample that needs it.
    /// `places` are those of the request's whose messages are made, all by default; `isMissing` says
    /// which are not there.
    package static func encodeAnswer(
        to request: SampleManyRequest, from square: CommittedSquare, places: Range<Int>? = nil,
        isMissing: (Coordinate) -> Bool = { _ in false }
    ) -> [UInt8] {
        let header = square.header
        func isFound(_ place: Coordinate) -> Bool {
            place.isInside(width: header.width) && !isMissing(place)
        }
        let places = places ?? request.coordinates.indices
        var roots = roots(of: request, places, header, isFound)
        var bytes: [UInt8] = []
        for place in request.coordinates[places] {
            guard isFound(place) else {
                bytes += notFound
                continue
            }
            append(square.sample(at: place), taking: &roots, to: &bytes)
        }
        return bytes
    }

    /// Likewise from a node that keeps a slice of each square; `rows` are those of `places`.
    package static func encodeAnswer(
        to request: SampleManyRequest, from rows: KeptRows, slice: RowSlice, places: Range<Int>
    ) -> [UInt8] {
        let header = rows.header
        var roots = roots(of: request, places, header) {
            $0.isInside(width: header.width) && slice.contains($0.row, width: header.width)
        }
        var bytes: [UInt8] = []
        for place in request.coordinates[places] {
            guard let sample = rows.sample(at: place) else {
                bytes += notFound
                continue
            }
            append(sample, taking: &roots, to: &bytes)
        }
        return bytes
    }

    /// The roots that stand in the messages of `places`: of rows that no earlier place has had.
    private static func roots(
        of request: SampleManyRequest, _ places: Range<Int>, _ header: DataAvailabilityHeader,
        _ isFound: (Coordinate) -> Bool
    ) -> [VerifiedAxisRoot] {
        guard request.wantsRoots else { return [] }
        var told: [AxisLine] = []
        var wanted: [AxisLine] = []
        for (index, place) in request.coordinates.enumerated() where index < places.upperBound {
            let line = AxisLine(.row, place.row)
            guard isFound(place), !told.contains(line) else { continue }
            told.append(line)
            if places.contains(index) { wanted.append(line) }
        }
        return header.axisRoots(of: wanted)
    }

    private static func append(
        _ sample: VerifiedSample, taking roots: inout [VerifiedAxisRoot], to bytes: inout [UInt8]
    ) {
        var writer = ProtobufWriter(capacity: messageLimit)
        writer.varint(1, 1)
        writer.presentBytes(2, sample.container.protobuf)
        let line = AxisLine(.row, sample.coordinate.row)
        if let index = roots.firstIndex(where: { $0.line == line }) {
            writer.presentBytes(3, roots[index].container.protobuf)
            roots.remove(at: index)
        }
        bytes.append(lengthPrefixed: writer.bytes)
    }

    /// Reads an answer: exactly one message a place, in canonical form; nothing is believed yet.
    package static func decodeAnswer(
        _ bytes: [UInt8], to request: SampleManyRequest
    ) throws(DecodeFault) -> [UnverifiedSampleAnswer] {
        let answers = try decodeMessages(bytes, limit: request.coordinates.count)
        guard answers.count == request.coordinates.count else {
            throw DecodeFault(
                .wrongSize(
                    field: "messages", expected: request.coordinates.count,
                    actual: answers.count))
        }
        return answers
    }

    /// Reads whole messages of an answer, at most `limit`.
    package static func decodeMessages(
        _ bytes: [UInt8], limit: Int
    ) throws(DecodeFault) -> [UnverifiedSampleAnswer] {
        var reader = ByteReader(bytes)
        var answers: [UnverifiedSampleAnswer] = []
        while !reader.isAtEnd {
            guard answers.count < limit else {
                throw DecodeFault(
                    .overLimit(field: "messages", limit: limit, actual: limit + 1))
            }
            let message = try reader.lengthPrefixed(limit: messageLimit, field: "message")
            let answer = try decode(message)
            guard encode(answer).elementsEqual(message) else {
                throw .malformed("an answer is not in canonical form", at: reader.offset)
            }
            answers.append(answer)
        }
        return answers
    }

    private static func decode(
        _ message: ArraySlice<UInt8>
    ) throws(DecodeFault) -> UnverifiedSampleAnswer {
        var fields = ProtobufReader(message)
        var status: UInt64 = 0
        var sample: UnverifiedSample?
        var root: UnverifiedAxisRoot?
        while let field = try fields.next() {
            switch field.number {
            case 1: status = try field.varint()
            case 2: sample = try UnverifiedSample(protobuf: try field.bytes())
            case 3: root = try UnverifiedAxisRoot(protobuf: try field.bytes())
            default: throw .malformed("field \(field.number) in an answer", at: field.offset)
            }
        }
        switch (status, sample) {
        case (1, .some(let sample)): return .found(sample, root)
        case (2, nil) where root == nil: return .notFound
        default: throw .malformed("an answer has status \(status)")
        }
    }

    private static func encode(_ answer: UnverifiedSampleAnswer) -> [UInt8] {
        var writer = ProtobufWriter()
        switch answer {
        case .notFound: writer.varint(1, 2)
        case .found(let sample, let root):
            writer.varint(1, 1)
            writer.presentBytes(2, sample.protobuf)
            if let root { writer.presentBytes(3, root.protobuf) }
        }
        return writer.bytes
    }
}
