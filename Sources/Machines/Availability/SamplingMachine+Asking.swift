// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import Machinery

/// Who is asked next for what is missing: a few in turn, then all, then strangers, then again after
/// a rest.
extension SamplingMachine {
    /// Begins the next round, once nobody is waited for in this one.
    mutating func askWhatIsMissing(at now: Instant, into effects: inout [Effect]) {
        guard questions.isEmpty else { return }
        if let restUntil {
            if now < restUntil { return }
            self.restUntil = nil
            pause = min(2 * pause, Self.roundPauseMillisecondsMax)
            wasBusy = false
            for index in cells.indices { cells[index].busy = [] }
            // In a network that has just begun, those may be there now who were not.
            if let deadline,
                isExhausted, now.advanced(byMilliseconds: Self.seekMilliseconds) < deadline
            {
                isSeeking = false
                isExhausted = false
                seekPeers(into: &effects)
            }
            if !canAskSomebodyNew {
                askAgain(at: now, into: &effects)
                if !questions.isEmpty { return }
            }
        }
        if rounds < Self.witnesses {
            askInTurn(at: now, into: &effects)
            if !questions.isEmpty {
                rounds += 1
                return
            }
        }
        if now >= seekFrom { seekPeers(into: &effects) }
        // Those who are overloaded are not helped by five times the questions.
        if !wasBusy {
            askAll(at: now, into: &effects)
            if !questions.isEmpty { return }
        }
        let end = now.advanced(byMilliseconds: pause)
        restUntil = end
        effects.append(.wake(at: end))
    }

    /// Peers that were not asked for a share yet, late ones last.
    func untried(for cell: Cell) -> [Peer] {
        if cell.receipt != nil || cell.asked.count >= Self.peersAskedMax { return [] }
        let left = inOrder.filter {
            !cell.asked.contains($0) && !cell.busy.contains($0) && mayAsk($0, for: cell)
        }
        let keepers = left.filter { mayHave($0, cell.coordinate) }
        return keepers.isEmpty ? left : keepers
    }

    /// Whether a peer may have a share, by what it said that it keeps.
    private func mayHave(_ peer: Peer, _ place: Coordinate) -> Bool {
        slices[peer]?.contains(place.row, width: width) ?? true
    }

    /// Whether a peer may be asked for a share: the giver of the header for one only, unless it is
    /// the only one that is known, or that may have it.
    func mayAsk(_ peer: Peer, for cell: Cell) -> Bool {
        guard peer == giver, peers.count > 1, let given = givenByGiver else { return true }
        if given == cell.coordinate { return true }
        return mayHave(peer, cell.coordinate)
            && !peers.contains { $0 != peer && mayHave($0, cell.coordinate) }
    }

    private var inOrder: [Peer] {
        peers.filter { !late.contains($0) } + peers.filter { late.contains($0) }
    }

    /// Whether somebody was not asked yet for something that is missing.
    var canAskSomebodyNew: Bool { cells.contains { !untried(for: $0).isEmpty } }

    /// Asks one peer for each missing share, another one than before, in turn: no one of them sees
    /// or answers all samples of a block.
    ///
    /// Late ones take part only where there would be fewer than three.
    private mutating func askInTurn(at now: Instant, into effects: inout [Effect]) {
        let prompt = peers.count { !late.contains($0) }
        let count = min(max(prompt, Self.witnesses), Self.peersInTurnMax)
        let circle = Array(inOrder.prefix(count))
        spread(over: circle, at: now, into: &effects)
    }

    /// Everybody was asked: the next few are asked for all that is missing again, those who answer
    /// in time first, since a new block may have reached them meanwhile.
    private mutating func askAgain(at now: Instant, into effects: inout [Effect]) {
        let order = inOrder
        let circle = (0..<min(Self.strangersAtOnce, order.count)).map {
            order[(turnAgain + $0) % order.count]
        }
        turnAgain += circle.count
        var asked: [(peer: Peer, cells: [Int])] = []
        for index in cells.indices where cells[index].receipt == nil {
            for peer in circle where mayAsk(peer, for: cells[index]) {
                Self.add(index, of: peer, to: &asked)
            }
        }
        ask(asked, at: now, into: &effects)
    }

    private mutating func spread(
        over circle: [Peer], at now: Instant, into effects: inout [Effect]
    ) {
        var asked: [(peer: Peer, cells: [Int])] = []
        for index in cells.indices where cells[index].receipt == nil {
            let untried = untried(for: cells[index])
            for step in circle.indices {
                let peer = circle[(turn + step) % circle.count]
                guard untried.contains(peer) else { continue }
                turn = (turn + step + 1) % circle.count
                Self.add(index, of: peer, to: &asked)
                if peer == giver { givenByGiver = givenByGiver ?? cells[index].coordinate }
                break
            }
        }
        ask(asked, at: now, into: &effects)
    }

    /// Asks the known peers for all that is missing, and after them strangers, a few at a time.
    private mutating func askAll(at now: Instant, into effects: inout [Effect]) {
        let limit = hasAskedAll ? Self.strangersAtOnce : peers.count
        var asked: [(peer: Peer, cells: [Int])] = []
        for index in cells.indices {
            let room = Self.peersAskedMax - cells[index].asked.count
            var count = 0
            for peer in untried(for: cells[index]) where count < room {
                guard asked.count < limit || asked.contains(where: { $0.peer == peer }),
                    mayAsk(peer, for: cells[index])
                else { continue }
                Self.add(index, of: peer, to: &asked)
                if peer == giver { givenByGiver = givenByGiver ?? cells[index].coordinate }
                count += 1
            }
        }
        if !asked.isEmpty { hasAskedAll = true }
        ask(asked, at: now, into: &effects)
    }

    private static func add(
        _ index: Int, of peer: Peer, to asked: inout [(peer: Peer, cells: [Int])]
    ) {
        if let group = asked.firstIndex(where: { $0.peer == peer }) {
            asked[group].cells.append(index)
        } else {
            asked.append((peer, [index]))
        }
    }

    private mutating func ask(
        _ asked: [(peer: Peer, cells: [Int])], at now: Instant, into effects: inout [Effect]
    ) {
        let lateAt = now.advanced(byMilliseconds: Self.hedgeMilliseconds)
        for (peer, indices) in asked {
            for index in indices where !cells[index].asked.contains(peer) {
                cells[index].asked.append(peer)
            }
            let coordinates = indices.map { cells[$0].coordinate }
            questions.append(Question(peer: peer, coordinates: coordinates, lateAt: lateAt))
            effects.append(.request(coordinates, from: peer))
        }
        if !asked.isEmpty { effects.append(.wake(at: lateAt)) }
    }

    /// Wants more peers when the known ones are too few to be the witnesses of a missing share.
    ///
    /// Who knows nobody has nobody to ask for others either.
    private mutating func seekPeers(into effects: inout [Effect]) {
        guard !isSeeking, !peers.isEmpty else { return }
        let isShort = cells.contains { cell in
            cell.receipt == nil
                && cell.asked.count + untried(for: cell).count < Self.peersAskedMax
        }
        guard isShort else { return }
        isSeeking = true
        effects.append(.wantsPeers(Self.peersAskedMax))
    }
}
