// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare
package import Machinery

/// Decides, for one block, whether its data is available to the network.
///
/// It asks storage nodes for shares at coordinates nobody could have foreseen, spread over all the
/// peers it knows, those of one peer together. Whoever gave the block's header is asked for one
/// share at most while others are known: who chooses the header must not choose the answers, too.
/// A peer that is slow or has nothing is passed over and the share asked of
/// another; one that sends a false proof is penalised. The machine concludes when every share came,
/// or at the deadline when one is still missing that enough peers were asked for. It never
/// concludes `withheld` because it had nobody to ask.
///
/// Specified in Protocol/08-sampling.md.
package struct SamplingMachine: Machine {
    /// What can happen while a block is being sampled.
    package enum Event: Sendable {
        /// The block is known, its coordinates are drawn, these peers may be asked; `giver` gave the
        /// header, if that is known.
        case began(coordinates: [Coordinate], peers: [Peer], giver: Peer?)
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
        /// A deadline asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Ask `peer` for the shares at these coordinates, at least one.
        case request([Coordinate], from: Peer)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
        /// Never ask `peer` again: it answered with bytes that are not in the block.
        case penalize(Peer)
        /// The verdict, with the receipts of the shares that came. Nothing follows it.
        case conclude(SamplingVerdict, [SampleReceipt])
    }

    /// How long one request may take; `sampling.requestMilliseconds`.
    package static let requestMilliseconds: UInt64 = 2_000
    /// How long a block's sampling may take; `sampling.blockMilliseconds`.
    package static let blockMilliseconds: UInt64 = 20_000
    /// How many peers must have been asked for a share that counts as withheld.
    ///
    /// All known peers suffice when there are fewer, but never none; `sampling.witnesses` in
    /// Protocol/constants.json.
    package static let witnesses = 3
    /// How long the machine rests when it has asked everybody; `sampling.roundPauseMilliseconds`.
    package static let roundPauseMilliseconds: UInt64 = 1_000

    private struct Cell {
        let coordinate: Coordinate
        var askedEver: [Peer] = []
        var askedThisRound: [Peer] = []
        var waiting: (peer: Peer, until: Instant)?
        var receipt: SampleReceipt?
    }

    private var cells: [Cell] = []
    private var peers: [Peer] = []
    private var liars: [Peer] = []
    private var giver: Peer?
    /// The one share that the header's giver was asked for.
    private var givenByGiver: Coordinate?
    private var deadline: Instant?
    private var nextRound: Instant?
    private var turn = 0
    private var hasConcluded = false

    /// Waits for `Event.began`.
    package init() {}

    /// How many shares are asked for.
    package var wanted: Int { cells.count }

    /// The shares that came so far.
    package var receipts: [SampleReceipt] { cells.compactMap(\.receipt) }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        if hasConcluded { return }
        switch event {
        case .began(let coordinates, let peers, let giver):
            precondition(deadline == nil, "a sampling machine serves one block")
            cells = coordinates.map { Cell(coordinate: $0) }
            self.peers = peers
            self.giver = giver
            let end = now.advanced(byMilliseconds: Self.blockMilliseconds)
            deadline = end
            effects.append(.wake(at: end))
            askWhatIsMissing(at: now, into: &effects)
        case .answered(let coordinate, let peer, let digest):
            settle(coordinate, by: peer, digest: digest, into: &effects)
        case .refused(let coordinates, let peer):
            release(coordinates, by: peer)
            askWhatIsMissing(at: now, into: &effects)
        case .busy(let coordinates, let peer):
            release(coordinates, by: peer)
            for index in cells.indices where coordinates.contains(cells[index].coordinate) {
                cells[index].askedEver.removeAll { $0 == peer }
            }
            askWhatIsMissing(at: now, into: &effects)
        case .lied(let coordinates, let peer):
            if !liars.contains(peer) {
                liars.append(peer)
                effects.append(.penalize(peer))
            }
            peers.removeAll { $0 == peer }
            release(coordinates, by: peer)
            askWhatIsMissing(at: now, into: &effects)
        case .peersChanged(let peers):
            self.peers = peers.filter { !liars.contains($0) }
            nextRound = nil
            askWhatIsMissing(at: now, into: &effects)
        case .woke:
            woke(at: now, into: &effects)
        }
    }

    private mutating func settle(
        _ coordinate: Coordinate, by peer: Peer, digest: Bytes32, into effects: inout [Effect]
    ) {
        guard let index = cells.firstIndex(where: { $0.coordinate == coordinate }),
            cells[index].receipt == nil
        else { return }
        cells[index].waiting = nil
        cells[index].receipt = SampleReceipt(coordinate: coordinate, peer: peer, digest: digest)
        if cells.allSatisfy({ $0.receipt != nil }) { conclude(.available, into: &effects) }
    }

    private mutating func release(_ coordinates: [Coordinate], by peer: Peer) {
        for index in cells.indices
        where cells[index].waiting?.peer == peer && coordinates.contains(cells[index].coordinate) {
            cells[index].waiting = nil
        }
    }

    private mutating func woke(at now: Instant, into effects: inout [Effect]) {
        for index in cells.indices {
            if let waiting = cells[index].waiting, waiting.until <= now {
                cells[index].waiting = nil
            }
        }
        if let nextRound, nextRound <= now {
            self.nextRound = nil
            for index in cells.indices { cells[index].askedThisRound = [] }
        }
        if let deadline, deadline <= now {
            giveUp(at: now, into: &effects)
            if hasConcluded { return }
        }
        askWhatIsMissing(at: now, into: &effects)
    }

    /// At the deadline: a verdict if the missing shares have their witnesses, else more time.
    private mutating func giveUp(at now: Instant, into effects: inout [Effect]) {
        let missing = cells.filter { $0.receipt == nil }
        let isWitnessed = missing.allSatisfy { cell in
            let askable = peers.count { mayAsk($0, for: cell) }
            return cell.askedEver.count >= max(1, min(Self.witnesses, askable))
        }
        if isWitnessed {
            conclude(.withheld(missing.map(\.coordinate)), into: &effects)
        } else {
            let end = now.advanced(byMilliseconds: Self.blockMilliseconds)
            deadline = end
            effects.append(.wake(at: end))
        }
    }

    private mutating func askWhatIsMissing(at now: Instant, into effects: inout [Effect]) {
        guard !hasConcluded, nextRound == nil else { return }
        var isExhausted = false
        let until = now.advanced(byMilliseconds: Self.requestMilliseconds)
        var asked: [(peer: Peer, coordinates: [Coordinate])] = []
        for index in cells.indices
        where cells[index].receipt == nil && cells[index].waiting == nil {
            guard let peer = nextPeer(for: cells[index]) else {
                isExhausted = true
                continue
            }
            cells[index].waiting = (peer, until)
            cells[index].askedThisRound.append(peer)
            if !cells[index].askedEver.contains(peer) { cells[index].askedEver.append(peer) }
            let coordinate = cells[index].coordinate
            if peer == giver { givenByGiver = givenByGiver ?? coordinate }
            if let group = asked.firstIndex(where: { $0.peer == peer }) {
                asked[group].coordinates.append(coordinate)
            } else {
                asked.append((peer, [coordinate]))
            }
        }
        for (peer, coordinates) in asked {
            effects.append(.request(coordinates, from: peer))
        }
        if !asked.isEmpty { effects.append(.wake(at: until)) }
        if isExhausted && !peers.isEmpty {
            let pause = now.advanced(byMilliseconds: Self.roundPauseMilliseconds)
            nextRound = pause
            effects.append(.wake(at: pause))
        }
    }

    /// Peers take turns, so that no one of them sees or answers all samples of a block.
    private mutating func nextPeer(for cell: Cell) -> Peer? {
        for step in peers.indices {
            let peer = peers[(turn + step) % peers.count]
            if !cell.askedThisRound.contains(peer), mayAsk(peer, for: cell) {
                turn = (turn + step + 1) % peers.count
                return peer
            }
        }
        return nil
    }

    /// Whether a peer may be asked for a share: the giver of the header for one only, unless it is
    /// the only one that is known.
    private func mayAsk(_ peer: Peer, for cell: Cell) -> Bool {
        guard peer == giver, peers.count > 1, let given = givenByGiver else { return true }
        return given == cell.coordinate
    }

    private mutating func conclude(_ verdict: SamplingVerdict, into effects: inout [Effect]) {
        hasConcluded = true
        effects.append(.conclude(verdict, receipts))
    }
}
