// SPDX-License-Identifier: Apache-2.0

/// Whom a light node asks for what is missing, as Protocol/08-sampling.md has it: a few in turn,
/// then all that it knows, then strangers, and after rests those it knows again.
extension FluidWorld {
    /// Asks in turn, three times; then those of the known peers who were not asked for a cell yet.
    mutating func ask(_ slot: Int, _ node: Int) {
        beginRound(slot, node)
        let attempt = attempts[slot][node]
        let count = configuration.connections
        let round = Int(attempt.round)
        for peer in 0..<count {
            var cells: UInt16 = 0
            for cell in 0..<configuration.samples {
                // In round r a cell is asked of the r-th peer after its own.
                let place = (peer - cell % count + count + count - 1) % count + 1
                if round <= Self.witnesses ? place == round : place > Self.witnesses {
                    cells |= 1 << cell
                }
            }
            if cells & attempt.missing != 0 { send(slot, node, peer, cells & attempt.missing) }
        }
        if round > Self.witnesses {
            attempts[slot][node].witnesses = UInt16((1 << count) - 1) & ~attempt.overloaded
        }
        if attempts[slot][node].waiting == 0 { endRound(slot, node) }
    }

    private mutating func beginRound(_ slot: Int, _ node: Int) {
        attempts[slot][node].round &+= 1
        attempts[slot][node].waiting = 0
    }

    /// Asks some peers for all that is missing.
    private mutating func ask(_ peers: [Int], _ slot: Int, _ node: Int) {
        beginRound(slot, node)
        for peer in peers {
            attempts[slot][node].witnesses |= 1 << peer
            send(slot, node, peer, attempts[slot][node].missing)
        }
    }

    /// A peer answered, refused, or took too long.
    mutating func settle(_ event: FluidEvent, isWitness: Bool) {
        let slot = event.slot, node = event.node
        guard attempts[slot][node].verdict == .undecided else { return }
        let came = event.kind == .timeout ? 0 : event.cells
        attempts[slot][node].missing &= ~came
        if attempts[slot][node].missing == 0 {
            attempts[slot][node].verdict = .available
            report.concluded(afterMilliseconds: queue.now - Int(attempts[slot][node].began))
            return
        }
        if !isWitness {
            attempts[slot][node].overloaded |= 1 << event.peer
            attempts[slot][node].witnesses &= ~(1 << event.peer)
        }
        // What comes after its time was worth its cells, and ends no later round.
        guard attempts[slot][node].round & 0xF == event.round,
            attempts[slot][node].waiting & (1 << event.peer) != 0
        else { return }
        attempts[slot][node].waiting &= ~(1 << event.peer)
        if attempts[slot][node].waiting == 0 { endRound(slot, node) }
    }

    /// Everybody who was asked has answered, or not: the next are asked, at once or after a rest.
    private mutating func endRound(_ slot: Int, _ node: Int) {
        let attempt = attempts[slot][node]
        if attempt.round <= Self.witnesses { return ask(slot, node) }
        if attempt.isDue { return conclude(slot, node) }
        if askStrangers(slot, node) { return }
        if !attempt.isSeeking, queue.now >= Int(attempt.began) + Self.seekFromMilliseconds {
            attempts[slot][node].isSeeking = true
            queue.add(
                FluidEvent(.found, slot: slot, node: node, peer: 0, cells: 0).word,
                at: queue.now + configuration.seekMilliseconds)
        }
        let pause = min(Self.pauseMilliseconds << Int(attempt.rests), Self.pauseMillisecondsMax)
        queue.add(
            FluidEvent(
                .again, slot: slot, node: node, peer: 0, cells: 0, round: Int(attempt.round)
            ).word,
            at: queue.now + pause)
    }

    /// Asks the next strangers, if there are any and nobody is overloaded; whether it did.
    private mutating func askStrangers(_ slot: Int, _ node: Int) -> Bool {
        let attempt = attempts[slot][node]
        guard attempt.known > configuration.connections, attempt.overloaded == 0 else {
            return false
        }
        let next = (configuration.connections..<Int(attempt.known)).filter {
            attempt.witnesses & (1 << $0) == 0
        }.prefix(Self.batch)
        if next.isEmpty { return false }
        ask(Array(next), slot, node)
        return true
    }

    /// Strangers are there: they end a rest.
    mutating func found(_ event: FluidEvent) {
        let slot = event.slot, node = event.node
        guard attempts[slot][node].verdict == .undecided else { return }
        attempts[slot][node].known = UInt8(Self.peersAskedMax)
        if attempts[slot][node].waiting == 0 { _ = askStrangers(slot, node) }
    }

    /// A rest is over: who was overloaded is asked again, or the next few of all.
    mutating func again(_ event: FluidEvent) {
        let slot = event.slot, node = event.node
        let attempt = attempts[slot][node]
        // A rest that strangers ended, or the deadline, is over already.
        guard attempt.verdict == .undecided, attempt.waiting == 0,
            attempt.round & 0xF == event.round
        else { return }
        attempts[slot][node].rests = min(attempt.rests + 1, 3)
        attempts[slot][node].overloaded = 0
        let untried = (0..<configuration.connections).filter {
            attempt.witnesses & (1 << $0) == 0
        }
        if !untried.isEmpty { return ask(untried, slot, node) }
        if askStrangers(slot, node) { return }
        let known = Int(attempt.known)
        let next = (0..<min(Self.batch, known)).map { (Int(attempt.turn) + $0) % known }
        attempts[slot][node].turn = UInt8((Int(attempt.turn) + next.count) % known)
        ask(next, slot, node)
    }

    /// The block's time is over: it ends with the round that is under way.
    mutating func deadline(_ event: FluidEvent) {
        let slot = event.slot, node = event.node
        guard attempts[slot][node].verdict == .undecided else { return }
        attempts[slot][node].isDue = true
        if attempts[slot][node].waiting == 0 { conclude(slot, node) }
    }

    /// Withheld if the missing cells have their witnesses, else the time begins anew, once.
    private mutating func conclude(_ slot: Int, _ node: Int) {
        let attempt = attempts[slot][node]
        if attempt.witnesses.nonzeroBitCount >= Self.peersAskedMax {
            attempts[slot][node].verdict =
                attempt.missing & attempt.hidden == 0 ? .falselyWithheld : .withheld
            return
        }
        guard !attempt.isExtended else { return }
        attempts[slot][node].isExtended = true
        attempts[slot][node].isDue = false
        attempts[slot][node].rests = 0
        queue.add(
            FluidEvent(.deadline, slot: slot, node: node, peer: 0, cells: 0).word,
            at: queue.now + Self.blockMilliseconds)
        endRound(slot, node)
    }
}
