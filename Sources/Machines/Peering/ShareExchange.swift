// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare

/// What came of a question on the share exchange, decoded and not yet verified.
package enum UnverifiedShareAnswer: Hashable, Sendable {
    /// The peer does not have the square.
    case notFound
    /// The peer could not answer.
    case failed
    /// One share with its proof.
    case sample(UnverifiedSample)
    /// Half of a row.
    case row(UnverifiedRow)
    /// A namespace's shares, row by row.
    case namespaceData(UnverifiedNamespaceData)
    /// A run of shares, row by row.
    case range(UnverifiedRangeNamespaceData)
    /// The shares of an original square, tail padding filled in.
    case square([UInt8])
}

/// Names, limits and answers of Celestia's share exchange, shrex.
///
/// Specified in Protocol/07-share-exchange.md.
package enum ShareExchange {
    /// The first message of an answer that gives something.
    package static let found: [UInt8] = [0x02, 0x08, 0x01]
    /// The whole answer of a node that does not have the square.
    package static let notFound: [UInt8] = [0x02, 0x08, 0x02]
    /// The whole answer of a node that cannot answer.
    package static let internalError: [UInt8] = [0x02, 0x08, 0x03]
    /// The largest message of an answer, 1 MiB.
    package static let messageLimit = 1 << 20

    /// The id of a kind of question on a network.
    package static func protocolID(_ kind: ShareRequest.Kind, network: String) -> String {
        "/\(network)/shrex/v0.1.0/\(kind.rawValue)"
    }

    /// The kind of question behind an id.
    package static func kind(of name: String, network: String) -> ShareRequest.Kind? {
        ShareRequest.Kind.allCases.first { protocolID($0, network: network) == name }
    }

    /// What a node gives to those who ask.
    package static func serviceLimits(_ kind: ShareRequest.Kind) -> ServiceLimits {
        var limits = ServiceLimits(completion: .exactly(kind.requestSize))
        limits.perAddress = RateLimit(perSecond: 85, burst: 256)
        limits.group = "shrex"
        limits.streamsPerPeer =
            switch kind {
            case .sample: 256
            case .square: 16
            case .row, .namespaceData, .range: 128
            }
        return limits
    }

    /// The most bytes of an answer to a question about a square of so many extended shares a side.
    package static func answerLimit(_ kind: ShareRequest.Kind, width: Int) -> Int {
        let original = width / 2 * width / 2 * Share.sizeBytes
        return switch kind {
        case .sample, .row: found.count + messageLimit + 8
        case .square: found.count + original
        // A proof a row beside the shares: fewer than 2 × 10 nodes of 90 bytes and their tags.
        case .namespaceData, .range: found.count + 2 * original + width * 4_096
        }
    }

    /// The answer to a question that a square can answer.
    package static func encodeAnswer(
        to request: ShareRequest, from square: CommittedSquare
    ) -> [UInt8] {
        let prover = SquareProver(square)
        let width = square.header.width
        switch request {
        case .sample(let id):
            let place = Coordinate(row: Int(id.row), column: Int(id.column))
            guard place.row < width, place.column < width else { return internalError }
            return delimited(square.sample(at: place).container.protobuf)
        case .row(let id):
            guard Int(id.row) < width else { return internalError }
            return delimited(prover.row(Int(id.row)).container.protobuf)
        case .namespaceData(let id):
            do throws(VerificationFault) {
                return found + (try prover.namespaceData(id.namespace).container.encode())
            } catch {
                return internalError
            }
        case .range(let id):
            do throws(VerificationFault) {
                return found
                    + (try prover.range(Int(id.from)..<Int(id.to)).container.encode())
            } catch {
                return internalError
            }
        case .square:
            return found + withoutTail(square.square.originalSquare)
        }
    }

    /// The answer to a question from a node that keeps some rows: "not found" to what needs others.
    package static func encodeAnswer(to request: ShareRequest, from rows: KeptRows) -> [UInt8] {
        switch request {
        case .sample(let id):
            let place = Coordinate(row: Int(id.row), column: Int(id.column))
            guard place.isInside(width: rows.header.width) else { return internalError }
            return rows.sample(at: place).map { delimited($0.container.protobuf) } ?? notFound
        case .row(let id):
            guard Int(id.row) < rows.header.width else { return internalError }
            return rows.row(Int(id.row)).map { delimited($0.container.protobuf) } ?? notFound
        case .namespaceData(let id):
            do throws(VerificationFault) {
                guard let data = try rows.namespaceData(id.namespace) else { return notFound }
                return found + data.container.encode()
            } catch {
                return internalError
            }
        case .range, .square:
            return notFound
        }
    }

    /// Reads an answer; nothing in it is believed yet.
    ///
    /// Pieces must be in canonical form, so that one piece has one answer: a flag that is true in
    /// another way, or a field that nobody knows, is refused.
    package static func decodeAnswer(
        _ bytes: [UInt8], to request: ShareRequest, width: Int
    ) throws(DecodeFault) -> UnverifiedShareAnswer {
        var reader = ByteReader(bytes)
        switch try status(&reader) {
        case 1: break
        case 2: return .notFound
        case 3: return .failed
        case let status: throw .malformed("the answer has status \(status)")
        }
        let rest = reader.rest()
        let answer: UnverifiedShareAnswer
        let canonical: [UInt8]
        switch request {
        case .sample:
            let sample = try UnverifiedSample(protobuf: try onlyMessage(rest))
            (answer, canonical) = (.sample(sample), delimited(sample.protobuf))
        case .row:
            let row = try UnverifiedRow(protobuf: try onlyMessage(rest))
            (answer, canonical) = (.row(row), delimited(row.protobuf))
        case .namespaceData:
            let data = try UnverifiedNamespaceData(decoding: rest)
            (answer, canonical) = (.namespaceData(data), found + data.encode())
        case .range:
            let data = try UnverifiedRangeNamespaceData(decoding: rest)
            (answer, canonical) = (.range(data), found + data.encode())
        case .square:
            return .square(try withTail(rest, width: width))
        }
        guard canonical == bytes else { throw .malformed("the answer is not in canonical form") }
        return answer
    }

    private static func onlyMessage(
        _ bytes: ArraySlice<UInt8>
    ) throws(DecodeFault) -> ArraySlice<UInt8> {
        var reader = ByteReader(bytes)
        let message = try reader.lengthPrefixed(limit: messageLimit, field: "answer")
        try reader.finish()
        return message
    }

    private static func status(_ reader: inout ByteReader) throws(DecodeFault) -> UInt64 {
        var message = ProtobufReader(try reader.lengthPrefixed(limit: 64, field: "status"))
        var status: UInt64 = 0
        while let field = try message.next() {
            guard field.number == 1 else {
                throw .malformed("field \(field.number) in a status", at: field.offset)
            }
            status = try field.varint()
        }
        return status
    }

    private static func delimited(_ message: [UInt8]) -> [UInt8] {
        var bytes = found
        bytes.append(lengthPrefixed: message)
        return bytes
    }

    /// The shares of a square up to its tail padding, which the reader fills in again.
    private static func withoutTail(_ square: OriginalDataSquare) -> [UInt8] {
        let padding = Padding.tail.bytes
        var count = square.width * square.width
        while count > 0, square.shareBytes(at: count - 1).elementsEqual(padding) { count -= 1 }
        return [UInt8](square.bytes.prefix(count * Share.sizeBytes))
    }

    private static func withTail(
        _ shares: ArraySlice<UInt8>, width: Int
    ) throws(DecodeFault) -> [UInt8] {
        let size = width / 2 * (width / 2) * Share.sizeBytes
        guard shares.count <= size, shares.count % Share.sizeBytes == 0 else {
            throw DecodeFault(
                .wrongSize(field: "square", expected: size, actual: shares.count))
        }
        var bytes = [UInt8](shares)
        bytes.reserveCapacity(size)
        while bytes.count < size { bytes += Padding.tail.bytes }
        return bytes
    }
}
