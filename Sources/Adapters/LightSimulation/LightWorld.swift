// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery
internal import Syncing

/// A light client among honest nodes and liars, in virtual time: the product's own header sync.
///
/// The client comes and goes. When it was away for longer than headers are trusted it must say so, and
/// a person gives it a hash to begin with anew. Invariant I11: whatever it takes is the chain's, as
/// long as less than a third of each committee lies.
package struct LightWorld {
    private let scenario: LightScenario
    private let chain: ElectedChain
    private let forger: Forger
    private var draw: LightDraw
    private var machine: HeaderSyncMachine
    private var now: UInt64
    private var queue: [(at: UInt64, event: HeaderSyncMachine.Event)] = []
    private var followed: [UInt64: ChainHeader] = [:]
    private var peers: [(peer: Peer, isLiar: Bool)] = []
    private var peerCount = 0
    /// When liars come in place of those who were found out.
    private var newcomers: [UInt64] = []
    private var pivots = 0
    private var haltText: String?
    private var report = LightReport()
    private let isNamingFirst: Bool
    private let honestCount: Int

    /// Elects a chain and picks who lies.
    package init(_ scenario: LightScenario) {
        self.scenario = scenario
        draw = LightDraw(seed: ~scenario.seed)
        chain = ElectedChain(scenario.plan)
        forger = Forger(
            chain, share: scenario.flaw == .tooManyLiars ? (2, 3) : (1, 3), &draw)
        isNamingFirst = draw.chance(percent: 50)
        honestCount = draw.chance(percent: 25) ? 0 : 1 + draw.index(below: 3)
        now = ElectedChain.start + (2 + draw.next(below: 30)) * scenario.plan.pace
        machine = HeaderSyncMachine(
            rules: HeaderRules(
                chainID: ElectedChain.chainID,
                trust: .genesis(validatorsHash: chain.header(1).validatorSet.hash),
                light: scenario.rules), pollMilliseconds: 60_000)
    }

    /// Runs until the chain ends, and says what happened.
    package mutating func run() -> LightReport {
        begin(trusting: nil)
        while now < ElectedChain.start + UInt64(chain.headers.count) * chain.plan.pace {
            session()
            guard report.violations.isEmpty else { break }
            now += 1 + draw.next(below: 9 * 86_400_000)
            // Behind the chain's end there is nothing recent to begin with.
            guard now < ElectedChain.start + UInt64(chain.headers.count) * chain.plan.pace else {
                break
            }
            begin(trusting: machine)
        }
        return report
    }

    /// The height that the chain has now.
    private var height: UInt64 { height(at: now) }

    private func height(at milliseconds: UInt64) -> UInt64 {
        min((milliseconds - ElectedChain.start) / chain.plan.pace, UInt64(chain.headers.count))
    }

    private static let genesisTime = Timestamp(
        nanosecondsSince1970: ElectedChain.start * 1_000_000)

    // MARK: Coming back

    /// Starts the client: at the chain's beginning, or where it had been.
    private mutating func begin(trusting before: HeaderSyncMachine?) {
        let trust: HeaderRules.Trust =
            before?.rules.trust ?? .genesis(validatorsHash: chain.header(1).validatorSet.hash)
        meetPeers()
        start(trust, head: before?.head, held: before?.held ?? HeightRanges())
        beginAnewIfTooOld()
    }

    /// Where the client stopped because what it trusts is too old, a person names a header that is not.
    private mutating func beginAnewIfTooOld() {
        guard let told = haltText else { return }
        let named = chain.headers.first { told.contains($0.hash.hex) }
        let end = named?.time.advanced(
            byNanoseconds: scenario.rules.trustingPeriodNanoseconds)
        let isOfGenesis = told.contains("the genesis is from \(Self.genesisTime)")
        let genesisEnd = Self.genesisTime.advanced(
            byNanoseconds: scenario.rules.trustingPeriodNanoseconds)
        guard told.contains("trusting period"),
            isOfGenesis ? genesisEnd <= moment : end.map({ $0 <= moment }) ?? false
        else {
            report.violations.append("it stopped: \(told)")
            return
        }
        report.expiredCount += 1
        let checkpoint = chain.header(height - min(height - 1, draw.next(below: 3)))
        start(.hash(checkpoint.hash), head: machine.head, held: machine.held)
        if let haltText {
            report.violations.append("it does not begin at a recent header: \(haltText)")
        }
    }

    private mutating func start(
        _ trust: HeaderRules.Trust, head: ChainHeader?, held: HeightRanges
    ) {
        queue = []
        pivots = 0
        haltText = nil
        machine = HeaderSyncMachine(
            rules: HeaderRules(
                chainID: ElectedChain.chainID, trust: trust, light: scenario.rules,
                genesisTime: Self.genesisTime),
            pollMilliseconds: 60_000)
        tell(.began(head: head, held: held))
        tell(.peersChanged(peers.map(\.peer)))
    }

    /// Liars come under new names, however often they were found out.
    private mutating func meetPeers() {
        peers = []
        newcomers = []
        for _ in 0..<honestCount { peers.append((newPeer(), false)) }
        for _ in 0..<1 + draw.index(below: 3) { peers.append((newPeer(), true)) }
    }

    private mutating func newPeer() -> Peer {
        peerCount += 1
        return Peer("peer \(peerCount)")
    }

    private var moment: Timestamp { Timestamp(nanosecondsSince1970: now * 1_000_000) }

    // MARK: A while of being there

    private mutating func session() {
        let end = now + 40 * 60_000
        while now < end, report.violations.isEmpty {
            beginAnewIfTooOld()
            guard let next = queue.indices.min(by: { queue[$0].at < queue[$1].at }) else { break }
            let (at, event) = queue.remove(at: next)
            guard at <= end else { break }
            now = max(now, at)
            tell(event)
            if newcomers.first.map({ $0 <= now }) ?? false {
                newcomers.removeFirst()
                peers.append((newPeer(), true))
                tell(.peersChanged(peers.map(\.peer)))
            }
            if draw.chance(percent: 3) { gossip() }
        }
        let isServed = peers.contains { !$0.isLiar }
        guard isServed, report.violations.isEmpty else { return }
        report.servedCount += 1
        // What came in the last ten minutes may not have been asked for yet.
        let expected = height(at: end - 600_000)
        if machine.head.map({ $0.height.value >= expected }) ?? false {
            report.syncedCount += 1
        } else {
            report.stories.append(
                "behind: \(machine.head?.height.value ?? 0) of \(expected), peers \(peers.count)")
        }
    }

    private mutating func gossip() {
        guard !peers.isEmpty else { return }
        let (peer, isLiar) = peers[draw.index(below: peers.count)]
        let header: ExtendedHeader
        if isLiar {
            header = forged(height + draw.next(below: 3))
        } else {
            header = chain.header(height)
        }
        tell(.gossiped(draw.next(), header, by: peer))
    }

    private mutating func tell(_ event: HeaderSyncMachine.Event) {
        var effects: [HeaderSyncMachine.Effect] = []
        machine.handle(event, at: Instant(nanoseconds: now * 1_000_000), into: &effects)
        for effect in effects { perform(effect) }
    }

    private mutating func perform(_ effect: HeaderSyncMachine.Effect) {
        switch effect {
        case .request(let request, let peer): answer(request, of: peer)
        case .accept(let headers): headers.forEach { accept($0) }
        case .recall(let height):
            if let header = followed[height] { queue.append((now, .recalled(header))) }
        case .judge(_, let verdict):
            if verdict == .reject { report.punishedCount += 1 }
        case .penalize(let peer, let reason):
            report.punishedCount += 1
            let isLiar = peers.first { $0.peer == peer }?.isLiar ?? true
            if !isLiar { report.violations.append("\(peer) is honest, and blamed: \(reason)") }
            peers.removeAll { $0.peer == peer }
            if isLiar { newcomers.append(now + 60_000) }
            queue.append((now, .peersChanged(peers.map(\.peer))))
        case .diverged(let divergence):
            report.violations.append("two heads: \(divergence.summary)")
        case .halted(let text): haltText = text
        case .wake(let at): queue.append((at.nanoseconds / 1_000_000, .woke))
        }
    }

    /// I11: what is taken is the chain's.
    private mutating func accept(_ header: ChainHeader) {
        report.acceptedCount += 1
        let height = header.height.value
        followed[height] = header
        guard height <= UInt64(chain.headers.count),
            header.hash == chain.header(height).hash
        else {
            report.violations.append("I11: header \(height) is not the chain's")
            return
        }
        if pivots > 0, height == self.height {
            report.bisectionCount += 1
            report.pivotsMax = max(report.pivotsMax, pivots)
            pivots = 0
        }
    }

    // MARK: Answers

    private mutating func answer(_ request: HeaderRequest, of peer: Peer) {
        guard let known = peers.first(where: { $0.peer == peer }) else { return }
        let at = now + 20 + draw.next(below: 300)
        if case .range(let from, 1) = request, let head = machine.head,
            from > head.height.value, from < height, !known.isLiar
        {
            pivots += 1
        }
        if known.isLiar, draw.chance(percent: 70) {
            queue.append((at, lie(request, peer)))
            return
        }
        queue.append((at, truth(request, peer)))
    }

    private func truth(_ request: HeaderRequest, _ peer: Peer) -> HeaderSyncMachine.Event {
        let found: [ExtendedHeader]
        switch request {
        case .head:
            let head = chain.header(height)
            if isNamingFirst {
                return .told(height: head.height.value, hash: head.hash, by: peer)
            }
            found = [head]
        case .hash(let hash): found = chain.headers.prefix(Int(height)).filter { $0.hash == hash }
        case .range(let from, let count):
            let last = min(from + count - 1, height)
            found = from <= last ? (from...last).map { chain.header($0) } : []
        }
        guard !found.isEmpty else { return .refused(request, by: peer) }
        return .answered(request, by: peer, found.map { ChainHeader($0) })
    }

    private mutating func lie(
        _ request: HeaderRequest, _ peer: Peer
    ) -> HeaderSyncMachine.Event {
        switch request {
        case .head:
            let header = forged(height + draw.next(below: 4) - min(height - 1, draw.next(below: 3)))
            return draw.chance(percent: 50)
                ? .told(height: header.height.value, hash: header.hash, by: peer)
                : .answered(request, by: peer, [ChainHeader(header)])
        case .hash: return .answered(request, by: peer, [ChainHeader(forged(height))])
        case .range(let from, let count):
            guard draw.chance(percent: 90) else { return .refused(request, by: peer) }
            return .answered(
                request, by: peer,
                (from..<from + min(count, 4)).map { ChainHeader(forged($0)) })
        }
    }

    private mutating func forged(_ height: UInt64) -> ExtendedHeader {
        report.forgeryCount += 1
        return forger.forge(
            height, above: machine.head?.height.value ?? 1, at: now, &draw)
    }
}
