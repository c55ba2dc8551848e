// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// What is remembered of a peer.
struct PeerState {
    /// Its open sessions, the oldest first.
    var connections: [ConnectionNumber] = []
    /// What it told about itself.
    var identity: IdentifyMessage?
    /// Streams that it has open, by protocol.
    var openStreams: [String: Int] = [:]
    /// What its connections carried that are over.
    var traffic = Traffic()
    /// What it is to this node.
    var standing = ConnectionManager.Standing()
    /// Points against it when `penalizedAt` was, less those forgiven since.
    var penalty = 0
    var penalizedAt: Instant?

    /// Points against it now, one forgiven every `milliseconds`.
    func penalty(at now: Instant, forgivenEvery milliseconds: UInt64) -> Int {
        guard let penalizedAt else { return 0 }
        let forgiven = now.milliseconds(since: penalizedAt) / milliseconds
        return max(0, penalty - Int(clamping: forgiven))
    }
}
