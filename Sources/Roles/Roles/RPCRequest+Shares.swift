// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Peering

/// What a user's question about shares needs, and its answer from a square that is held.
extension RPCRequest {
    /// The height it is about, when it is about shares.
    var shareHeight: UInt64? {
        switch self {
        case .square(let height), .row(let height, _), .samples(let height, _),
            .namespaceData(let height, _), .availability(let height):
            height
        default: nil
        }
    }

    /// What a node that does not hold the square asks of its peers.
    ///
    /// - Throws: a fault for a namespace that may not be asked for.
    func shareRequests() throws(DecodeFault) -> [ShareRequest] {
        switch self {
        case .square(let height):
            [.square(SquareID(height: height))]
        case .row(let height, let index):
            [.row(RowID(height: height, row: UInt16(clamping: index)))]
        case .samples(let height, let places):
            places.map { .sample(SampleID(height: height, $0)) }
        case .namespaceData(let height, let namespace):
            [.namespaceData(try NamespaceDataID(height: height, namespace: namespace))]
        default:
            []
        }
    }

    /// The answer from a square that is held.
    func answer(from square: CommittedSquare) -> Result<RPCResponse, RPCFault> {
        let prover = SquareProver(square)
        let width = square.header.width
        switch self {
        case .square:
            return .success(.square(square.square))
        case .row(_, let index):
            guard (0..<width).contains(index) else {
                return .failure(.failed("share: row \(index) is outside of the square"))
            }
            return .success(.row(prover.row(index)))
        case .samples(_, let places):
            guard places.allSatisfy({ $0.isInside(width: width) }) else {
                return .failure(.failed("share: coordinate is outside of the square"))
            }
            return .success(.samples(places.map { prover.sample(at: $0, axis: .row) }))
        case .namespaceData(_, let namespace):
            do throws(VerificationFault) {
                return .success(.namespaceData(try prover.namespaceData(namespace)))
            } catch {
                return .failure(.failed("share: the namespace may not be asked for"))
            }
        default:
            return .failure(.failed("the question is not about shares"))
        }
    }

    /// What is asked for, in a word.
    var name: String {
        switch self {
        case .header(let height): "height \(height)"
        case .headers(let range): "heights \(range.lowerBound)-\(range.upperBound)"
        case .tail: "tail"
        default: "data"
        }
    }
}
