// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// What peers say of the newest headers, to be compared with what this node follows.
struct WitnessBook: Sendable {
    /// How many heights and how many sayings are remembered.
    static let limit = HeaderSyncMachine.witnessMemory

    struct Saying {
        let peer: Peer
        let height: UInt64
        let hash: Bytes32
    }

    /// A header that was asked for because a peer contradicted this node at its height.
    struct Suspicion {
        let peer: Peer
        let height: UInt64
        /// What the peer is told off for when it has no other header to show.
        let reason: String
    }

    private(set) var sayings: [Saying] = []
    private var followed: [(height: UInt64, hash: Bytes32)] = []
    /// The news that is being fetched.
    var chase: (peer: Peer, height: UInt64)?
    var suspicion: Suspicion?
    /// A header that contradicts one of ours which is being read from the store.
    var contradiction: (header: ChainHeader, suspicion: Suspicion)?

    /// Each peer's last word counts.
    mutating func note(_ saying: Saying) {
        sayings.removeAll { $0.peer == saying.peer }
        if sayings.count >= Self.limit { sayings.removeFirst() }
        sayings.append(saying)
    }

    /// The highest height that anybody named.
    var highest: UInt64 { sayings.reduce(0) { max($0, $1.height) } }

    /// Forgets what somebody said who was found to lie.
    mutating func discard(_ peer: Peer) {
        sayings.removeAll { $0.peer == peer }
    }

    mutating func follow(_ height: UInt64, _ hash: Bytes32) {
        if followed.count >= Self.limit { followed.removeFirst() }
        followed.append((height, hash))
    }

    /// The header that is followed at a height, where it is remembered.
    func followed(at height: UInt64) -> Bytes32? {
        followed.last { $0.height == height }?.hash
    }

    mutating func forget(_ peer: Peer, where isOver: (UInt64) -> Bool = { _ in true }) {
        if let chase, chase.peer == peer, isOver(chase.height) {
            self.chase = nil
            sayings.removeAll { $0.peer == peer }
        }
        if let suspicion, suspicion.peer == peer, isOver(suspicion.height) {
            self.suspicion = nil
        }
    }
}
