// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import Machinery
internal import Peering

/// Something a user asked for that this node does not hold and therefore asks of its peers.
///
/// It ends: each peer has a deadline, the whole has one, and who did not help is named.
struct Retrieval {
    /// The user's question.
    let asker: Ticket
    let height: UInt64
    /// When the user is told that it did not come.
    let deadline: Instant
    /// What is still to be fetched, the next first.
    var wanted: [ShareRequest]
    var roots: DataAvailabilityHeader?
    /// Who was asked for the next piece, and what came of it; nil while it is awaited.
    var tried: [(peer: PeerIdentifier, outcome: String?)] = []
    var samples: [VerifiedSample] = []

    /// Notes what came of asking the peer that was asked last.
    mutating func note(_ outcome: String) {
        guard let last = tried.indices.last, tried[last].outcome == nil else { return }
        tried[last].outcome = outcome
    }

    /// What is missing, and who was asked for it.
    func failure(_ reason: String) -> RPCFault {
        let peers = tried.map { "\($0.peer.text) (\($0.outcome ?? "no answer yet"))" }
        let asked = peers.isEmpty ? "" : "; asked " + peers.joined(separator: ", ")
        let piece = wanted.first?.missing ?? "data"
        return .notRetrieved("\(piece) of height \(height): \(reason)\(asked)")
    }
}

extension ShareRequest {
    /// What it asks for, in words.
    var missing: String {
        switch self {
        case .sample(let id): "share (\(id.row), \(id.column))"
        case .row(let id): "row \(id.row)"
        case .namespaceData(let id): "namespace \(id.namespace)"
        case .range: "a range of shares"
        case .square: "the square"
        }
    }
}
