// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Machinery
internal import Peering

/// What came of asking a peer for a piece of a square.
enum ShareAnswer {
    /// A share whose proof holds.
    case sample(VerifiedSample)
    /// A row whose root is the header's.
    case row(Row)
    /// All of a namespace, or the proof that there is none.
    case namespaceData(NamespaceData)
    /// The shares of an original square, not yet compared with the header.
    case square([UInt8])
    /// The peer does not have it, or did not answer.
    case notHeld
    /// The peer answered with something that is false.
    case malformed
}

extension Node {
    /// Asks a peer for a piece of a square of a known width.
    mutating func request(
        _ request: ShareRequest, of peer: PeerIdentifier, width: Int,
        purpose: RequestPurpose, deadlineMilliseconds: UInt64 = NodeLimits.questionMilliseconds,
        at now: Instant
    ) {
        let number = ask(
            ShareExchange.protocolID(request.kind, network: configuration.network), of: peer,
            bytes: request.encode(),
            answerLimit: ShareExchange.answerLimit(request.kind, width: width),
            milliseconds: deadlineMilliseconds, at: now)
        requests[number] = purpose
    }

    /// Decodes an answer and verifies it under the roots that are known; what is no sample needs all.
    func shareAnswer(
        _ result: Result<[UInt8], RequestFault>, of request: ShareRequest,
        roots: KnownRoots
    ) -> ShareAnswer {
        guard case .success(let bytes) = result else { return .notHeld }
        do {
            let answer = try ShareExchange.decodeAnswer(bytes, to: request, width: roots.width)
            switch (answer, request) {
            case (.sample(let sample), .sample(let id)):
                let place = Coordinate(row: Int(id.row), column: Int(id.column))
                return .sample(try sample.verify(at: place, against: roots))
            case (.square(let bytes), .square):
                return .square(bytes)
            default:
                break
            }
            guard let header = roots.header else { return .notHeld }
            switch (answer, request) {
            case (.row(let row), .row(let id)):
                return .row(try row.verify(row: Int(id.row), against: header))
            case (.namespaceData(let data), .namespaceData(let id)):
                return .namespaceData(try data.verify(namespace: id.namespace, against: header))
            default:
                return .notHeld
            }
        } catch VerificationFault.rootUnknown {
            return .notHeld
        } catch {
            return .malformed
        }
    }
}
