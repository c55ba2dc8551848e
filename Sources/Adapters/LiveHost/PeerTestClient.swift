// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Cryptography
package import EventLoop
internal import Machinery
package import Peering

/// Runs one named test against another peer, over a connection that it opens.
package final class PeerTestClient {
    /// The tests by name.
    package static let names = [
        "ping", "identify", "identify-push", "echo", "half-close", "reset", "parallel",
        "unknown-proto", "upload", "download", "perf-up", "perf-down", "many-conns",
        "gossip-pub", "gossip-sub", "gossip-both",
    ]

    /// What was seen, in words.
    package private(set) var report = ""

    private final class Exchange {
        var received: [UInt8] = []
        var receivedCount = 0
        var isKept = true
        var isFinished = false
        var end: StreamEnd?
        var isDrained = false
    }

    let eventLoop: EventLoop
    let node: PeerTestHost
    private var exchanges: [StreamNumber: Exchange] = [:]
    private(set) var peer: PeerIdentifier?
    private var identity: IdentifyMessage?
    private var failure: String?
    var random = SeededGenerator(seed: Bytes32(repeating: 9))

    /// A client whose name comes from `seed`.
    package init(
        seed: Bytes32 = Bytes32(repeating: 43), on eventLoop: EventLoop
    ) throws(LoopFailure) {
        self.eventLoop = eventLoop
        node = try PeerTestHost(seed: seed, on: eventLoop)
        node.onNotice = { [weak self] in self?.handle($0) }
    }

    /// Runs a test; false with a report when it fails or takes longer than a minute.
    package func run(_ name: String, against address: Multiaddress, count: Int? = nil) -> Bool {
        node.transport.perform { host, now in host.dial(address, at: now) }
        guard wait({ self.peer != nil }) else { return fail("not connected") }
        switch name {
        case "ping": return ping(count ?? 100)
        case "identify": return wait { self.identity?.agentVersion != nil } && describe()
        case "identify-push": return push()
        case "echo": return echo()
        case "half-close": return halfClose()
        case "reset": return reset(count ?? 10)
        case "parallel": return parallel(count ?? 100)
        case "unknown-proto": return unknownProtocol()
        case "upload": return upload(PeerTestHost.sink, count ?? 64 << 20)
        case "download": return download(PeerTestHost.source, count ?? 64 << 20)
        case "perf-up": return perf(up: count ?? 64 << 20, down: 0)
        case "perf-down": return perf(up: 0, down: count ?? 64 << 20)
        case "many-conns": return manyConnections(to: address, count ?? 100)
        default:
            return runGossip(name, against: address, count: count ?? 10)
                ?? fail("no such test")
        }
    }

    private func handle(_ notice: PeerNotice) {
        switch notice {
        case .peerConnected(let peer, _, _): self.peer = peer
        case .identified(_, let message): identity = message
        case .dialFailed(_, _, let fault): failure = "\(fault)"
        case .streamReceived(let stream, let bytes):
            guard let exchange = exchanges[stream] else { return }
            if exchange.isKept { exchange.received += bytes }
            exchange.receivedCount += bytes.count
            node.transport.perform { host, now in host.consume(bytes.count, of: stream, at: now) }
        case .streamFinished(let stream): exchanges[stream]?.isFinished = true
        case .streamEnded(let stream, let end): exchanges[stream]?.end = end
        case .streamDrained(let stream): exchanges[stream]?.isDrained = true
        case .observed(.sessionEnded(_, _, let end)): failure = "session ended: \(end)"
        default: break
        }
    }

    func wait(_ isDone: () -> Bool) -> Bool {
        let limit = eventLoop.monotonicNanoseconds + 60_000_000_000
        while !isDone() {
            if failure != nil || eventLoop.monotonicNanoseconds > limit { return false }
            eventLoop.runOnce()
        }
        return true
    }

    func fail(_ why: String) -> Bool {
        report = "\(why) \(failure ?? "")"
        return false
    }

    private func open(_ name: String) -> (StreamNumber, Exchange)? {
        guard let peer else { return nil }
        let opened: Result<StreamNumber, RequestFault> = node.transport.perform { host, now in
            do throws(RequestFault) {
                return .success(try host.openStream(name, to: peer, at: now))
            } catch {
                return .failure(error)
            }
        }
        guard case .success(let stream) = opened else {
            failure = "\(opened)"
            return nil
        }
        let exchange = Exchange()
        exchanges[stream] = exchange
        return (stream, exchange)
    }

    private func write(_ bytes: [UInt8], _ stream: StreamNumber) {
        node.transport.perform { host, _ in host.write(bytes, on: stream) }
    }

    private func finish(_ stream: StreamNumber) {
        node.transport.perform { host, _ in host.finish(stream) }
    }

    private func ping(_ count: Int) -> Bool {
        guard let (stream, exchange) = open("/ipfs/ping/1.0.0") else { return fail("no stream") }
        var times: [UInt64] = []
        for round in 1...count {
            let start = eventLoop.monotonicNanoseconds
            let bytes = random.bytes(32)
            write(bytes, stream)
            guard wait({ exchange.received.count == 32 * round || exchange.end != nil }),
                exchange.received.suffix(32) == bytes[...]
            else { return fail("no pong \(round)") }
            times.append((eventLoop.monotonicNanoseconds - start) / 1000)
        }
        finish(stream)
        times.sort()
        report += "median \(times[times.count / 2]) us, max \(times[times.count - 1]) us"
        return true
    }

    private func describe() -> Bool {
        guard let identity, let key = identity.publicKey, PeerIdentifier(of: key) == peer else {
            return fail("the key is another peer's")
        }
        report =
            "\(identity.agentVersion ?? "") \(identity.protocols.count) protocols, "
            + "observed \(identity.observedAddress?.description ?? "nothing")"
        return !identity.protocols.isEmpty
    }

    private func push() -> Bool {
        node.transport.perform { host, now in host.announceIdentity(listenAddresses: [], at: now) }
        return ping(3)
    }

    /// Connections of clients with names of their own, open at the same time.
    private func manyConnections(to address: Multiaddress, _ count: Int) -> Bool {
        var others: [PeerTestClient] = []
        for _ in 0..<count {
            do throws(LoopFailure) {
                guard let seed = Bytes32(random.bytes(32)) else { return false }
                let other = try PeerTestClient(seed: seed, on: eventLoop)
                others.append(other)
                guard other.run("ping", against: address, count: 1) else {
                    return fail("connection \(others.count): \(other.report)")
                }
            } catch {
                return fail("\(error)")
            }
        }
        for other in others {
            guard other.ping(1) else { return fail("a connection died: \(other.report)") }
        }
        for other in others { other.node.transport.close() }
        return ping(1)
    }

    private func echo() -> Bool {
        guard let (stream, exchange) = open(PeerTestHost.echo) else { return fail("no stream") }
        for size in [1, 31, 4096, 65_519, 65_520, 65_535, 200_000] {
            let bytes = random.bytes(size)
            exchange.received = []
            write(bytes, stream)
            guard wait({ exchange.received.count >= size || exchange.end != nil }),
                exchange.received == bytes
            else { return fail("echo of \(size) bytes differs") }
        }
        finish(stream)
        return wait { exchange.isFinished } || fail("no end")
    }

    private func halfClose() -> Bool {
        guard let (stream, exchange) = open(PeerTestHost.echo) else { return fail("no stream") }
        let bytes = random.bytes(100_000)
        write(bytes, stream)
        finish(stream)
        return wait { exchange.isFinished } && exchange.received == bytes || fail("echo differs")
    }

    private func reset(_ count: Int) -> Bool {
        for _ in 0..<count {
            guard let (stream, _) = open(PeerTestHost.echo) else { return fail("no stream") }
            write([UInt8](repeating: 120, count: 1000), stream)
            node.transport.perform { host, _ in host.reset(stream, code: .none) }
        }
        return ping(3)
    }

    private func parallel(_ count: Int) -> Bool {
        var sent: [(StreamNumber, Exchange, [UInt8])] = []
        for _ in 0..<count {
            guard let (stream, exchange) = open(PeerTestHost.echo) else {
                return fail("no stream")
            }
            sent.append((stream, exchange, random.bytes(20_000)))
        }
        for (stream, _, bytes) in sent {
            var rest = bytes[...]
            var size = 1
            while !rest.isEmpty {
                write([UInt8](rest.prefix(size)), stream)
                rest = rest.dropFirst(size)
                size = size * 3 % 9973 + 1
            }
            finish(stream)
        }
        return wait { sent.allSatisfy { $0.1.isFinished } }
            && sent.allSatisfy { $0.1.received == $0.2 } || fail("an echo differs")
    }

    private func unknownProtocol() -> Bool {
        guard let (_, exchange) = open("/quadrat/test/no-such/9.9.9") else {
            return fail("no stream")
        }
        guard wait({ exchange.end != nil }), exchange.end == .refused else {
            return fail("not refused: \(String(describing: exchange.end))")
        }
        return ping(3)
    }

    private func send(
        _ total: Int, _ stream: StreamNumber, _ exchange: Exchange, isHashed: Bool
    ) -> Bytes32? {
        let block = random.bytes(64 * 1024)
        var digest = SHA256.Stream()
        var left = total
        while left > 0 {
            let piece = left < block.count ? Array(block.prefix(left)) : block
            if isHashed { digest.update(piece) }
            write(piece, stream)
            left -= piece.count
            guard
                wait({
                    node.transport.host.queuedBytes(of: stream) <= YamuxLimits.highWaterBytes
                        || exchange.end != nil
                })
            else { return nil }
        }
        return digest.finish()
    }

    private func upload(_ name: String, _ total: Int) -> Bool {
        guard let (stream, exchange) = open(name) else { return fail("no stream") }
        var head: [UInt8] = []
        head.append(bigEndian: UInt64(total))
        write(head, stream)
        let start = eventLoop.monotonicNanoseconds
        guard let digest = send(total, stream, exchange, isHashed: true) else {
            return fail("stalled")
        }
        finish(stream)
        guard wait({ exchange.received.count == 32 || exchange.end != nil }) else {
            return fail("no digest")
        }
        rate(total, since: start)
        return exchange.received == digest.array || fail("another digest")
    }

    private func download(_ name: String, _ total: Int) -> Bool {
        guard let (stream, exchange) = open(name) else { return fail("no stream") }
        exchange.isKept = false
        var head: [UInt8] = []
        head.append(bigEndian: UInt64(total))
        write(head, stream)
        finish(stream)
        let start = eventLoop.monotonicNanoseconds
        guard wait({ exchange.isFinished || exchange.end != nil }) else { return fail("no end") }
        rate(total, since: start)
        return exchange.receivedCount == total + 32 || fail("\(exchange.receivedCount) bytes came")
    }

    private func perf(up: Int, down: Int) -> Bool {
        guard let (stream, exchange) = open("/perf/1.0.0") else { return fail("no stream") }
        exchange.isKept = false
        var head: [UInt8] = []
        head.append(bigEndian: UInt64(down))
        write(head, stream)
        let start = eventLoop.monotonicNanoseconds
        guard send(up, stream, exchange, isHashed: false) != nil else { return fail("stalled") }
        finish(stream)
        guard wait({ exchange.isFinished || exchange.end != nil }) else { return fail("no end") }
        rate(up + down, since: start)
        return exchange.receivedCount == down || fail("\(exchange.receivedCount) bytes came")
    }

    private func rate(_ bytes: Int, since start: UInt64) {
        let milliseconds = max(1, (eventLoop.monotonicNanoseconds - start) / 1_000_000)
        report = "\(UInt64(bytes) / 1024 * 1000 / 1024 / milliseconds) MiB/s"
    }
}
