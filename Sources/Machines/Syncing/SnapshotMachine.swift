// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Machinery
package import StateTree

/// Gets a state from a snapshot instead of executing all blocks before it.
///
/// Peers say which snapshots they have; the newest is taken whose header is verified here, and every
/// chunk is held to that header's app hash before it counts. Who sends what is provably false is
/// penalised; who is merely slow, or has it no longer, rests, and others are asked. Specified in
/// Protocol/23-state-tree.md#snapshot-exchange.
package struct SnapshotMachine: Machine {
    /// What can happen while a state is fetched.
    package enum Event: Sendable {
        /// A state is wanted that a header above this height commits to.
        case wanted(above: UInt64, version: UInt64, store: any NodeStore)
        /// No state is wanted any more.
        case unwanted
        /// These peers may be asked from now on.
        case peersChanged([Peer])
        /// The app hash of a header that is verified, or nil where there is no such header.
        case header(UInt64, appHash: Bytes32?)
        /// A peer answered.
        case answered(SnapshotAnswer, by: Peer)
        /// A peer did not answer in time, or in no form that can be read.
        case unanswered(by: Peer)
        /// What was to be kept could not be.
        case notKept(String)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Sendable {
        /// Ask a peer; answered by `answered` or `unanswered`.
        case ask(SnapshotQuestion, of: Peer)
        /// Look a header up; answered by `header`.
        case readHeader(UInt64)
        /// Make nodes of the tree durable.
        case keep(StateTreeChange)
        /// Nodes of this version are of no use.
        case abandon(version: UInt64)
        /// A peer sent what is provably false.
        case penalize(Peer, String)
        /// The state that this header commits to is there, as soon as all is kept.
        case restored(height: UInt64, StateTree)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// How many questions are under way at once; `snapshots.questionsAtOnce`.
    package static let questionsAtOnce = 8
    /// How many peers are remembered; `snapshots.peersMax`.
    package static let peersMax = 64
    /// How long a peer rests that did not answer, at first; `snapshots.restMilliseconds`.
    package static let restMilliseconds: UInt64 = 1_000
    /// How often a peer may fail before it is no longer asked for one snapshot; `snapshots.failuresMax`.
    package static let failuresMax = 3
    /// How long to wait before looking for another snapshot; `snapshots.seekMilliseconds`.
    package static let seekMilliseconds: UInt64 = 5_000
    /// How long other offers are waited for after the first; `snapshots.offerMilliseconds`.
    package static let offerMilliseconds: UInt64 = 1_000

    struct Holder {
        let peer: Peer
        var heights: [UInt64]?
        var question: SnapshotQuestion?
        var failures = 0
        var restsUntil: Instant?
        /// It said, or showed, that it has not got what is being fetched.
        var isUnfit = false
    }

    enum Stage {
        case idle
        /// Nobody had what is wanted.
        case resting(until: Instant)
        case seeking(until: Instant?)
        case checking(UInt64)
        case manifest(UInt64, root: Bytes32)
        case chunks(UInt64, SnapshotRestore, from: Peer)
    }

    var stage = Stage.idle
    var holders: [Holder] = []
    var peers: [Peer] = []
    var above: UInt64 = 0
    var version: UInt64 = 0
    var store: any NodeStore = EmptyNodeStore()
    /// Heights without a verified header, or whose snapshots came to nothing.
    var refusedHeights: [UInt64] = []
    /// Which peers sent chunks that are right but not where the manifest has them.
    var doubts: [(number: Int, peer: Peer)] = []

    /// Waits until a state is wanted.
    package init() {}

    /// Whether a state is being fetched.
    package var isFetching: Bool {
        if case .idle = stage { false } else { true }
    }

    /// How often nobody had a snapshot, or none that came to anything, since a state was wanted.
    package private(set) var fruitless = 0

    /// The height that is being fetched, with how many chunks are there of how many; for watchers.
    package var progress: (height: UInt64, taken: Int, of: Int)? {
        guard case .chunks(let height, let restore, _) = stage else { return nil }
        let count = restore.manifest.ends.count
        return (height, count - restore.missing.count, count)
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .wanted(let above, let version, let store):
            self.above = above
            self.version = version
            self.store = store
            refusedHeights = []
            fruitless = 0
            seek(at: now)
        case .unwanted:
            abandon(into: &effects)
            stage = .idle
            holders = []
        case .peersChanged(let peers):
            self.peers = Array(peers.prefix(Self.peersMax))
            holders.removeAll { holder in !peers.contains(holder.peer) }
        case .header(let height, let appHash):
            headerCame(height, appHash, at: now)
        case .answered(let answer, let peer):
            answered(answer, by: peer, at: now, into: &effects)
        case .unanswered(let peer):
            failed(peer, at: now, into: &effects)
        case .notKept:
            guard isFetching else { break }
            abandon(into: &effects)
            rest(at: now, into: &effects)
        case .woke: break
        }
        advance(at: now, into: &effects)
    }

    private mutating func seek(at now: Instant) {
        stage = .seeking(until: nil)
        holders = []
        doubts = []
    }

    /// Looks for another snapshot after a while.
    mutating func rest(at now: Instant, into effects: inout [Effect]) {
        let until = now.advanced(byMilliseconds: Self.seekMilliseconds)
        stage = .resting(until: until)
        holders = []
        doubts = []
        fruitless += 1
        effects.append(.wake(at: until))
    }

    /// What was kept of a snapshot that is given up is of no use.
    mutating func abandon(into effects: inout [Effect]) {
        guard case .chunks(_, let restore, _) = stage else { return }
        effects.append(.abandon(version: restore.manifest.version))
    }

    private mutating func headerCame(_ height: UInt64, _ appHash: Bytes32?, at now: Instant) {
        guard case .checking(height) = stage else { return }
        if let appHash, !appHash.isZero {
            stage = .manifest(height, root: appHash)
            for index in holders.indices {
                holders[index].isUnfit = holders[index].heights?.contains(height) != true
                holders[index].failures = 0
            }
        } else {
            if refusedHeights.count >= Self.peersMax { refusedHeights.removeFirst() }
            refusedHeights.append(height)
            stage = .seeking(until: now)
        }
    }

    // MARK: Asking

    mutating func advance(at now: Instant, into effects: inout [Effect]) {
        if case .resting(let until) = stage, until <= now { seek(at: now) }
        switch stage {
        case .idle, .checking, .resting: return
        case .seeking(let until): seekOn(until: until, at: now, into: &effects)
        case .manifest(let height, _):
            let isAsking = holders.contains { $0.question == .manifest(height: height) }
            if !isAsking, let index = next(at: now) {
                ask(.manifest(height: height), index, into: &effects)
            }
            giveUpIfAlone(height, at: now, into: &effects)
        case .chunks(let height, let restore, _):
            askForChunks(height, restore, at: now, into: &effects)
            giveUpIfAlone(height, at: now, into: &effects)
        }
    }

    private mutating func seekOn(
        until: Instant?, at now: Instant, into effects: inout [Effect]
    ) {
        for peer in peers where !holders.contains(where: { $0.peer == peer }) {
            holders.append(Holder(peer: peer))
        }
        for index in holders.indices
        where holders[index].heights == nil && holders[index].question == nil
            && !isResting(holders[index], now) && askingCount < Self.questionsAtOnce
        {
            ask(.list, index, into: &effects)
        }
        let newest = holders.flatMap { $0.heights ?? [] }
            .filter { $0 > above && !refusedHeights.contains($0) }.max()
        guard let newest else {
            // Those that have nothing may have something later.
            let isWaiting = holders.contains { $0.heights == nil }
            if !isWaiting { rest(at: now, into: &effects) }
            return
        }
        let isAsking = holders.contains { $0.question != nil }
        if isAsking, until.map({ now < $0 }) ?? true {
            guard until == nil else { return }
            let moment = now.advanced(byMilliseconds: Self.offerMilliseconds)
            stage = .seeking(until: moment)
            effects.append(.wake(at: moment))
            return
        }
        stage = .checking(newest)
        effects.append(.readHeader(newest))
    }

    private mutating func askForChunks(
        _ height: UInt64, _ restore: SnapshotRestore, at now: Instant,
        into effects: inout [Effect]
    ) {
        for number in restore.missing {
            guard askingCount < Self.questionsAtOnce else { return }
            let question = SnapshotQuestion.chunk(height: height, number: UInt32(number))
            if holders.contains(where: { $0.question == question }) { continue }
            let doubted = doubts.filter { $0.number == number }.map(\.peer)
            guard let index = next(at: now, except: doubted) else { continue }
            ask(question, index, into: &effects)
        }
    }

    private var askingCount: Int { holders.count { $0.question != nil } }

    /// The first that may be asked, the fewest failures first.
    private func next(at now: Instant, except: [Peer] = []) -> Int? {
        holders.indices.filter {
            !holders[$0].isUnfit && holders[$0].question == nil
                && !isResting(holders[$0], now) && !except.contains(holders[$0].peer)
        }.min { holders[$0].failures < holders[$1].failures }
    }

    private func isResting(_ holder: Holder, _ now: Instant) -> Bool {
        holder.restsUntil.map { now < $0 } ?? false
    }

    private mutating func ask(
        _ question: SnapshotQuestion, _ index: Int, into effects: inout [Effect]
    ) {
        holders[index].question = question
        effects.append(.ask(question, of: holders[index].peer))
    }

    /// Nobody is left who has it: another snapshot is looked for.
    private mutating func giveUpIfAlone(
        _ height: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard !holders.contains(where: { !$0.isUnfit }) else { return }
        abandon(into: &effects)
        rest(at: now, into: &effects)
    }
}
