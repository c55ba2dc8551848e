// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Machinery
internal import Peering

/// The conversation by which sampling gets at more storage nodes than a node usually keeps: one
/// search, and dials to those it found, beside some that are known from before.
extension Node {
    /// Looks for storage nodes until `count` give samples; sampling is told when that is over.
    mutating func seekStorage(
        _ count: Int, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let missing = count - samplePeers.count
        guard configuration.isDiscovering, missing > 0 else {
            return sampleSearchOver(at: now, into: &effects)
        }
        if let seeking = discovery.seeking {
            if !seeking.isOver { return }
            if now < seeking.again { return sampleSearchOver(at: now, into: &effects) }
        }
        let until = now.advanced(byMilliseconds: SamplingMachine.seekMilliseconds)
        discovery.seeking = DiscoveryState.Seeking(
            until: until, again: now.advanced(byMilliseconds: NodeLimits.seekAgainMilliseconds))
        effects.append(.report(.note("sampling wants \(missing) more storage nodes")))
        effects.append(.wake(at: until))
        // Half, since those known from before may all be gone, or of one mind.
        for peer in knownStorage(limit: (missing + 1) / 2, at: now) {
            discovery.seeking?.candidates.append(peer)
            reach(peer, [], at: now, into: &effects)
        }
        if discovery.kademlia.table.count == 0 { discovery.seeking?.isSearching = false }
        keepConnections(at: now, into: &effects)
        tellDiscovery(.wants(more: missing), now, &effects)
        endSeeking(at: now, into: &effects)
    }

    /// Ends the search when it found what it could and everybody found is connected or out of reach.
    mutating func endSeeking(at now: Instant, into effects: inout [RoleEffect]) {
        guard let seeking = discovery.seeking, !seeking.isOver else { return }
        if now < seeking.until {
            if seeking.isSearching { return }
            if seeking.candidates.contains(where: { discovery.manager.isOpening($0) }) { return }
        }
        discovery.seeking?.isOver = true
        discovery.seeking?.candidates = []
        sampleSearchOver(at: now, into: &effects)
    }
}
