// SPDX-License-Identifier: Apache-2.0

/// A million light nodes at a few bytes each, sampling blocks from storage nodes that are queues.
///
/// Message-level: each request, answer and deadline is an event. A light node's state for a block
/// is 20 bytes; what a message carries stands in its 64 bits. Two runs of one configuration give
/// the same report.
package struct FluidWorld {
    /// How long an answer is waited for before another peer is asked as well, in milliseconds.
    ///
    /// One that comes later still counts.
    static let hedgeMilliseconds = 600
    /// How long a block is sampled, in milliseconds; `sampling.blockMilliseconds`.
    static let blockMilliseconds = 20_000
    /// Peers that must have failed a cell that counts as withheld; `sampling.witnesses`.
    static let witnesses = 3
    /// Peers that are asked for a missing cell before it counts as withheld.
    static let peersAskedMax = 16
    /// Peers that are asked at once when the first witnesses had nothing.
    static let batch = 4
    /// The first rest after everybody was asked, in milliseconds; it doubles.
    static let pauseMilliseconds = 1_000
    /// The longest rest, in milliseconds.
    static let pauseMillisecondsMax = 8_000
    /// Before this no strangers are sought, in milliseconds.
    static let seekFromMilliseconds = 1_000

    /// One light node and one block.
    struct Attempt {
        /// Cells that have not come, a bit each.
        var missing: UInt16 = 0
        /// Cells that nobody has, as this node drew them.
        var hidden: UInt16 = 0
        /// Peers that are being waited for, a bit each.
        var waiting: UInt16 = 0
        /// Peers that were asked for all that is missing and were not overloaded, a bit each.
        var witnesses: UInt16 = 0
        /// Peers that were overloaded since the last rest, a bit each.
        var overloaded: UInt16 = 0
        /// Rounds begun.
        var round: UInt8 = 0
        /// Peers that may be asked.
        var known: UInt8 = 0
        /// Rests that are over, as far as they matter.
        var rests: UInt8 = 0
        /// Whose turn it is after the next rest.
        var turn: UInt8 = 0
        /// Whether strangers were sought.
        var isSeeking = false
        /// Whether the block's time is over when the round is.
        var isDue = false
        /// Whether the block's time began anew.
        var isExtended = false
        /// How it ended.
        var verdict = FluidVerdict.undecided
        /// When it began, in milliseconds.
        var began: Int32 = 0
    }

    let configuration: FluidConfiguration
    var draw: FluidDraw
    var queue: FluidQueue
    /// `connections` storage nodes for each light node.
    var peers: [UInt32]
    /// Blocks that overlap, each with an attempt of every light node.
    var attempts: [[Attempt]]
    var storage: [FluidStorageNode]
    var report: FluidReport

    /// Makes the network; `run` makes it go.
    package init(_ configuration: FluidConfiguration) {
        precondition(configuration.lightNodes > 0 && configuration.lightNodes <= 1 << 20)
        precondition((3...8).contains(configuration.connections))
        precondition(configuration.storageNodes >= configuration.connections)
        precondition((1...16).contains(configuration.samples))
        self.configuration = configuration
        draw = FluidDraw(seed: configuration.seed)
        queue = FluidQueue(horizon: 65_536)
        report = FluidReport(configuration)
        storage = (0..<configuration.storageNodes).map { index in
            let mark = index * 1_000 / configuration.storageNodes
            let silent = configuration.silentPerMille
            if mark < silent { return FluidStorageNode(manner: .silent) }
            let isEmpty = mark < silent + configuration.emptyPerMille
            return FluidStorageNode(manner: isEmpty ? .empty : .honest)
        }
        peers = []
        peers.reserveCapacity(configuration.lightNodes * configuration.connections)
        for _ in 0..<configuration.lightNodes {
            let first = peers.count
            while peers.count < first + configuration.connections {
                let peer = UInt32(draw.next(below: configuration.storageNodes))
                if !peers[first...].contains(peer) { peers.append(peer) }
            }
        }
        let overlap = 1 + (Self.blockMilliseconds * 2) / configuration.blockMilliseconds
        attempts = Array(
            repeating: Array(repeating: Attempt(), count: configuration.lightNodes),
            count: min(configuration.blocks, overlap))
    }

    /// Lets all blocks pass and tells what came of them.
    package mutating func run() -> FluidReport {
        precondition(attempts.count <= 16, "a block time this short needs more overlap")
        var block = 0
        while block < configuration.blocks || !queue.isEmpty {
            if block < configuration.blocks,
                queue.isEmpty || queue.now >= block * configuration.blockMilliseconds
            {
                begin(block)
                block += 1
                continue
            }
            guard let events = queue.next() else { continue }
            for event in events { happen(FluidEvent(event)) }
        }
        for slot in 0..<attempts.count { finish(slot) }
        report.end(storage, milliseconds: queue.now)
        return report
    }

    /// A block's header reaches every light node, spread over the time that was chosen.
    private mutating func begin(_ block: Int) {
        let slot = block % attempts.count
        if block >= attempts.count { finish(slot) }
        let start = block * configuration.blockMilliseconds
        // Time must not leap over the next block when nothing else happens before it.
        queue.add(
            FluidEvent(.tick, slot: slot, node: 0, peer: 0, cells: 0).word,
            at: start + configuration.blockMilliseconds)
        for node in 0..<configuration.lightNodes {
            attempts[slot][node] = Attempt()
            let delay = draw.next(below: configuration.spreadMilliseconds + 1)
            queue.add(
                FluidEvent(.begin, slot: slot, node: node, peer: 0, cells: 0).word,
                at: start + delay)
        }
    }

    /// Counts what became of a block.
    private mutating func finish(_ slot: Int) {
        for attempt in attempts[slot] { report.count(attempt.verdict) }
    }

    private mutating func happen(_ event: FluidEvent) {
        let slot = event.slot, node = event.node
        switch event.kind {
        case .begin:
            attempts[slot][node].began = Int32(queue.now)
            attempts[slot][node].missing = UInt16((1 << configuration.samples) - 1)
            attempts[slot][node].hidden = drawHidden()
            attempts[slot][node].known = UInt8(configuration.connections)
            queue.add(
                FluidEvent(.deadline, slot: slot, node: node, peer: 0, cells: 0).word,
                at: queue.now + Self.blockMilliseconds)
            ask(slot, node)
        case .arrive: arrive(event)
        case .answer: settle(event, isWitness: true)
        case .overload: settle(event, isWitness: false)
        case .timeout:
            // A timeout of an earlier round finds a later one under way: it is not its business.
            if attempts[slot][node].waiting & (1 << event.peer) != 0,
                attempts[slot][node].round & 0xF == event.round
            {
                settle(event, isWitness: true)
            }
        case .found: found(event)
        case .again: again(event)
        case .deadline: deadline(event)
        case .tick: break
        }
    }

    /// Which of a node's cells lie where nobody has them: drawn without putting back.
    private mutating func drawHidden() -> UInt16 {
        var left = configuration.hiddenCells
        if left == 0 { return 0 }
        var cells = 4 * configuration.width * configuration.width
        var mask: UInt16 = 0
        for cell in 0..<configuration.samples {
            if draw.next(below: cells) < left {
                mask |= 1 << cell
                left -= 1
            }
            cells -= 1
        }
        return mask
    }

    mutating func send(_ slot: Int, _ node: Int, _ peer: Int, _ cells: UInt16) {
        attempts[slot][node].waiting |= 1 << peer
        let round = Int(attempts[slot][node].round)
        let delay = drawLatency()
        queue.add(
            FluidEvent(.arrive, slot: slot, node: node, peer: peer, cells: cells, round: round)
                .word,
            at: queue.now + delay)
        queue.add(
            FluidEvent(.timeout, slot: slot, node: node, peer: peer, cells: cells, round: round)
                .word,
            at: queue.now + Self.hedgeMilliseconds)
    }

    /// The storage node behind a light node's peer: one that it knows, or a stranger that it finds.
    func storageNode(of node: Int, peer: Int) -> Int {
        let count = configuration.connections
        if peer < count { return Int(peers[node * count + peer]) }
        var draw = FluidDraw(seed: configuration.seed &+ UInt64(node) &* 16 &+ UInt64(peer))
        return draw.next(below: configuration.storageNodes)
    }

    mutating func drawLatency() -> Int {
        let range = configuration.latencyMilliseconds
        return range.lowerBound + draw.next(below: range.count)
    }
}
