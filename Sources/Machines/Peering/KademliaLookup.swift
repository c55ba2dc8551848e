// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// One search through the network: asks ever nearer peers until the nearest have answered.
///
/// Every answer names peers nearer to the target; the nearest that were not asked are asked next,
/// `concurrency` at a time. It is over when the `bucketSize` nearest that answer at all have
/// answered, or, once the `resiliency` nearest have, after a last pause for the rest. A source whose
/// peers do not answer is soon no longer believed, and one network cannot fill the view.
/// Specified in Protocol/13-discovery.md#lookups.
struct KademliaLookup: Sendable {
    /// What is looked for.
    enum Goal: Hashable, Sendable {
        /// The peers nearest to the key.
        case closest
        /// Where one peer can be reached.
        case peer(PeerIdentifier)
        /// So many providers of the key.
        case providers(Int)
        /// The peers nearest to the key, to tell them that this node provides it.
        case announcement
    }

    private enum Stage: Hashable {
        case heard, asked, answered, failed
    }

    private struct Candidate {
        let peer: PeerIdentifier
        let distance: KademliaKey
        var addresses: [Multiaddress]
        /// The network that it says it is in; nil for one that is not counted.
        let subnet: [UInt8]?
        var stage = Stage.heard
        /// Who named it; empty for those of the node's own table.
        var sources: [PeerIdentifier]
        /// Whose credit the question used.
        var charged: PeerIdentifier?
    }

    /// Who is believed about a peer.
    private enum Creditor {
        case table
        case source(PeerIdentifier)
    }

    /// Sources of a peer that are remembered.
    private static let sourcesMax = 8

    let key: [UInt8]
    let goal: Goal
    private let target: KademliaKey
    private let local: PeerIdentifier
    private let limits: KademliaLimits
    /// Nearest first.
    private var candidates: [Candidate] = []
    private var unanswered: [PeerIdentifier: Int] = [:]
    private var questionCount = 0
    private var waitingCount = 0
    private(set) var providers: [KademliaMessage.Peer] = []
    private(set) var found: KademliaMessage.Peer?
    /// When it ends although some have not answered; nil before the nearest have.
    private(set) var tailEnd: Instant?

    init(
        key: [UInt8], goal: Goal, from entries: [KademliaTable.Entry], local: PeerIdentifier,
        limits: KademliaLimits
    ) {
        self.key = key
        self.goal = goal
        self.limits = limits
        self.local = local
        target = KademliaKey(hashing: key)
        for entry in entries { hear(entry.peer, entry.addresses, from: nil) }
    }

    /// The kind of question that is asked.
    var kind: KademliaMessage.Kind {
        if case .providers = goal { .getProviders } else { .findNode }
    }

    /// The peers to ask now, nearest first; they count as asked.
    mutating func next(at now: Instant) -> [(peer: PeerIdentifier, addresses: [Multiaddress])] {
        var chosen: [(PeerIdentifier, [Multiaddress])] = []
        var isNearestDone = true
        var seen = 0
        var neighbours: [[UInt8]: Int] = [:]
        for index in candidates.indices {
            if seen >= limits.bucketSize { break }
            if let subnet = candidates[index].subnet, candidates[index].stage != .failed {
                let count = neighbours[subnet, default: 0] + 1
                if count > limits.lookupPeersPerSubnet { continue }
                neighbours[subnet] = count
            }
            switch candidates[index].stage {
            case .failed: continue
            case .answered: seen += 1
            case .asked:
                if seen < limits.resiliency { isNearestDone = false }
                seen += 1
            case .heard:
                guard questionCount < limits.lookupQuestions, let source = creditor(of: index)
                else { continue }
                if seen < limits.resiliency { isNearestDone = false }
                seen += 1
                guard waitingCount < limits.concurrency else { continue }
                candidates[index].stage = .asked
                if case .source(let source) = source {
                    candidates[index].charged = source
                    unanswered[source, default: 0] += 1
                }
                waitingCount += 1
                questionCount += 1
                chosen.append((candidates[index].peer, candidates[index].addresses))
            }
        }
        if !isNearestDone {
            tailEnd = nil
        } else if tailEnd == nil {
            tailEnd = now.advanced(byMilliseconds: limits.tailMilliseconds)
        }
        return chosen
    }

