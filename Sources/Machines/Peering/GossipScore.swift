// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// What a peer has earned and lost.
///
/// Source: libp2p/specs, gossipsub 1.1, "Peer Scoring".
/// Specified in Protocol/12-gossip.md#scores.
struct GossipScore {
    /// What a peer has earned and lost in one topic.
    struct InTopic {
        var graftedAt: Instant?
        /// Milliseconds in the mesh, as of the last decay.
        var meshMilliseconds: UInt64 = 0
        var isActive = false
        var first = 0.0
        var inMesh = 0.0
        var failures = 0.0
        var invalid = 0.0

        /// What is missing of the messages that were due.
        func deficit(_ rules: GossipTopicScoring) -> Double {
            isActive && inMesh < rules.meshThreshold ? rules.meshThreshold - inMesh : 0
        }

        func points(_ rules: GossipTopicScoring) -> Double {
            var points = first * rules.firstWeight
            if graftedAt != nil {
                let quanta = Double(meshMilliseconds) / Double(max(1, rules.timeInMeshMilliseconds))
                points += min(quanta, rules.timeInMeshCap) * rules.timeInMeshWeight
            }
            let deficit = deficit(rules)
            points += deficit * deficit * rules.meshWeight
            points += failures * rules.failureWeight
            points += invalid * invalid * rules.invalidWeight
            return points * rules.weight
        }
    }

    var topics: [String: InTopic] = [:]
    /// Broken rules.
    var behaviour = 0.0
    /// Until when no GRAFT is welcome, either way.
    var backoffs: [String: Instant] = [:]
    /// When the peer left; nil while it is connected.
    var leftAt: Instant?
}

/// Scores.
extension GossipMachine {
    /// The score of a peer now.
    package func score(of peer: PeerIdentifier) -> Double {
        var points = 0.0
        if let score = scores[peer] {
            for topic in configuration.topics {
                guard let rules = topic.scoring, let inTopic = score.topics[topic.name] else {
                    continue
                }
                points += inTopic.points(rules)
            }
            if scoring.topicCap > 0 { points = min(points, scoring.topicCap) }
            let surplus = score.behaviour - scoring.behaviourThreshold
            if surplus > 0 { points += surplus * surplus * scoring.behaviourWeight }
        }
        if configuration.favoured.contains(peer) { points += scoring.favour }
        if let address = neighbours[peer]?.address, !address.isLoopback {
            let surplus = (addressCounts[address] ?? 0) - scoring.colocationThreshold
            if surplus > 0 { points += Double(surplus * surplus) * scoring.colocationWeight }
        }
        return points
    }

    /// Whether a peer is explicit: outside scores.
    func isDirect(_ peer: PeerIdentifier) -> Bool { configuration.direct.contains(peer) }

    /// Whether a peer's score reaches a threshold; explicit peers reach every one.
    func reaches(_ threshold: Double, _ peer: PeerIdentifier) -> Bool {
        isDirect(peer) || score(of: peer) >= threshold
    }

    /// Counts a broken rule of the protocol (P7).
    mutating func misbehave(_ peer: PeerIdentifier, count: Double = 1) {
        scores[peer]?.behaviour += count
    }

    mutating func updateScore(
        of peer: PeerIdentifier, in topic: String, _ change: (inout GossipScore.InTopic) -> Void
    ) {
        guard rules[topic]?.scoring != nil, scores[peer] != nil else { return }
        change(&scores[peer, default: GossipScore()].topics[topic, default: .init()])
    }

    /// A false message (P4).
    mutating func countInvalid(_ peer: PeerIdentifier, _ topic: String) {
        updateScore(of: peer, in: topic) { $0.invalid += 1 }
    }

    /// A message that the peer was the first to bring (P2), and which counts in the mesh (P3).
    mutating func countFirst(_ peer: PeerIdentifier, _ topic: String) {
        guard let rules = rules[topic]?.scoring else { return }
        updateScore(of: peer, in: topic) {
            $0.first = min($0.first + 1, rules.firstCap)
            if $0.graftedAt != nil { $0.inMesh = min($0.inMesh + 1, rules.meshCap) }
        }
    }

