// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Cryptography
package import EventLoop
internal import Machinery
package import Peering

/// A peer that offers what others test against: echo, sink, source, perf and a topic of gossip.
///
///     /quadrat/test/echo/1.0.0    writes back what it reads until the end, then ends
///     /quadrat/test/sink/1.0.0    u64 N, N bytes  ->  SHA-256 of the N bytes
///     /quadrat/test/source/1.0.0  u64 N           ->  N bytes, SHA-256 of them
package final class PeerTestHost {
    /// Names of the test protocols.
    package static let echo = "/quadrat/test/echo/1.0.0"
    package static let sink = "/quadrat/test/sink/1.0.0"
    package static let source = "/quadrat/test/source/1.0.0"

    /// The connections.
    package let transport: PeerTransport
    /// Hears the notices that are not about a test stream that a peer opened.
    package var onNotice: ((PeerNotice) -> Void)?

    /// Hears the messages of the topic.
    package var onMessage: ((Heard) -> Void)?
    var gossip: GossipService
    var publishedCount = 0
    let eventLoop: EventLoop

    private struct Exchange {
        let name: String
        var head: [UInt8] = []
        var left: UInt64?
        var digest = SHA256.Stream()
        var unused = 0
        var isFinished = false
    }

    private var exchanges: [StreamNumber: Exchange] = [:]
    private let block: [UInt8]

    /// A peer whose name comes from `seed`.
    package init(seed: Bytes32, on eventLoop: EventLoop) throws(LoopFailure) {
        var generator = SeededGenerator(seed: seed)
        block = generator.bytes(64 * 1024)
        guard let entropy = Bytes32(generator.bytes(32)) else {
            preconditionFailure("32 bytes are 32 bytes")
        }
        var configuration = PeerHost.Configuration(
            key: IdentityPrivateKey(seed: seed), seed: entropy)
        configuration.agentVersion = "quadrat-test"
        configuration.isPerfServed = true
        var host = PeerHost(configuration)
        for name in [Self.echo, Self.sink, Self.source] {
            host.serveStreams(name, streamsPerPeer: 1024)
        }
        gossip = Self.makeGossip(configuration)
        gossip.begin(on: &host)
        self.eventLoop = eventLoop
        transport = try PeerTransport(host, on: eventLoop)
        transport.onNotice = { [weak self] in
            self?.tellGossip($0)
            self?.handle($0)
        }
        beginGossip()
    }

    private func handle(_ notice: PeerNotice) {
        switch notice {
        case .streamOpened(let stream, let name, _):
            exchanges[stream] = Exchange(name: name)
        case .streamReceived(let stream, let bytes) where exchanges[stream] != nil:
            receive(bytes, stream)
        case .streamFinished(let stream) where exchanges[stream] != nil:
            exchanges[stream]?.isFinished = true
            if exchanges[stream]?.name == Self.echo { finish(stream) }
        case .streamDrained(let stream) where exchanges[stream] != nil:
            drained(stream)
        case .streamEnded(let stream, _) where exchanges[stream] != nil:
            exchanges[stream] = nil
        default:
            onNotice?(notice)
        }
    }

    private func receive(_ bytes: ArraySlice<UInt8>, _ stream: StreamNumber) {
        guard let name = exchanges[stream]?.name else { return }
        switch name {
        case Self.echo:
            transport.perform { host, now in
                host.write([UInt8](bytes), on: stream)
                if host.queuedBytes(of: stream) <= YamuxLimits.highWaterBytes {
                    host.consume(bytes.count, of: stream, at: now)
                } else {
                    exchanges[stream]?.unused += bytes.count
                }
            }
        case Self.sink:
            let body = readHead(bytes, stream)
            exchanges[stream]?.digest.update(body)
            exchanges[stream]?.left? -= UInt64(body.count)
            transport.perform { host, now in host.consume(bytes.count, of: stream, at: now) }
            if exchanges[stream]?.left == 0 { sendDigest(stream) }
        default:
            _ = readHead(bytes, stream)
            drained(stream)
        }
    }

    /// Reads the eight bytes of a count; gives what comes after them.
    private func readHead(_ bytes: ArraySlice<UInt8>, _ stream: StreamNumber) -> ArraySlice<UInt8> {
        guard let exchange = exchanges[stream], exchange.left == nil else { return bytes }
        let piece = bytes.prefix(8 - exchange.head.count)
        exchanges[stream]?.head += piece
        if exchange.head.count + piece.count == 8 {
            exchanges[stream]?.left = (exchange.head + piece).reduce(0) { $0 << 8 | UInt64($1) }
        }
        return bytes.dropFirst(piece.count)
    }

    private func drained(_ stream: StreamNumber) {
        guard let exchange = exchanges[stream] else { return }
        if exchange.unused > 0 {
            exchanges[stream]?.unused = 0
            transport.perform { host, now in host.consume(exchange.unused, of: stream, at: now) }
        }
        guard exchange.name == Self.source, var left = exchange.left else { return }
        transport.perform { host, _ in
            while left > 0, host.queuedBytes(of: stream) <= YamuxLimits.highWaterBytes {
                let piece = left < UInt64(block.count) ? Array(block.prefix(Int(left))) : block
                exchanges[stream]?.digest.update(piece)
                host.write(piece, on: stream)
                left -= UInt64(piece.count)
            }
        }
        exchanges[stream]?.left = left
        if left == 0 { sendDigest(stream) }
    }

    private func sendDigest(_ stream: StreamNumber) {
        guard var digest = exchanges.removeValue(forKey: stream)?.digest else { return }
        let bytes = digest.finish().array
        transport.perform { host, _ in
            host.write(bytes, on: stream)
            host.finish(stream)
        }
    }

    private func finish(_ stream: StreamNumber) {
        exchanges[stream] = nil
        transport.perform { host, _ in host.finish(stream) }
    }
}