    /// Whether what was looked for was found, or has been waited for long enough.
    func isSatisfied(at now: Instant) -> Bool {
        switch goal {
        case .peer: if found != nil { return true }
        case .providers(let wanted): if providers.count >= wanted { return true }
        case .closest, .announcement: break
        }
        return tailEnd.map { $0 <= now } ?? false
    }

    /// Whether no answer is waited for; after `next`, that nothing more can be learned.
    var isIdle: Bool { waitingCount == 0 }

    /// A peer's answer to the question.
    mutating func answered(_ peer: PeerIdentifier, _ answer: KademliaMessage) {
        guard let index = settle(peer, .answered) else { return }
        if let source = candidates[index].charged { unanswered[source, default: 1] -= 1 }
        for closer in answer.closerPeers { hear(closer.identifier, closer.addresses, from: peer) }
        if case .peer(let wanted) = goal,
            let named = answer.closerPeers.first(where: { $0.identifier == wanted }),
            !named.addresses.isEmpty
        {
            found = named
        }
        guard case .providers(let wanted) = goal else { return }
        var believed = 0
        for provider in answer.providerPeers
        where provider.identifier != local && providers.count < wanted {
            guard believed < limits.providersPerSource else { return }
            if !providers.contains(where: { $0.identifier == provider.identifier }) {
                providers.append(provider)
                believed += 1
            }
        }
    }

    /// A peer gave no answer, or none that can be read.
    mutating func failed(_ peer: PeerIdentifier) {
        _ = settle(peer, .failed)
    }

    /// The nearest peers that answered, nearest first.
    var closest: [(peer: PeerIdentifier, addresses: [Multiaddress])] {
        candidates.lazy.filter { $0.stage == .answered }.prefix(limits.bucketSize).map {
            ($0.peer, $0.addresses)
        }
    }

    /// How many peers were asked.
    var questions: Int { questionCount }

    private mutating func settle(_ peer: PeerIdentifier, _ stage: Stage) -> Int? {
        guard
            let index = candidates.firstIndex(where: { $0.peer == peer && $0.stage == .asked })
        else { return nil }
        candidates[index].stage = stage
        waitingCount -= 1
        return index
    }

    /// A source that may still be believed, for a peer that was not asked yet.
    private func creditor(of index: Int) -> Creditor? {
        let sources = candidates[index].sources
        if sources.isEmpty { return .table }
        let believed = sources.first {
            unanswered[$0, default: 0] < limits.unansweredPerSource
        }
        return believed.map { .source($0) }
    }

    private static func subnet(of addresses: [Multiaddress]) -> [UInt8]? {
        let ip = addresses.lazy.compactMap(\.socketAddress).first?.ip.unmapped
        return ip.flatMap { $0.isLocal ? nil : $0.subnet }
    }

    private mutating func hear(
        _ peer: PeerIdentifier, _ addresses: [Multiaddress], from source: PeerIdentifier?
    ) {
        guard peer != local else { return }
        let distance = KademliaKey(of: peer).distance(to: target)
        var low = 0
        var high = candidates.count
        while low < high {
            let middle = (low + high) / 2
            if candidates[middle].distance < distance { low = middle + 1 } else { high = middle }
        }
        if low < candidates.count, candidates[low].peer == peer {
            if let source, !candidates[low].sources.isEmpty,
                candidates[low].sources.count < Self.sourcesMax,
                !candidates[low].sources.contains(source)
            {
                candidates[low].sources.append(source)
            }
            if candidates[low].addresses.isEmpty { candidates[low].addresses = addresses }
            return
        }
        guard low < limits.lookupCandidates else { return }
        candidates.insert(
            Candidate(
                peer: peer, distance: distance, addresses: addresses,
                subnet: Self.subnet(of: addresses), sources: source.map { [$0] } ?? []), at: low)
        if candidates.count > limits.lookupCandidates, candidates.last?.stage == .heard {
            candidates.removeLast()
        }
    }
}
