// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Chain
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
internal import Pooling
internal import Syncing

/// How the node is, for those who run it.
extension Node {
    /// What is in the way of its work now.
    package var currentHealth: NodeHealth {
        var health = health
        let network = max(chain.height, headers.claimedHeight)
        if chain.head == nil || network - chain.height > NodeLimits.lagMax {
            health.lag = NodeHealth.Lag(head: chain.height, network: network)
        }
        health.silence = committee?.silenceText
        health.isAlone = configuration.isFollowing && peers.entries.isEmpty
        return health
    }

    /// A block is proven to break the chain's rules: whoever verified the proof says so here.
    package mutating func fraudIsProven(
        height: UInt64, reason: String, into effects: inout [RoleEffect]
    ) {
        health.fraudIsProven(height: height, reason: reason)
        effects.append(.report(.fraud(height: height, reason: reason)))
    }

    /// Whether nothing is left to be done about the blocks that are known now: all headers are here,
    /// and all squares are kept or sampled, as it is the node's part.
    package var isDone: Bool {
        guard chain.head != nil, headers.isSynced, rowDraws.isEmpty else { return false }
        switch configuration.kind {
        case .light: return !configuration.isSampling || sampling.schedule.isCaughtUp
        case .storage: return squares.backlog == 0
        case .validator: return false
        }
    }

    /// Everything that can be told of the node in a glance.
    package var status: NodeStatus {
        var status = NodeStatus(
            kind: configuration.kind == .light ? .light : .bridge,
            chainID: configuration.rules.chainID, isReady: chain.head != nil)
        status.role = configuration.kind.rawValue
        status.health = currentHealth
        status.headHeight = chain.height
        status.networkHeight = max(chain.height, headers.claimedHeight)
        status.peerCount = peers.entries.count
        status.squareCount = UInt64(chain.squares.count)
        status.slice = configuration.slice?.description
        status.isSampling = configuration.isSampling
        status.sampledHead = sampling.schedule.headOfSampledChain
        status.sampledCount = UInt64(sampling.schedule.sampled.count)
        status.isCaughtUp = sampling.schedule.isCaughtUp
        status.samplingNow = sampling.running.count
        status.submissionsWaiting = submission.backlog
        status.bandwidth.bytesIn = traffic.bytesIn
        status.bandwidth.bytesOut = traffic.bytesOut
        return status
    }
}
