// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// Comparing what this node follows with what others say, after CometBFT's detector.
///
/// Peers name their newest header by height and hash. The newest is fetched from one of them, the
/// others' words bear witness: whoever names another hash for a height that is followed must show
/// the header. Shows it one that the trusted committee signed, the chain has two heads, and this
/// node stops. Shows it anything else, it lied.
extension HeaderSyncMachine {
    /// A peer named its newest header.
    ///
    /// The header itself came along unless `isFetching`.
    mutating func told(
        _ saying: WitnessBook.Saying, isFetching: Bool = true, into effects: inout [Effect]
    ) {
        claimedHeight = max(claimedHeight, saying.height)
        witnesses.note(saying)
        guard let head else { return }
        if saying.height > head.height.value {
            if isFetching { chaseNews(into: &effects) }
        } else {
            compare(saying, into: &effects)
        }
    }

    /// Fetches the highest header that anybody named, from one peer at a time.
    mutating func chaseNews(into effects: inout [Effect]) {
        guard let head, witnesses.chase == nil, haltReason == nil else { return }
        let news = witnesses.sayings.filter {
            $0.height > head.height.value && peers.contains($0.peer)
        }
        guard let best = news.max(by: { $0.height < $1.height }) else { return }
        witnesses.chase = (best.peer, best.height)
        effects.append(.request(.range(from: best.height, count: 1), from: best.peer))
    }

    /// A header became the newest that is followed: what others said of its height is compared.
    mutating func witness(_ header: ChainHeader, into effects: inout [Effect]) {
        witnesses.follow(header.height.value, header.hash)
        for saying in witnesses.sayings where saying.height == header.height.value {
            compare(saying, into: &effects)
        }
    }

    private mutating func compare(_ saying: WitnessBook.Saying, into effects: inout [Effect]) {
        guard let ours = witnesses.followed(at: saying.height), ours != saying.hash else { return }
        suspect(
            saying.peer, at: saying.height, "named a newest header that it does not have",
            into: &effects)
    }

    /// Asks a peer that contradicts this node to show its header.
    mutating func suspect(
        _ peer: Peer, at height: UInt64, _ reason: String, into effects: inout [Effect]
    ) {
        guard witnesses.suspicion == nil, witnesses.contradiction == nil else { return }
        witnesses.suspicion = WitnessBook.Suspicion(
            peer: peer, height: height, reason: reason)
        effects.append(.request(.range(from: height, count: 1), from: peer))
    }

    /// Takes an answer that was asked for here; returns whether it was.
    mutating func tookAnswer(
        from: UInt64, by peer: Peer, _ headers: [ChainHeader], at now: Instant,
        into effects: inout [Effect]
    ) -> Bool {
        if let suspicion = witnesses.suspicion, suspicion.peer == peer, suspicion.height == from {
            witnesses.suspicion = nil
            guard let header = headers.first, header.height.value == from,
                let head, from <= head.height.value
            else {
                punish(peer, suspicion.reason, into: &effects)
                return true
            }
            if from == head.height.value {
                judge(header, against: head, suspicion, into: &effects)
            } else {
                witnesses.contradiction = (header, suspicion)
                effects.append(.recall(from))
            }
            return true
        }
        guard let chase = witnesses.chase, chase.peer == peer, chase.height == from else {
            return false
        }
        guard let header = headers.first, header.height.value == from else {
            witnesses.forget(peer)
            return true
        }
        witnesses.chase = nil
        offer(header, by: peer, at: now, into: &effects)
        return true
    }

    /// A header of ours came from the store: a contradiction may have waited for it.
    mutating func recalledOurs(_ ours: ChainHeader, into effects: inout [Effect]) {
        guard let (theirs, suspicion) = witnesses.contradiction, theirs.height == ours.height
        else { return }
        witnesses.contradiction = nil
        judge(theirs, against: ours, suspicion, into: &effects)
    }

    private mutating func judge(
        _ theirs: ChainHeader, against ours: ChainHeader, _ suspicion: WitnessBook.Suspicion,
        into effects: inout [Effect]
    ) {
        guard theirs.hash != ours.hash else {
            punish(suspicion.peer, suspicion.reason, into: &effects)
            return
        }
        do {
            try rules.checkBelow(theirs)
            var tally = CommitTally(theirs.commit, chainID: rules.chainID)
            try tally.require(moreThan: .oneThird, of: ours.validatorSet)
        } catch {
            punish(suspicion.peer, "shows a header of its own: \(error)", into: &effects)
            return
        }
        let divergence = HeaderDivergence(ours: ours, theirs: theirs, witness: suspicion.peer)
        effects.append(.diverged(divergence))
        if !rules.isDeciding { halt(divergence.summary, into: &effects) }
    }

    // MARK: Where trust ends

    /// Stops following; only a new start with other trust goes on.
    mutating func halt(_ reason: String, into effects: inout [Effect]) {
        guard haltReason == nil else { return }
        haltReason = reason
        effects.append(.halted(reason))
    }

    /// Refuses to begin at a genesis that is too old, whatever time the first header says: the keys of
    /// its committee may be anybody's by now, and sign a first header of today.
    mutating func judgeGenesis(at now: Instant, into effects: inout [Effect]) {
        guard case .genesis = rules.trust, let time = rules.genesisTime else { return }
        let moment = Timestamp(nanosecondsSince1970: now.nanoseconds)
        guard !LightVerification.isTrusted(time, now: moment, rules: rules.light) else { return }
        let days = rules.light.trustingPeriodNanoseconds / 86_400_000_000_000
        halt(
            "the genesis is from \(time), older than the trusting period of \(days) days, and its "
                + "committee proves nothing any more. Get the hash of a recent header from somebody "
                + "you trust and start with it as the trusted one", into: &effects)
    }

    /// Refuses to go on from a header that is too old to say anything, unless another is trusted.
    ///
    /// Whoever once was in a committee can sign any past for nothing; so what is older than the
    /// trusting period proves nothing to somebody who was away (weak subjectivity).
    mutating func judgeAge(of header: ChainHeader, at now: Instant, into effects: inout [Effect]) {
        let moment = Timestamp(nanosecondsSince1970: now.nanoseconds)
        guard !LightVerification.isTrusted(header.time, now: moment, rules: rules.light) else {
            return
        }
        if case .hash(let hash) = rules.trust, hash != header.hash, head == header {
            head = nil
            return
        }
        let days = rules.light.trustingPeriodNanoseconds / 86_400_000_000_000
        halt(
            "header \(header.height) (\(header.hash.hex)) is from \(header.time), older than the "
                + "trusting period of \(days) days, and proves nothing any more. Get the hash of a "
                + "recent header from somebody you trust and start with it as the trusted one",
            into: &effects)
    }
}
