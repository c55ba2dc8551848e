// SPDX-License-Identifier: Apache-2.0

internal import Bytes
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
        case began(head: ExtendedHeader?, held: HeightRanges)
        /// These peers may be asked from now on.
        case peersChanged([Peer])
        /// A peer answered; the headers are decoded, lowest first, and nothing more.
        case answered(HeaderRequest, by: Peer, [ExtendedHeader])
        /// A peer does not have what was asked for, or failed to answer.
        case refused(HeaderRequest, by: Peer)
        /// A peer answered with what are no headers.
        case lied(HeaderRequest, by: Peer)
        /// A header of an earlier run, asked for by `recall`.
        case recalled(ExtendedHeader)
        /// A peer gossiped a header; answered by `judge` with this number.
        case gossiped(UInt64, ExtendedHeader, by: Peer)
        /// Somebody this node trusts says that the chain has this height.
        case heardOf(UInt64)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Ask `peer` for headers.
        case request(HeaderRequest, from: Peer)
        /// These headers are verified: keep them. Heights ascend without a hole.
        case accept([ExtendedHeader])
        /// Read a header that was accepted earlier; answer by `recalled`.
        case recall(UInt64)
        /// What a gossiped header is worth.
        case judge(UInt64, GossipVerdict)
        /// Never ask `peer` again; the text says what was wrong.
        case penalize(Peer, String)
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

    struct Gap {
        var low: UInt64
        var high: UInt64
        var expected: Bytes32?
        var asked: Peer?
        var isRecalled = false
        var restsUntil: Instant?
    }

    struct Candidate {
        let peer: Peer
        var stack: [ExtendedHeader]
        var pivot: UInt64?
    }

    let rules: HeaderRules
    private let pollMilliseconds: UInt64
    var peers: [Peer] = []
    private var liars = LiarList()
    private var turn = 0
    var nextPoll: Instant?
    private var waitingForHead: [Peer] = []
    private var waitingForStart: Peer?
    var candidate: Candidate?
    private var gaps: [Gap] = []
    /// The newest verified header.
    package private(set) var head: ExtendedHeader?
    /// The heights whose headers are verified.
    package private(set) var held = HeightRanges()
    /// The highest height that any peer claimed, verified or not.
    package private(set) var claimedHeight: UInt64 = 0
    var hasBegun = false

    /// Follows a chain under `rules`, asking for news every `pollMilliseconds`.
    package init(rules: HeaderRules, pollMilliseconds: UInt64) {
        self.rules = rules
        self.pollMilliseconds = pollMilliseconds
    }

    /// Whether every header from the first to the newest that peers claimed is held.
    package var isSynced: Bool {
        guard let head else { return false }
        return gaps.isEmpty && head.height.value >= claimedHeight
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
            nextPoll = now
        case .peersChanged(let peers):
            self.peers = peers.filter { !liars.contains($0) }
            forget { !peers.contains($0) }
            nextPoll = now
        case .answered(let request, let peer, let headers):
            answered(request, by: peer, headers, at: now, into: &effects)
        case .refused(let request, let peer):
            forget(request, of: peer)
            if case .range(let from, _) = request { rest(gapWith: from, at: now, into: &effects) }
        case .lied(let request, let peer):
            forget(request, of: peer)
            punish(peer, "undecodable answer to \(request)", into: &effects)
        case .recalled(let header):
            for index in gaps.indices where gaps[index].high == header.height.value {
                gaps[index].expected = header.header.lastBlockID.hash
            }
        case .gossiped(let number, let header, let peer):
            gossiped(number, header, by: peer, at: now, into: &effects)
        case .heardOf(let height):
            if let head, height > head.height.value { nextPoll = now }
        case .woke:
            break
        }
        guard hasBegun else { return }
        poll(at: now, into: &effects)
        fill(at: now, into: &effects)
    }

    // MARK: Answers

    private mutating func answered(
        _ request: HeaderRequest, by peer: Peer, _ headers: [ExtendedHeader], at now: Instant,
        into effects: inout [Effect]
    ) {
        forget(request, of: peer, keepingCandidate: true)
        switch request {
        case .head:
            guard let header = headers.first else { return }
            claimedHeight = max(claimedHeight, header.height.value)
            offer(header, by: peer, at: now, into: &effects)
        case .hash:
            start(headers.first, by: peer, into: &effects)
        case .range(let from, let count):
            if head == nil {
                start(headers.first, by: peer, into: &effects)
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
        _ header: ExtendedHeader?, by peer: Peer, into effects: inout [Effect]
    ) {
        guard head == nil, let header else { return }
        do {
            try rules.checkStart(header)
        } catch {
            punish(peer, "\(error)", into: &effects)
            return
        }
        adopt(header, into: &effects)
        nextPoll = nil
    }

    mutating func offer(
        _ header: ExtendedHeader, by peer: Peer, at now: Instant, into effects: inout [Effect]
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
            case .undecided:
                self.candidate = nil
                return
            }
        }
    }

    mutating func adopt(_ header: ExtendedHeader, into effects: inout [Effect]) {
        if let head, header.height.value > head.height.value + 1 {
            gaps.append(
                Gap(
                    low: head.height.value, high: header.height.value,
                    expected: header.header.lastBlockID.hash))
        }
        head = header
        held.insert(header.height.value)
        claimedHeight = max(claimedHeight, header.height.value)
        effects.append(.accept([header]))
    }

    // MARK: Gaps

    private mutating func fillGap(
        from: UInt64, by peer: Peer, _ headers: [ExtendedHeader], at now: Instant,
        into effects: inout [Effect]
    ) {
        guard
            let index = gaps.firstIndex(where: {
                $0.low < from && from < $0.high && $0.expected != nil
            })
        else { return }
        guard let last = headers.last, last.height.value == gaps[index].high - 1 else {
            rest(gapWith: from, at: now, into: &effects)
            return
        }
        var accepted: [ExtendedHeader] = []
        var expected = gaps[index].expected
        for header in headers.reversed() {
            guard header.height.value > gaps[index].low else { break }
            guard header.height.value == gaps[index].high - 1 - UInt64(accepted.count),
                header.hash == expected
            else {
                punish(peer, "header \(header.height) is not the parent named", into: &effects)
                return
            }
            do {
                try rules.checkBelow(header)
            } catch {
                punish(peer, "\(error)", into: &effects)
                return
            }
            accepted.append(header)
            expected = header.header.lastBlockID.hash
        }
        gaps[index].high -= UInt64(accepted.count)
        gaps[index].expected = expected
        for header in accepted { held.insert(header.height.value) }
        if gaps[index].high == gaps[index].low + 1 { gaps.remove(at: index) }
        effects.append(.accept(accepted.reversed()))
    }

    private mutating func fill(at now: Instant, into effects: inout [Effect]) {
        for index in gaps.indices.reversed() where gaps[index].asked == nil {
            if let rest = gaps[index].restsUntil, rest > now { continue }
            gaps[index].restsUntil = nil
            guard gaps[index].expected != nil else {
                if !gaps[index].isRecalled { effects.append(.recall(gaps[index].high)) }
                gaps[index].isRecalled = true
                continue
            }
            guard let peer = nextPeer() else { return }
            let from = max(
                gaps[index].low + 1,
                gaps[index].high > Self.headersAtOnce ? gaps[index].high - Self.headersAtOnce : 1)
            gaps[index].asked = peer
            effects.append(
                .request(.range(from: from, count: gaps[index].high - from), from: peer))
            return
        }
    }

    /// Lets a gap wait when a peer had nothing for it, so that nobody is asked in a tight circle.
    private mutating func rest(
        gapWith from: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard let index = gaps.firstIndex(where: { $0.low < from && from < $0.high }) else {
            return
        }
        let until = now.advanced(byMilliseconds: pollMilliseconds)
        gaps[index].restsUntil = until
        effects.append(.wake(at: until))
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

    private mutating func nextPeer() -> Peer? {
        guard !peers.isEmpty else { return nil }
        turn = (turn + 1) % peers.count
        return peers[turn]
    }

    private mutating func forget(
        _ request: HeaderRequest, of peer: Peer, keepingCandidate: Bool = false
    ) {
        waitingForHead.removeAll { $0 == peer && request == .head }
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
        for index in gaps.indices {
            if let peer = gaps[index].asked, isGone(peer) { gaps[index].asked = nil }
        }
    }

    private mutating func punish(
        _ peer: Peer, _ reason: String, into effects: inout [Effect]
    ) {
        peers.removeAll { $0 == peer }
        if liars.insert(peer) { effects.append(.penalize(peer, reason)) }
        forget { $0 == peer }
    }
}
