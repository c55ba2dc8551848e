// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import Machinery

/// Follows the chain of headers from one that is trusted.
///
/// The newest header is verified by skipping: the committee that is trusted must have signed it
/// with enough power, and where it changed too much, a header in between is fetched and verified
/// first. What lies between two verified headers is then filled from above, each header being the
/// one whose hash the header after it names, which needs no signature at all.
///
/// Specified in Protocol/10-chain-and-ledger.md.
package struct HeaderSyncMachine: Machine {
    /// What can happen while headers are followed.
    package enum Event: Sendable {
        /// Where to begin; with the newest verified header and the heights of earlier runs.
        case began(head: ChainHeader?, held: HeightRanges)
        /// These peers may be asked from now on.
        case peersChanged([Peer])
        /// A peer answered; the headers are decoded, lowest first, and nothing more.
        case answered(HeaderRequest, by: Peer, [ChainHeader])
        /// A peer was asked for its newest header and only named it.
        case told(height: UInt64, hash: Bytes32, by: Peer)
        /// A peer does not have what was asked for, or failed to answer.
        case refused(HeaderRequest, by: Peer)
        /// A peer answered with what are no headers.
        case lied(HeaderRequest, by: Peer)
        /// A header of an earlier run, asked for by `recall`.
        case recalled(ChainHeader)
        /// A peer gossiped a header; answered by `judge` with this number.
        case gossiped(UInt64, ExtendedHeader, by: Peer)
        /// A committee that this node is a member of has decided a header.
        case decided(ChainHeader)
        /// Somebody this node trusts says that the chain has this height.
        case heardOf(UInt64)
        /// A peer showed a header that was asked for by its hash.
        case shown(ChainHeader, by: Peer)
        /// The block of this height, whose header names this parent, is proven wrong: nothing from it
        /// on is followed, and what is missing below it is fetched.
        case ended(before: UInt64, parent: Bytes32?)
        /// Nothing may be followed; the text says why and what to do.
        case forbidden(String)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Ask `peer` for headers.
        case request(HeaderRequest, from: Peer)
        /// These headers are verified: keep them. Heights ascend without a hole.
        case accept([ChainHeader])
        /// Read a header that was accepted earlier; answer by `recalled`.
        case recall(UInt64)
        /// What a gossiped header is worth.
        case judge(UInt64, GossipVerdict)
        /// Never ask `peer` again; the text says what was wrong.
        case penalize(Peer, String)
        /// The chain has two heads: keep the evidence. `halted` follows, unless this node decides.
        case diverged(HeaderDivergence)
        /// Nothing more is followed; the text tells the operator why and what to do.
        case halted(String)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// How many peers are asked for their newest header at once; `sync.headWitnesses`.
    package static let headWitnesses = 3
    /// How many headers are asked for at once; `sync.headersAtOnce`, the most a peer may give.
    package static let headersAtOnce: UInt64 = 64
    /// How long no news is asked for after a gossiped header was verified, in milliseconds;
    /// `sync.gossipPollMilliseconds`.
    package static let gossipPollMilliseconds: UInt64 = 10_000
    /// How many headers a bisection may hold; `sync.bisectionDepth`.
    package static let bisectionDepth = 64

    /// How many words of peers and followed heights are compared; `sync.witnessMemory`.
    package static let witnessMemory = 64

    struct Gap {
        var low: UInt64
        var high: UInt64
        var expected: Bytes32?
        var asked: Peer?
        var isRecalled = false
        var restsUntil: Instant?
        /// The hash of the header at `low`, where it is known.
        var lowHash: Bytes32?
        /// Whether it lies below where trust began.
        var isBelow = false
    }

    struct Candidate {
        let peer: Peer
        var stack: [ChainHeader]
        var pivot: UInt64?
    }

    /// What headers must satisfy.
    package let rules: HeaderRules
    let pollMilliseconds: UInt64
    let floor: UInt64?
    var peers: [Peer] = []
    private var liars = LiarList()
    /// The place of the one who was asked last.
    var turn = 0
    var nextPoll: Instant?
    private var waitingForHead: [Peer] = []
    private var waitingForStart: Peer?
    var candidate: Candidate?
    var gaps: [Gap] = []
    /// The newest verified header.
    package internal(set) var head: ChainHeader?
    /// The heights whose headers are verified.
    package internal(set) var held = HeightRanges()
    /// The highest height that any peer claimed, verified or not, unless it was found to lie.
    package internal(set) var claimedHeight: UInt64 = 0
    /// Why nothing more is followed, once that is so.
    package internal(set) var haltReason: String?
    var witnesses = WitnessBook()
    var hasBegun = false
    /// The height of a block that is proven wrong: the chain ends below it.
    var ceiling: UInt64?
    /// A header that was shown in a gap, while the one below the gap is read.
    var shownInGap: ChainHeader?

    /// Follows a chain under `rules`, asking for news every `pollMilliseconds`.
    ///
    /// Headers below where trust begins are fetched by hash links down to `floor`, if there is one.
    package init(rules: HeaderRules, pollMilliseconds: UInt64, floor: UInt64? = nil) {
        self.rules = rules
        self.floor = floor
        self.pollMilliseconds = pollMilliseconds
    }

    /// Whether every header from the first to the newest that peers claimed is held.
    package var isSynced: Bool {
        guard haltReason == nil else { return false }
        if ceiling != nil { return gaps.allSatisfy(\.isBelow) }
        guard let head else { return false }
        return gaps.allSatisfy(\.isBelow) && head.height.value >= claimedHeight
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .began(let head, let held):
            precondition(!hasBegun, "headers are followed from one beginning")
            hasBegun = true
            self.head = head
            self.held = held
            gaps = zip(held.ranges, held.ranges.dropFirst()).map {
                Gap(low: $0.upperBound, high: $1.lowerBound)
            }
            if let lowest = held.ranges.first?.lowerBound { fillBelow(lowest, expected: nil) }
            nextPoll = now
            if let head { judgeAge(of: head, at: now, into: &effects) }
        case .peersChanged(let peers):
            self.peers = peers.filter { !liars.contains($0) }
            forget { !peers.contains($0) }
            nextPoll = now
        case .answered(let request, let peer, let headers):
            answered(request, by: peer, headers, at: now, into: &effects)
        case .told(let height, let hash, let peer):
            forget(.head, of: peer)
            guard ceiling == nil else { break }
            told(
                WitnessBook.Saying(peer: peer, height: height, hash: hash), into: &effects)
        case .refused(let request, let peer):
            forget(request, of: peer)
            if ceiling == nil { chaseNews(into: &effects) }
            if case .range(let from, _) = request { rest(gapWith: from, at: now, into: &effects) }
        case .lied(let request, let peer):
            forget(request, of: peer)
            punish(peer, "undecodable answer to \(request)", into: &effects)
        case .recalled(let header):
            for index in gaps.indices where gaps[index].high == header.height.value {
                gaps[index].expected = header.header.lastBlockID.hash
            }
            recalledOurs(header, into: &effects)
            recalledBelow(header, at: now, into: &effects)
        case .gossiped(let number, let header, let peer):
            gossiped(number, ChainHeader(header), by: peer, at: now, into: &effects)
        case .decided(let header):
            decided(header, at: now, into: &effects)
        case .heardOf(let height):
            if let head, height > head.height.value { nextPoll = now }
        case .shown(let header, let peer):
            shown(header, by: peer, at: now, into: &effects)
        case .ended(let height, let parent):
            end(before: height, parent: parent)
        case .forbidden(let reason):
            halt(reason, into: &effects)
        case .woke:
            break
        }
        guard hasBegun, haltReason == nil else { return }
        if ceiling == nil { poll(at: now, into: &effects) }
        fill(at: now, into: &effects)
    }

    // MARK: Answers

    private mutating func answered(
        _ request: HeaderRequest, by peer: Peer, _ headers: [ChainHeader], at now: Instant,
        into effects: inout [Effect]
    ) {
        forget(request, of: peer, keepingCandidate: true)
        if ceiling != nil {
            guard case .range(let from, _) = request else { return }
            fillGap(from: from, by: peer, headers, at: now, into: &effects)
            return
        }
        switch request {
        case .head:
            guard let header = headers.first else { return }
            told(
                WitnessBook.Saying(
                    peer: peer, height: header.height.value, hash: header.hash),
                isFetching: false, into: &effects)
            offer(header, by: peer, at: now, into: &effects)
        case .hash:
            start(headers.first, by: peer, at: now, into: &effects)
        case .range(let from, let count):
            if head == nil {
                start(headers.first, by: peer, at: now, into: &effects)
            } else if count == 1,
                tookAnswer(from: from, by: peer, headers, at: now, into: &effects)
            {
                return
            } else if candidate?.peer == peer, candidate?.pivot == from, count == 1 {
                candidate?.pivot = nil
                guard let header = headers.first, header.height.value == from else {
                    candidate = nil
                    return
                }
                candidate?.stack.append(header)
                advanceCandidate(at: now, into: &effects)
            } else {
                fillGap(from: from, by: peer, headers, at: now, into: &effects)
            }
        }
    }

    private mutating func start(
        _ header: ChainHeader?, by peer: Peer, at now: Instant, into effects: inout [Effect]
    ) {
        guard head == nil, let header else { return }
        do {
            try rules.checkStart(header)
        } catch {
            punish(peer, "\(error)", into: &effects)
            return
        }
        judgeAge(of: header, at: now, into: &effects)
        judgeGenesis(at: now, into: &effects)
        guard haltReason == nil else { return }
        if !held.contains(header.height.value) {
            fillBelow(header.height.value, expected: header.header.lastBlockID.hash)
        }
        adopt(header, into: &effects)
        nextPoll = nil
    }

    mutating func offer(
        _ header: ChainHeader, by peer: Peer, at now: Instant, into effects: inout [Effect]
    ) {
        guard let head, header.height > head.height else { return }
        if candidate != nil {
            // A peer that keeps us bisecting must not keep us from what others can show at once.
            if rules.verify(header, from: head, at: now) == .verified {
                adopt(header, into: &effects)
            }
            return
        }
        candidate = Candidate(peer: peer, stack: [header])
        advanceCandidate(at: now, into: &effects)
    }

    /// Verifies the top of the stack; on too little trust, asks for a header half-way.
    private mutating func advanceCandidate(at now: Instant, into effects: inout [Effect]) {
        while let candidate, let next = candidate.stack.last, let head {
            guard next.height > head.height else {
                self.candidate?.stack.removeLast()
                if self.candidate?.stack.isEmpty == true { self.candidate = nil }
                continue
            }
            switch rules.verify(next, from: head, at: now) {
            case .verified:
                adopt(next, into: &effects)
            case .tooLittleTrust:
                let pivot = (head.height.value + next.height.value) / 2
                guard candidate.stack.count < Self.bisectionDepth, pivot > head.height.value
                else {
                    self.candidate = nil
                    punish(candidate.peer, "its chain cannot be bisected", into: &effects)
                    return
                }
                self.candidate?.pivot = pivot
                effects.append(.request(.range(from: pivot, count: 1), from: candidate.peer))
                return
            case .refused(let reason):
                self.candidate = nil
                punish(candidate.peer, reason, into: &effects)
                return
            case .forked(let reason):
                self.candidate = nil
                suspect(candidate.peer, at: head.height.value, reason, into: &effects)
                return
            case .undecided:
                self.candidate = nil
                return
            }
        }
    }

    mutating func adopt(_ header: ChainHeader, into effects: inout [Effect]) {
        if let head, header.height.value > head.height.value + 1 {
            gaps.append(
                Gap(
                    low: head.height.value, high: header.height.value,
                    expected: header.header.lastBlockID.hash, lowHash: head.hash))
        }
        head = header
        held.insert(header.height.value)
        claimedHeight = max(claimedHeight, header.height.value)
        effects.append(.accept([header]))
        witness(header, into: &effects)
    }

    // MARK: Asking

    private mutating func poll(at now: Instant, into effects: inout [Effect]) {
        guard !peers.isEmpty, nextPoll.map({ $0 <= now }) ?? true else { return }
        let next = now.advanced(byMilliseconds: pollMilliseconds)
        nextPoll = next
        effects.append(.wake(at: next))
        if head == nil {
            guard waitingForStart == nil, let peer = nextPeer() else { return }
            waitingForStart = peer
            effects.append(.request(rules.startRequest, from: peer))
            return
        }
        for _ in 0..<min(Self.headWitnesses, peers.count) {
            guard let peer = nextPeer(), !waitingForHead.contains(peer) else { continue }
            waitingForHead.append(peer)
            effects.append(.request(.head, from: peer))
        }
    }

    mutating func nextPeer() -> Peer? {
        guard !peers.isEmpty else { return nil }
        turn = (turn + 1) % peers.count
        return peers[turn]
    }

    private mutating func forget(
        _ request: HeaderRequest, of peer: Peer, keepingCandidate: Bool = false
    ) {
        waitingForHead.removeAll { $0 == peer && request == .head }
        if case .range(let from, 1) = request, !keepingCandidate {
            witnesses.forget(peer) { $0 == from }
        }
        if waitingForStart == peer, head == nil { waitingForStart = nil }
        if case .range(let from, _) = request {
            if !keepingCandidate, candidate?.peer == peer, candidate?.pivot == from {
                candidate = nil
            }
            for index in gaps.indices
            where gaps[index].asked == peer && gaps[index].low < from && from < gaps[index].high {
                gaps[index].asked = nil
            }
        }
    }

    /// Forgets what was asked of peers that are gone.
    private mutating func forget(where isGone: (Peer) -> Bool) {
        waitingForHead.removeAll(where: isGone)
        if let peer = waitingForStart, isGone(peer) { waitingForStart = nil }
        if let peer = candidate?.peer, isGone(peer) { candidate = nil }
        if let peer = witnesses.chase?.peer, isGone(peer) { witnesses.chase = nil }
        if let peer = witnesses.suspicion?.peer, isGone(peer) { witnesses.suspicion = nil }
        for index in gaps.indices {
            if let peer = gaps[index].asked, isGone(peer) { gaps[index].asked = nil }
        }
    }

    mutating func punish(
        _ peer: Peer, _ reason: String, into effects: inout [Effect]
    ) {
        peers.removeAll { $0 == peer }
        witnesses.discard(peer)
        claimedHeight = max(head?.height.value ?? 0, witnesses.highest)
        if liars.insert(peer) { effects.append(.penalize(peer, reason)) }
        forget { $0 == peer }
    }
}
