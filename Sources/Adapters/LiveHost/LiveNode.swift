// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
package import EventLoop
internal import Machinery
internal import Peering
internal import RPC
package import Roles
internal import Storage

/// Hosts one node on libuv: carries out its effects, tells it what came of them.
///
/// Everything here runs on the loop's thread but jobs and the store, which run on the pool and come
/// back as events. The node decides; this file only does.
package final class LiveNode {
    /// How many reads and jobs may be unfinished; `host.jobsMax`.
    static let jobsMax = 4_096
    /// Threads for the store and for jobs; two of them may wait for the disk and burn nothing.
    static let threadCount = 4
    /// How many settled views may wait to be written beside the next statement.
    static let floorsMax = 64
    /// How many bytes may wait on one connection before the node is asked to hold; the peer layer
    /// stops at 256 KiB, so more means that it broke its own rule.
    static let connectionQueueMax = 64 << 20

    private let loop: EventLoop
    private let pool: WorkerPool
    private let store: NodeStore
    private let clock = LiveClock()
    private var node: Node
    private var connections: [ConnectionNumber: TCPStream] = [:]
    private var lastInbound: UInt64 = 0
    private var timer: LoopTimer?
    private var timerDue: Instant?
    private var drainTimer: LoopTimer?
    private var drained: [ConnectionNumber] = []
    private var wakes: [Instant] = []
    private var events: [RoleEvent] = []
    private var isHandling = false
    private var storing = StoreLine()
    private let signer: ValidatorSigner?
    private var wishes: [ValidatorSigner.Wish] = []
    private var floors: [(BlockReference, Epoch, View)] = []
    private var isSigning = false
    private var questions: [Ticket: (Result<RPCResponse, RPCFault>) -> Void] = [:]
    private var lastQuestion: UInt64 = 0
    /// Gets what the node reports, on the loop's thread.
    package var onObservation: ((Observation) -> Void)?
    /// Gets what the node's work costs, on the loop's thread.
    var onWork: ((Work) -> Void)?

    /// A host for a node on a store; nothing happens before `start`.
    package init(
        _ configuration: NodeConfiguration, store: NodeStore, on loop: EventLoop,
        signer: ValidatorSigner? = nil
    ) {
        self.loop = loop
        self.signer = signer
        self.store = store
        pool = WorkerPool(on: loop, threadCount: Self.threadCount, limit: Self.jobsMax)
        node = Node(configuration)
    }

    /// Tells the node what earlier runs left and lets it begin.
    package func start() throws {
        timer = try LoopTimer.reusable(on: loop) { [weak self] in self?.timerFired() }
        drainTimer = try LoopTimer.reusable(on: loop) { [weak self] in self?.tellDrained() }
        var restored = try store.restored()
        restored.said = signer?.said ?? []
        tell(.began(restored: restored, entropy: Entropy.seed()))
    }

    /// Asks the node on behalf of a user.
    package func ask(
        _ request: RPCRequest, _ completion: @escaping (Result<RPCResponse, RPCFault>) -> Void
    ) {
        lastQuestion += 1
        let ticket = Ticket(lastQuestion)
        questions[ticket] = completion
        tell(.asked(ticket, request))
    }

    /// How the node is.
    package var status: NodeStatus { node.status }

    /// Whether nothing is left to be done about the blocks that are known now.
    package var isDone: Bool { node.isDone }

    /// Whether records wait for the disk.
    package var isStoringAny: Bool { !storing.isIdle }

    /// What sampling found of late and is finding now.
    package var samplingReport: SamplingReport { node.samplingReport }

    /// What the node keeps and how its files are.
    package var storageReport: StorageReport { node.storageReport }

    // MARK: Events

    /// Hands the node an event; events that come up meanwhile wait their turn.
    private func tell(_ event: RoleEvent) { tell([event]) }

    /// Hands the node events of one moment; what they ask of disk and signer is asked at once.
    private func tell(_ some: [RoleEvent]) {
        events += some
        guard !isHandling else { return }
        isHandling = true
        var next = 0
        while next < events.count {
            let event = events[next]
            next += 1
            let start = WorkStart()
            var effects: [RoleEffect] = []
            node.handle(event, at: clock.now, into: &effects)
            for effect in effects { perform(effect) }
            onWork?(start.end("loop_" + event.name))
        }
        events.removeAll(keepingCapacity: true)
        isHandling = false
        storeNext()
        signNext()
        setTimer()
    }

    private func perform(_ effect: RoleEffect) {
        switch effect {
        case .send(let number, let bytes): connections[number]?.write(bytes)
        case .awaitDrain(let number): awaitDrain(number)
        case .dial(let number, let address): dial(number, address)
        case .hangUp(let number): connections[number]?.closeAfterWrites()
        case .store(let ticket, let record):
            storing.append(ticket, record)
        case .sign(let ticket, let intent, let place):
            let time = Timestamp(nanosecondsSince1970: clock.now.nanoseconds)
            wishes.append(
                ValidatorSigner.Wish(ticket: ticket, intent: intent, place: place, time: time))
        case .settleSigning(let block, let epoch, let view): floors.append((block, epoch, view))
        case .load(let ticket, let query): load(ticket, query)
        case .wake(let moment): wakes.append(moment)
        case .compute(let ticket, let job): compute(ticket, job)
        case .answer(let ticket, let result):
            questions.removeValue(forKey: ticket)?(result)
        case .report(let observation): onObservation?(observation)
        }
    }

    // MARK: Connections

    /// Takes a connection that came in.
    package func accept(_ stream: TCPStream) {
        guard let remote = stream.remoteAddress else {
            stream.close()
            return
        }
        lastInbound += 1
        let number = ConnectionNumber.accepted(lastInbound)
        attach(stream, number)
        tell(.connected(number, remote: remote))
    }

    private func dial(_ number: ConnectionNumber, _ address: SocketAddress) {
        do {
            try loop.dial(address) { [weak self] result in
                guard let self else { return }
                switch result {
                case .success(let stream):
                    attach(stream, number)
                    tell(.connected(number, remote: address))
                case .failure:
                    tell(.disconnected(number))
                }
            }
        } catch {
            tell(.disconnected(number))
        }
    }

    private func attach(_ stream: TCPStream, _ number: ConnectionNumber) {
        connections[number] = stream
        stream.queueLimitBytes = Self.connectionQueueMax
        stream.highWaterBytes = stream.lowWaterBytes + 1
        stream.onReceive = { [weak self] bytes in self?.tell(.received(number, [UInt8](bytes))) }
        stream.onDrained = { [weak self] in self?.tell(.drained(number)) }
        stream.onEnd = { [weak stream] in stream?.closeAfterWrites() }
        stream.onClose = { [weak self] _ in
            guard let self, connections.removeValue(forKey: number) != nil else { return }
            tell(.disconnected(number))
        }
        stream.resumeReading()
    }

    private func awaitDrain(_ number: ConnectionNumber) {
        guard let stream = connections[number], stream.bytesQueued <= stream.lowWaterBytes else {
            return
        }
        drained.append(number)
        drainTimer?.start(afterMilliseconds: 0)
    }

    /// In a turn of its own, so that one fast reader does not keep the loop from other sockets.
    private func tellDrained() {
        let numbers = drained
        drained = []
        for number in numbers { tell(.drained(number)) }
    }

    // MARK: Store and jobs

    /// Records become durable; see `StoreLine` for which and in what order.
    private func storeNext() {
        while let (lane, wishes) = storing.next() {
            let store = store
            let records = wishes.map(\.record)
            run("store_" + records[0].name) {
                store.store(records)
            } completion: { [weak self] faults in
                guard let self else { return }
                storing.ended(lane)
                tell(zip(wishes, faults).map { Self.stored($0.ticket, $1) })
            }
        }
    }

    private static func stored(_ ticket: Ticket, _ fault: StorageFault?) -> RoleEvent {
        switch fault {
        case nil: .stored(ticket)
        case .diskFull(let step, let path):
            .storeFull(ticket, "\(StorageFault.diskFull(step, path: path))")
        case .some(let fault): .storeFailed(ticket, "\(fault)")
        }
    }

    /// All that is to be signed after a turn is made durable at once, batch after batch.
    private func signNext() {
        // What is settled waits for the next statement: it forgets, and forbids nothing new.
        guard !isSigning, !wishes.isEmpty || floors.count >= Self.floorsMax else { return }
        let (wishes, floors) = (wishes, floors)
        (self.wishes, self.floors) = ([], [])
        guard let signer else {
            for wish in wishes { tell(.signed(wish.ticket, .unable("there is no signer"))) }
            return
        }
        isSigning = true
        run("sign") {
            signer.carryOut(wishes, floors: floors).map { RoleEvent.signed($0.0, $0.1) }
        } completion: { [weak self] answers in
            guard let self else { return }
            isSigning = false
            tell(answers)
        }
    }

    private func load(_ ticket: Ticket, _ query: LoadQuery) {
        let store = store
        run("load") {
            RoleEvent.loaded(ticket, store.load(query))
        } completion: { [weak self] event in
            self?.tell(event)
        }
    }

    private func compute(_ ticket: Ticket, _ job: Job) {
        run("job_" + job.name) {
            RoleEvent.computed(ticket, job.run())
        } completion: { [weak self] event in
            self?.tell(event)
        }
    }

    /// Runs work on the pool; what it has no place for is done here and now, which slows the node
    /// down instead of dropping what it asked for.
    private func run<Outcome: Sendable>(
        _ name: String, _ job: @escaping @Sendable () -> Outcome,
        completion: @escaping (Outcome) -> Void
    ) {
        let asked = WorkStart.now
        do {
            try pool.submit {
                let start = WorkStart()
                let outcome = job()
                return (outcome, start.end(name, asked: asked))
            } completion: { [weak self] in
                self?.onWork?($0.1)
                completion($0.0)
            }
        } catch {
            let outcome = job()
            completion(outcome)
        }
    }

    // MARK: Time

    private func setTimer() {
        guard let first = wakes.min() else { return }
        if let due = timerDue, due <= first { return }
        timerDue = first
        let now = clock.now
        timer?.start(afterMilliseconds: first > now ? first.milliseconds(since: now) + 1 : 0)
    }

    private func timerFired() {
        timerDue = nil
        let now = clock.now
        let before = wakes.count
        wakes.removeAll { $0 <= now }
        if wakes.count < before { tell(.woke) } else { setTimer() }
    }
}