    /// A copy that a mesh peer brought soon enough (P3).
    mutating func countCopy(_ peer: PeerIdentifier, _ topic: String) {
        guard let rules = rules[topic]?.scoring else { return }
        updateScore(of: peer, in: topic) {
            if $0.graftedAt != nil { $0.inMesh = min($0.inMesh + 1, rules.meshCap) }
        }
    }

    /// The peer left the mesh; what it owed then sticks (P3b).
    mutating func countLeavingMesh(_ peer: PeerIdentifier, _ topic: String) {
        guard let rules = rules[topic]?.scoring else { return }
        updateScore(of: peer, in: topic) {
            let deficit = $0.deficit(rules)
            $0.failures += deficit * deficit
            $0.graftedAt = nil
            $0.meshMilliseconds = 0
            $0.isActive = false
        }
    }

    /// Keeps the score of a peer that left: a bad one, so that leaving does not mend it.
    mutating func retainScore(of peer: PeerIdentifier, at now: Instant) {
        guard let score = scores[peer] else { return }
        let isWorthless = self.score(of: peer) >= 0 && !score.backoffs.values.contains { $0 > now }
        if isWorthless {
            scores[peer] = nil
            return
        }
        scores[peer]?.leftAt = now
        for topic in score.topics.keys.sorted() {
            scores[peer]?.topics[topic]?.first = 0
        }
        retained.append((now.advanced(byMilliseconds: scoring.retainMilliseconds), peer))
        if retained.count > GossipLimits.retainedScores { forgetFirstRetained() }
    }

    private mutating func forgetFirstRetained() {
        guard let first = retained.popFirst(), neighbours[first.peer] == nil,
            let left = scores[first.peer]?.leftAt,
            left.advanced(byMilliseconds: scoring.retainMilliseconds) == first.end
        else { return }
        scores[first.peer] = nil
    }

    /// Lets time heal: counts shrink, time in the mesh grows, old scores go.
    mutating func decayScores(at now: Instant) {
        guard let due = nextDecay else {
            nextDecay = now.advanced(byMilliseconds: scoring.decayMilliseconds)
            return
        }
        guard due <= now else { return }
        nextDecay = now.advanced(byMilliseconds: scoring.decayMilliseconds)
        while let first = retained.first, first.end <= now { forgetFirstRetained() }
        for peer in present.elements {
            GossipDecay.apply(
                behaviourDecay, to: &scores[peer, default: GossipScore()].behaviour)
            for (topic, rules, decay) in decays {
                guard var inTopic = scores[peer]?.topics[topic] else { continue }
                decay.apply(to: &inTopic)
                if let grafted = inTopic.graftedAt {
                    inTopic.meshMilliseconds = now.milliseconds(since: grafted)
                    if inTopic.meshMilliseconds > rules.meshActivationMilliseconds {
                        inTopic.isActive = true
                    }
                }
                scores[peer]?.topics[topic] = inTopic
            }
            if let backoffs = scores[peer]?.backoffs, !backoffs.isEmpty {
                scores[peer]?.backoffs = backoffs.filter { $0.value > now }
            }
        }
    }
}

/// The factors of one topic's counts.
struct GossipDecay {
    let first: Double
    let mesh: Double
    let failures: Double
    let invalid: Double

    init(_ rules: GossipTopicScoring, every step: UInt64) {
        first = GossipScoring.decay(overMilliseconds: rules.firstMilliseconds, every: step)
        mesh = GossipScoring.decay(overMilliseconds: rules.meshMilliseconds, every: step)
        failures = GossipScoring.decay(overMilliseconds: rules.failureMilliseconds, every: step)
        invalid = GossipScoring.decay(overMilliseconds: rules.invalidMilliseconds, every: step)
    }

    func apply(to score: inout GossipScore.InTopic) {
        Self.apply(first, to: &score.first)
        Self.apply(mesh, to: &score.inMesh)
        Self.apply(failures, to: &score.failures)
        Self.apply(invalid, to: &score.invalid)
    }

    static func apply(_ factor: Double, to count: inout Double) {
        guard count > 0 else { return }
        count *= factor
        if count < GossipScoring.zero { count = 0 }
    }
}
