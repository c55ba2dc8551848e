// SPDX-License-Identifier: Apache-2.0

internal import Chain
package import Cryptography
internal import DataSquare
internal import EventLoop
internal import Glibc
internal import Ledger
package import Machinery
package import Peering
package import RPC
package import Roles
internal import Storage
package import Syncing
package import Telemetry

/// One node as a process: its store, its loop, its doors, from start to the signal that ends it.
package final class NodeProcess {
    /// What a process is told beside its node's configuration.
    package struct Options {
        /// The node.
        package var node: NodeConfiguration
        /// Where everything is kept.
        package var directory: String
        /// Where peers connect to.
        package var listen: SocketAddress
        /// Where users connect to; nil for nowhere.
        package var rpc: SocketAddress?
        /// Who may use the RPC.
        package var access: AccessPolicy
        /// What is logged.
        package var log: Log
        /// The memory for extended squares that are kept at hand, in bytes.
        package var squareCacheBytes = SquareStore.cacheSizeBytes
        /// Whether the process ends by itself when nothing is left to be done, or a block is refused.
        package var isOnce = false
        /// The key of a validator that decides together with others.
        package var memberKey: Ed25519PrivateKey?
        /// Hears how far a backfill of squares is.
        package var onBackfill: ((BackfillProgress) -> Void)?

        /// Takes all of it.
        package init(
            node: NodeConfiguration, directory: String, listen: SocketAddress,
            rpc: SocketAddress?, access: AccessPolicy, log: Log
        ) {
            self.node = node
            self.directory = directory
            self.listen = listen
            self.rpc = rpc
            self.access = access
            self.log = log
        }
    }

    /// Why a process ended.
    package enum Ending: Hashable, Sendable {
        /// It was asked to.
        case asked
        /// Nothing was left to be done.
        case done
        /// The block of this height is proven wrong.
        case refused(height: UInt64)
    }

    /// Where a process that runs can be reached.
    package struct Doors: Hashable, Sendable {
        /// For peers, with the peer id.
        package let peer: Multiaddress
        /// For users.
        package let rpc: String?
    }

    private let loop: EventLoop
    private let live: LiveNode
    private let listener: TCPListener
    private var rpcServer: RPCServer?
    private let clock = LiveClock()
    private let observer: NodeObserver
    private let log: Log
    private let onBackfill: ((BackfillProgress) -> Void)?
    private var signals: [SignalWatch] = []
    private var parentWatch: LoopTimer?
    /// How often a process that ends by itself looks whether it may, and how often in a row it must
    /// find nothing to do: news take a moment to come.
    private static let lookMilliseconds: UInt64 = 200
    private static let quietLooks = 15
    private let isOnce: Bool
    private var onceWatch: LoopTimer?
    private var looksDone = 0
    private var ending = Ending.asked
    /// Where the process can be reached.
    package let doors: Doors

    /// Opens the store and the doors; the node begins with `run`.
    package init(_ options: Options) throws {
        log = options.log
        onBackfill = options.onBackfill
        isOnce = options.isOnce
        loop = try EventLoop()
        // Before the store: a log is made only where no node has run.
        let signer = try options.memberKey.map {
            try ValidatorSigner(
                $0, chainID: options.node.rules.chainID, directory: options.directory)
        }
        if let reason = signer?.quarantine {
            log.write(
                .warning, "signer.quarantined", at: clock.now, [("why", .text(reason))])
        }
        let store = try NodeStore(
            options.directory, slice: options.node.slice,
            squareCacheBytes: options.squareCacheBytes)
        if !store.swept.isClean {
            log.write(.warning, "store.healed", at: clock.now, [("what", .text("\(store.swept)"))])
        }
        let metrics = NodeMetrics(
            kind: options.node.kind.rawValue, parts: NodeHealth.Part.allCases.map(\.rawValue))
        observer = NodeObserver(log: log, clock: clock, metrics: metrics)
        let disk = try DiskWatch(options.directory, on: loop)
        let door = Door()
        listener = try loop.listen(options.listen) { door.onAccept?($0) }
        var configuration = options.node
        let address = Multiaddress(listener.address)
        configuration.listenAddresses = [address]
        let peer = PeerIdentifier(of: configuration.identity.publicKey)
        configuration.greeting = signer?.greeting(from: peer.bytes)
        live = LiveNode(configuration, store: store, on: loop, signer: signer)
        door.onAccept = { [live] in live.accept($0) }
        rpcServer = nil
        let identifier = PeerIdentifier(of: configuration.identity.publicKey)
        var rpcText: String?
        if let rpc = options.rpc {
            let server = try RPCServer(
                Self.rpcConfiguration(options.access, clock, metrics, live, observer, disk),
                on: loop, at: rpc
            ) { [live] request, completion in live.ask(request, completion) }
            rpcServer = server
            rpcText = server.address.map { "http://\($0)" }
        }
        doors = Doors(peer: address.appending(identifier), rpc: rpcText)
    }

    /// Runs the node until SIGINT or SIGTERM, or until it is through; tells why it ended.
    package func run(onReady: () -> Void) throws -> Ending {
        live.onObservation = { [weak self] observation in
            self?.observer.observe(observation)
            self?.publish(observation)
            if case .backfill(let progress) = observation { self?.onBackfill?(progress) }
        }
        live.onWork = { [observer] in observer.worked($0) }
        for signal in [SIGINT, SIGTERM] {
            signals.append(try loop.onSignal(signal) { [weak self] in self?.stop() })
        }
        try live.start()
        log.write(
            .info, "node.started", at: clock.now,
            [("peer", .text("\(doors.peer)")), ("rpc", .text(doors.rpc ?? "none"))])
        if isOnce { try endWhenDone() }
        onReady()
        loop.run()
        log.write(.info, "node.ended", at: clock.now)
        loop.close()
        return ending
    }

    private func endWhenDone() throws {
        onceWatch = try LoopTimer.reusable(on: loop) { [weak self] in self?.look() }
        onceWatch?.start(afterMilliseconds: Self.lookMilliseconds)
    }

    /// Ends when a block is refused, which counts once it is on disk, or all is done.
    private func look() {
        let fraud = live.status.health.fraud
        looksDone = live.isDone ? looksDone + 1 : 0
        if !live.isStoringAny, fraud != nil || looksDone >= Self.quietLooks {
            ending = fraud.map { .refused(height: $0.height) } ?? .done
            return stop()
        }
        onceWatch?.start(afterMilliseconds: Self.lookMilliseconds)
    }

    /// Ends the node when the process that started it is gone, looking once a second.
    package func endWithParent() throws {
        let parent = getppid()
        parentWatch = try LoopTimer.reusable(on: loop) { [weak self] in
            guard getppid() == parent else {
                self?.stop()
                return
            }
            self?.parentWatch?.start(afterMilliseconds: 1_000)
        }
        parentWatch?.start(afterMilliseconds: 1_000)
    }

    /// Tells those who watch by the RPC.
    private func publish(_ observation: Observation) {
        switch observation {
        case .head(let header): rpcServer?.publish(head: header)
        case .sampled(let height, let isAvailable, let parts):
            rpcServer?.publish(
                .sampled(
                    height: height, isAvailable: isAvailable, confidencePartsPerMillion: parts))
        case .fraud(let height, let reason):
            rpcServer?.publish(.fraud(height: height, reason: reason))
            rpcServer?.publishFraud()
        case .alarm(let height, let row):
            rpcServer?.publish(.alarm(height: height, row: row))
        default: break
        }
    }

    private func stop() {
        rpcServer?.close()
        listener.close()
        loop.stop()
    }

    private static func rpcConfiguration(
        _ access: AccessPolicy, _ clock: LiveClock, _ metrics: NodeMetrics, _ live: LiveNode,
        _ observer: NodeObserver, _ disk: DiskWatch
    ) -> RPCConfiguration {
        var configuration = RPCConfiguration(
            access: access,
            clock: { Timestamp(nanosecondsSince1970: clock.now.nanoseconds) },
            entropy: { Entropy.bytes($0) })
        configuration.disk = { disk.use }
        configuration.onAnswer = {
            observer.answered($0, isResult: $1, microseconds: $2)
        }
        configuration.pages = [
            "/metrics": {
                observer.refresh(live.status, disk.use)
                return HTTPResponse(
                    status: 200, type: PrometheusText.contentType,
                    body: PrometheusText.render(metrics.registry))
            },
            "/storage": {
                HTTPResponse(status: 200, json: StoragePage.json(live.storageReport))
            },
            "/sampling": {
                HTTPResponse(status: 200, json: SamplingPage.json(live.samplingReport))
            },
        ]
        return configuration
    }
}

/// Hands accepted connections to the node, which is made after the listener.
private final class Door {
    var onAccept: ((TCPStream) -> Void)?
}
