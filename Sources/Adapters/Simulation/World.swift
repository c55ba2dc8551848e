// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
package import Machinery
internal import Peering
package import Roles

/// A whole network in one value: nodes, wires, disks and a clock, all from a seed.
///
/// It hosts the same `Node` as the live host does. Two runs of one seed do the same things in the
/// same order and leave the same trace, so whatever goes wrong can be looked at again.
package struct World {
    /// Names a node of this world, in the order they were added.
    package typealias NodeIndex = Int

    /// What somebody asked a node and got.
    package struct Answer: Sendable {
        /// The node that was asked.
        package let node: NodeIndex
        /// The question.
        package let ticket: Ticket
        /// What came of it.
        package let result: Result<RPCResponse, RPCFault>
    }

    enum Happening {
        case event(NodeIndex, life: Int, RoleEvent)
        case arrive(NodeIndex, life: Int, ConnectionNumber, [UInt8])
        case open(from: End, to: SocketAddress)
        case close(NodeIndex, life: Int, ConnectionNumber)
        case compute(NodeIndex, life: Int, Ticket, Job)
        case store(NodeIndex, life: Int, Ticket, StoreRecord)
        case load(NodeIndex, life: Int, Ticket, LoadQuery)
        case synced(NodeIndex, life: Int, Ticket, SignedStatement)
    }

    struct End: Hashable {
        let node: NodeIndex
        let life: Int
        let number: ConnectionNumber
    }

    struct Resident {
        var configuration: NodeConfiguration
        let address: SocketAddress
        var node: Node?
        var life = 0
        var disk = SimulatedDisk()
        var signer: SimulatedSigner?
        var acceptedCount: UInt64 = 0
        var questionCount: UInt64 = 0
        var wakes = WakeTimes()
        /// How far its clock is ahead of the world's; below zero for one that is behind.
        var clockMilliseconds: Int64 = 0
    }

    /// Every fault that may befall the world, off until a scenario asks for it.
    package var faults = Faults()
    /// What happened, a line each.
    package private(set) var trace: [String] = []
    /// What was answered so far.
    package private(set) var answers: [Answer] = []
    /// What nodes reported so far, or since `takeObservations`.
    package private(set) var observations: [(node: NodeIndex, observation: Observation)] = []
    /// Whether `trace` is written; a large world has no use for millions of lines.
    package var isTracing = true
    /// The moment.
    package private(set) var now = Instant(nanoseconds: 1_767_225_600_000_000_000)

    var residents: [Resident] = []
    private var queue = EventQueue<Happening>()
    private var random: SeededGenerator
    private var wires: [End: End] = [:]
    private var indices: [SocketAddress: NodeIndex] = [:]
    private var lastArrival: [End: Instant] = [:]

    /// An empty world.
    package init(seed: UInt64) {
        var bytes = Bytes32()
        for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: seed >> UInt64(index * 8)) }
        random = SeededGenerator(seed: bytes)
    }

    // MARK: What a scenario does

    /// Adds a node at an address; it does not run yet.
    package mutating func add(
        _ configuration: NodeConfiguration, at address: SocketAddress,
        signer: SimulatedSigner? = nil
    ) -> NodeIndex {
        indices[address] = residents.count
        residents.append(Resident(configuration: configuration, address: address))
        residents[residents.count - 1].signer = signer
        return residents.count - 1
    }

    /// Starts a node on its disk, for the first time or after a crash.
    package mutating func start(_ index: NodeIndex) {
        precondition(residents[index].node == nil, "a node runs once at a time")
        residents[index].life += 1
        residents[index].node = Node(residents[index].configuration)
        residents[index].wakes = WakeTimes()
        note(index, "starts")
        var fork = random.fork()
        guard let seed = Bytes32(fork.bytes(32)) else {
            preconditionFailure("32 bytes are 32 bytes")
        }
        residents[index].signer?.restart()
        var restored = residents[index].disk.restored
        restored.said = residents[index].signer?.said ?? []
        tell(index, .began(restored: restored, entropy: seed))
    }

    /// Changes what a node is told at its next start.
    package mutating func reconfigure(
        _ index: NodeIndex, _ change: (inout NodeConfiguration) -> Void
    ) {
        precondition(residents[index].node == nil, "a node that runs is not told anew")
        change(&residents[index].configuration)
    }

    /// Ends a node at once; what it had not stored is gone, its connections break.
    package mutating func crash(_ index: NodeIndex) {
        precondition(residents[index].node != nil, "only a running node crashes")
        note(index, "crashes")
        residents[index].node = nil
        let ends = wires.keys.filter { $0.node == index }.sorted { $0.number < $1.number }
        for end in ends { cut(end) }
    }

    /// What a node is told at its start.
    package func configuration(of index: NodeIndex) -> NodeConfiguration {
        residents[index].configuration
    }

    /// Whether a node runs.
    package func isRunning(_ index: NodeIndex) -> Bool { residents[index].node != nil }

    /// Takes what nodes reported since the last call, so that a large world does not keep it.
    package mutating func takeObservations() -> [(node: NodeIndex, observation: Observation)] {
        defer { observations.removeAll(keepingCapacity: true) }
        return observations
    }

    /// Parts the network: connections between the groups break, and none come to be until `heal`.
    package mutating func part(_ group: (NodeIndex) -> Int) {
        faults.part(residents.indices.map(group))
        let broken = wires.filter { faults.isCut($0.key.node, $0.value.node) }.keys.sorted {
            ($0.node, $0.number) < ($1.node, $1.number)
        }
        for end in broken where wires[end] != nil {
            cut(end)
            queue.add(.close(end.node, life: end.life, end.number), at: now)
        }
        note(0, "the network parts")
    }

    /// Asks a node; the answer comes into `answers`.
    package mutating func ask(_ index: NodeIndex, _ request: RPCRequest) -> Ticket {
        residents[index].questionCount += 1
        let ticket = Ticket(residents[index].questionCount)
        tell(index, .asked(ticket, request))
        return ticket
    }

    /// Runs until nothing happens before `end`, or until `isDone`.
    ///
    /// Returns whether `isDone` held.
    package mutating func run(
        milliseconds: UInt64, until isDone: (World) -> Bool = { _ in false }
    ) -> Bool {
        let end = now.advanced(byMilliseconds: milliseconds)
        while let due = queue.nextDue, due <= end {
            if isDone(self) { return true }
            guard let (due, happening) = queue.next() else { break }
            now = max(now, due)
            happen(happening)
        }
        now = max(now, end)
        return isDone(self)
    }

    /// Changes a node's disk between its lives, or while it runs.
    package mutating func changeDisk(
        of index: NodeIndex, _ change: (inout SimulatedDisk) -> Void
    ) {
        change(&residents[index].disk)
    }

    /// A node's disk as it is.
    package func disk(of index: NodeIndex) -> SimulatedDisk { residents[index].disk }

    /// Where a node is reached, as one tells another.
    package func address(of index: NodeIndex) -> PeerAddress {
        let resident = residents[index]
        return PeerAddress(
            identifier: PeerIdentifier(of: resident.configuration.identity.publicKey).text,
            addresses: [Multiaddress(resident.address).description])
    }

    /// How many connections each node has.
    package var connectionCounts: [Int] {
        wires.keys.reduce(into: Array(repeating: 0, count: residents.count)) {
            $0[$1.node] += 1
        }
    }

    /// The answer to a question, if it came.
    package func answer(
        _ index: NodeIndex, _ ticket: Ticket
    ) -> Result<RPCResponse, RPCFault>? {
        answers.first { $0.node == index && $0.ticket == ticket }?.result
    }

    // MARK: What happens

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .event(let index, let life, let event):
            guard isAlive(index, life) else { return }
            if case .woke = event { residents[index].wakes.fired(at: clock(of: index)) }
            tell(index, event)
        case .arrive(let index, let life, let number, let bytes):
            guard isAlive(index, life) else { return }
            tell(index, .received(number, bytes))
        case .open(let from, let address):
            open(from: from, to: address)
        case .close(let index, let life, let number):
            guard isAlive(index, life) else { return }
            tell(index, .disconnected(number))
        case .compute(let index, let life, let ticket, let job):
            guard isAlive(index, life) else { return }
            tell(index, .computed(ticket, job.run()))
        case .store(let index, let life, let ticket, let record):
            guard isAlive(index, life) else { return }
            if residents[index].disk.isFull(for: record) {
                tell(index, .storeFull(ticket, "no space left"))
                return
            }
            let isStored = residents[index].disk.store(record)
            tell(index, isStored ? .stored(ticket) : .storeFailed(ticket, "no space left"))
        case .load(let index, let life, let ticket, let query):
            guard isAlive(index, life) else { return }
            tell(index, .loaded(ticket, residents[index].disk.load(query)))
        case .synced(let index, let life, let ticket, let signed):
            guard isAlive(index, life) else { return }
            residents[index].signer?.sync(signed)
            tell(index, .signed(ticket, .signed(signed.timestamp, signed.signature)))
        }
    }

    private mutating func tell(_ index: NodeIndex, _ event: RoleEvent) {
        var effects: [RoleEffect] = []
        let clock = clock(of: index)
        residents[index].node?.handle(event, at: clock, into: &effects)
        for effect in effects { perform(effect, of: index) }
        if let due = residents[index].wakes.next(after: clock) {
            let wait = due.nanoseconds - clock.nanoseconds
            queue.add(
                .event(index, life: residents[index].life, .woke),
                at: Instant(nanoseconds: now.nanoseconds + wait))
        }
    }

    /// What a node's clock shows: it reads the wall's once at its start.
    private func clock(of index: NodeIndex) -> Instant {
        let ahead = residents[index].clockMilliseconds * 1_000_000
        return Instant(nanoseconds: now.nanoseconds &+ UInt64(bitPattern: ahead))
    }

    /// Sets a node's clock before its next start, as far from the world's.
    package mutating func setClock(of index: NodeIndex, aheadMilliseconds: Int64) {
        precondition(residents[index].node == nil, "a clock is read at the start alone")
        residents[index].clockMilliseconds = aheadMilliseconds
    }

    private mutating func perform(_ effect: RoleEffect, of index: NodeIndex) {
        let life = residents[index].life
        switch effect {
        case .send(let number, let bytes):
            send(bytes, from: End(node: index, life: life, number: number))
        case .awaitDrain(let number):
            queue.add(.event(index, life: life, .drained(number)), at: later(0...1))
        case .dial(let number, let address):
            queue.add(
                .open(from: End(node: index, life: life, number: number), to: address),
                at: later(1...20))
        case .hangUp(let number):
            cut(End(node: index, life: life, number: number))
        case .store(let ticket, let record):
            queue.add(.store(index, life: life, ticket, record), at: later(1...10))
        case .load(let ticket, let query):
            queue.add(.load(index, life: life, ticket, query), at: later(0...2))
        case .sign(let ticket, let intent, let place):
            sign(ticket, intent, place: place, of: index)
        case .settleSigning(let block, let epoch, let view):
            residents[index].signer?.settle(block, epoch, view)
        case .wake(let moment):
            residents[index].wakes.ask(moment)
        case .compute(let ticket, let job):
            queue.add(.compute(index, life: life, ticket, job), at: later(1...30))
        case .answer(let ticket, let result):
            answers.append(Answer(node: index, ticket: ticket, result: result))
            note(index, "answers \(ticket): \(result.traceLine)")
        case .report(let observation):
            observations.append((index, observation))
            if let line = observation.traceLine { note(index, line) }
        }
    }

    private mutating func sign(
        _ ticket: Ticket, _ intent: SigningIntent, place: Int, of index: NodeIndex
    ) {
        let life = residents[index].life
        let clock = clock(of: index)
        let answer = residents[index].signer?.sign(intent, place: place, at: clock)
        switch answer {
        case .sign(let signed):
            queue.add(.synced(index, life: life, ticket, signed), at: later(1...5))
        case .done(let outcome):
            queue.add(.event(index, life: life, .signed(ticket, outcome)), at: later(0...1))
        case nil:
            queue.add(
                .event(index, life: life, .signed(ticket, .unable("there is no signer"))),
                at: later(0...1))
        }
    }

    // MARK: Wires

    private mutating func open(from end: End, to address: SocketAddress) {
        guard isAlive(end.node, end.life) else { return }
        guard let host = indices[address], residents[host].node != nil,
            !faults.isCut(end.node, host), !faults.isUnreachable(host)
        else {
            tell(end.node, .disconnected(end.number))
            return
        }
        let number = ConnectionNumber.accepted(residents[host].acceptedCount)
        residents[host].acceptedCount += 1
        let other = End(node: host, life: residents[host].life, number: number)
        wires[end] = other
        wires[other] = end
        tell(host, .connected(number, remote: residents[end.node].address))
        tell(end.node, .connected(end.number, remote: address))
    }

    /// Bytes keep their order; each piece takes its own time, and may come in two.
    private mutating func send(_ bytes: [UInt8], from end: End) {
        guard let other = wires[end], !faults.isCut(end.node, other.node) else { return }
        let due = max(later(faults.latencyMilliseconds), lastArrival[other] ?? now)
        lastArrival[other] = due
        let split = bytes.count > 1 && random.next(below: 4) == 0
        let first = split ? 1 + random.next(below: bytes.count - 1) : bytes.count
        let pieces = [Array(bytes[..<first]), Array(bytes[first...])]
        for piece in pieces where !piece.isEmpty {
            queue.add(.arrive(other.node, life: other.life, other.number, piece), at: due)
        }
    }

    private mutating func cut(_ end: End) {
        guard let other = wires.removeValue(forKey: end) else { return }
        wires[other] = nil
        let due = max(later(faults.latencyMilliseconds), lastArrival[other] ?? now)
        queue.add(.close(other.node, life: other.life, other.number), at: due)
        lastArrival[other] = nil
        lastArrival[end] = nil
    }

    // MARK: Small things

    private func isAlive(_ index: NodeIndex, _ life: Int) -> Bool {
        residents[index].node != nil && residents[index].life == life
    }

    private mutating func later(_ milliseconds: ClosedRange<Int>) -> Instant {
        let micros = random.next(below: (milliseconds.count) * 1_000)
        return Instant(
            nanoseconds: now.nanoseconds + UInt64(milliseconds.lowerBound) * 1_000_000
                + UInt64(micros) * 1_000)
    }

    private mutating func note(_ index: NodeIndex, _ line: @autoclosure () -> String) {
        guard isTracing else { return }
        trace.append("\(now.nanoseconds / 1_000) node \(index) \(line())")
    }
}
