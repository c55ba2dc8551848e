// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare
package import Machinery

/// Decides, for one block, whether its data is available to the network.
///
/// It asks storage nodes for shares at coordinates nobody could have foreseen, spread over the peers
/// it knows, those of one peer together. Whoever gave the block's header is asked for one share at
/// most while others are known: who chooses the header must not choose the answers, too. A peer that
/// is slow or has nothing is passed over and the share asked of another; one that sends a false
/// proof is penalised. What is missing after three rounds is asked of all known peers and then of
/// strangers, so that nobody can be surrounded by a few. The machine concludes when every share
/// came, or at the deadline when one is still missing that enough peers were asked for. It never
/// concludes `withheld` because it had nobody to ask.
///
/// Specified in Protocol/08-sampling.md.
package struct SamplingMachine: Machine {
    /// What can happen while a block is being sampled.
    package enum Event: Sendable {
        /// The block is known, its coordinates are drawn, these peers may be asked, `late` of them
        /// after the others; `giver` gave the header, if that is known.
        case began(coordinates: [Coordinate], peers: [Peer], late: [Peer], giver: Peer?)
        /// `peer` sent a share whose proof holds; the digest of its answer goes into the receipt.
        case answered(Coordinate, by: Peer, digest: Bytes32)
        /// `peer` does not have the shares, or failed to answer; nobody lied.
        case refused([Coordinate], by: Peer)
        /// `peer` is overloaded; that it did not answer says nothing about the shares.
        case busy([Coordinate], by: Peer)
        /// `peer` was asked for these shares and sent something false.
        case lied([Coordinate], by: Peer)
        /// These peers may be asked from now on.
        case peersChanged([Peer])
        /// More peers were looked for, as `wantsPeers` asked; those known now are all there are.
        case searched
        /// A deadline asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Ask `peer` for the shares at these coordinates, at least one.
        case request([Coordinate], from: Peer)
        /// Connect to more peers until so many may be asked → `peersChanged`, at the end `searched`.
        case wantsPeers(Int)
        /// `peer` has not answered in time; its answer still counts, if it comes.
        case late(Peer)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
        /// Never ask `peer` again: it answered with bytes that are not in the block.
        case penalize(Peer)
        /// The verdict, with the receipts of the shares that came. Nothing follows it.
        case conclude(SamplingVerdict, [SampleReceipt])
    }

    /// How long one request may take; `sampling.requestMilliseconds`.
    package static let requestMilliseconds: UInt64 = 2_000
    /// How long an answer is waited for before others are asked as well; `sampling.hedgeMilliseconds`.
    package static let hedgeMilliseconds: UInt64 = 600
    /// How long a block's sampling may take; `sampling.blockMilliseconds`.
    package static let blockMilliseconds: UInt64 = 20_000
    /// How many peers the shares are spread over at least, and in how many rounds.
    ///
    /// `sampling.witnesses` in Protocol/constants.json.
    package static let witnesses = 3
    /// How many peers are asked for a share before it counts as withheld; `sampling.peersAskedMax`.
    ///
    /// All that can be found suffice when there are fewer, but never none.
    package static let peersAskedMax = 16
    /// How many peers the shares are spread over at most; `sampling.peersInTurnMax`.
    package static let peersInTurnMax = 8
    /// How many strangers are asked at once; `sampling.strangersAtOnce`.
    package static let strangersAtOnce = 4
    /// How long a search for strangers may take; `sampling.seekMilliseconds`.
    package static let seekMilliseconds: UInt64 = 4_000
    /// The first rest when everybody was asked; `sampling.roundPauseMilliseconds`.
    package static let roundPauseMilliseconds: UInt64 = 1_000
    /// The longest rest, each being twice the one before; `sampling.roundPauseMillisecondsMax`.
    package static let roundPauseMillisecondsMax: UInt64 = 8_000

    struct Cell {
        let coordinate: Coordinate
        /// Who was asked, and did not say that it is overloaded, or lie.
        var asked: [Peer] = []
        /// Who was overloaded since the last rest.
        var busy: [Peer] = []
        var receipt: SampleReceipt?
    }

    /// What a peer was asked for in this round, as far as it is open.
    struct Question {
        let peer: Peer
        var coordinates: [Coordinate]
        let lateAt: Instant
    }

    var cells: [Cell] = []
    var peers: [Peer] = []
    /// Which rows some peers have, as they said.
    ///
    /// They are asked for others when nobody is left who may have them; the square is `width` wide.
    package var slices: [Peer: RowSlice] = [:]
    package var width = DataAvailabilityHeader.widthMax
    /// Peers that are asked after the others.
    var late: [Peer] = []
    private var liars: [Peer] = []
    var giver: Peer?
    /// The one share that the header's giver was asked for.
    var givenByGiver: Coordinate?
    private(set) var deadline: Instant?
    /// What this round waits for.
    var questions: [Question] = []
    /// Rounds in which the missing shares were spread over the peers.
    var rounds = 0
    /// Whether all known peers were asked for all that is missing.
    var hasAskedAll = false
    /// Whether somebody was overloaded since the last rest.
    var wasBusy = false
    /// Before this it may be that a new block has not reached those who are known.
    private(set) var seekFrom = Instant(nanoseconds: 0)
    /// Whether more peers are wanted, since the block or its last extension began.
    var isSeeking = false
    /// Whether there are no more.
    var isExhausted = false
    /// When the rest is over.
    var restUntil: Instant?
    var pause = Self.roundPauseMilliseconds
    var turn = 0
    /// Whose turn it is after the next rest.
    var turnAgain = 0
    private(set) var hasConcluded = false

    /// Waits for `Event.began`.
    package init() {}

    /// How many shares are asked for.
    package var wanted: Int { cells.count }

    /// The shares that came so far.
    package var receipts: [SampleReceipt] { cells.compactMap(\.receipt) }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        if hasConcluded { return }
        switch event {
        case .began(let coordinates, let peers, let late, let giver):
            precondition(deadline == nil, "a sampling machine serves one block")
            cells = coordinates.map { Cell(coordinate: $0) }
            self.peers = peers
            self.late = late
            self.giver = giver
            seekFrom = now.advanced(byMilliseconds: Self.roundPauseMilliseconds)
            setDeadline(after: now, into: &effects)
        case .answered(let coordinate, let peer, let digest):
            settle(coordinate, by: peer, digest: digest, into: &effects)
        case .refused(let coordinates, let peer):
            release(coordinates, by: peer)
        case .busy(let coordinates, let peer):
            release(coordinates, by: peer)
            wasBusy = true
            for index in cells.indices where coordinates.contains(cells[index].coordinate) {
                cells[index].asked.removeAll { $0 == peer }
                if !cells[index].busy.contains(peer) { cells[index].busy.append(peer) }
            }
        case .lied(_, let peer):
            if !liars.contains(peer) {
                liars.append(peer)
                effects.append(.penalize(peer))
            }
            peers.removeAll { $0 == peer }
            questions.removeAll { $0.peer == peer }
            for index in cells.indices { cells[index].asked.removeAll { $0 == peer } }
        case .peersChanged(let peers):
            change(to: peers)
        case .searched: isExhausted = isSeeking
        case .woke:
            woke(at: now, into: &effects)
        }
        if !hasConcluded { askWhatIsMissing(at: now, into: &effects) }
    }

    private mutating func setDeadline(after now: Instant, into effects: inout [Effect]) {
        let end = now.advanced(byMilliseconds: Self.blockMilliseconds)
        deadline = end
        effects.append(.wake(at: end))
    }

    private mutating func settle(
        _ coordinate: Coordinate, by peer: Peer, digest: Bytes32, into effects: inout [Effect]
    ) {
        guard let index = cells.firstIndex(where: { $0.coordinate == coordinate }),
            cells[index].receipt == nil
        else { return }
        cells[index].receipt = SampleReceipt(coordinate: coordinate, peer: peer, digest: digest)
        for index in questions.indices {
            questions[index].coordinates.removeAll { $0 == coordinate }
        }
        questions.removeAll { $0.coordinates.isEmpty }
        if cells.allSatisfy({ $0.receipt != nil }) { conclude(.available, into: &effects) }
    }

    private mutating func release(_ coordinates: [Coordinate], by peer: Peer) {
        for index in questions.indices where questions[index].peer == peer {
            questions[index].coordinates.removeAll { coordinates.contains($0) }
        }
        questions.removeAll { $0.coordinates.isEmpty }
    }

    /// Those that stay keep their turns; those that are new come after them, and are asked at once.
    private mutating func change(to peers: [Peer]) {
        let known = self.peers
        self.peers =
            known.filter { peers.contains($0) }
            + peers.filter { !known.contains($0) && !liars.contains($0) }
        if rounds < Self.witnesses || !wasBusy, canAskSomebodyNew { restUntil = nil }
    }

    private mutating func woke(at now: Instant, into effects: inout [Effect]) {
        for question in questions where question.lateAt <= now {
            if !late.contains(question.peer) { late.append(question.peer) }
            effects.append(.late(question.peer))
        }
        questions.removeAll { $0.lateAt <= now }
        if let deadline, deadline <= now { giveUp(at: now, into: &effects) }
    }

    /// At the deadline: a verdict if the missing shares have their witnesses, else more time.
    private mutating func giveUp(at now: Instant, into effects: inout [Effect]) {
        // Whoever was asked a moment ago is no witness yet.
        if let last = questions.map(\.lateAt).max() {
            deadline = last
            return
        }
        let missing = cells.filter { $0.receipt == nil }
        if missing.allSatisfy({ isWitnessed($0) }) {
            conclude(.withheld(missing.map(\.coordinate)), into: &effects)
            return
        }
        setDeadline(after: now, into: &effects)
        isSeeking = false
        isExhausted = false
        restUntil = nil
        wasBusy = false
        pause = Self.roundPauseMilliseconds
        for index in cells.indices { cells[index].busy = [] }
    }

    /// Whether as many were asked for a share as there must be, or all that could be found.
    private func isWitnessed(_ cell: Cell) -> Bool {
        if cell.asked.count >= Self.peersAskedMax { return true }
        return isExhausted && !cell.asked.isEmpty
            && peers.allSatisfy { cell.asked.contains($0) || !mayAsk($0, for: cell) }
    }

    private mutating func conclude(_ verdict: SamplingVerdict, into effects: inout [Effect]) {
        hasConcluded = true
        effects.append(.conclude(verdict, receipts))
    }
}
