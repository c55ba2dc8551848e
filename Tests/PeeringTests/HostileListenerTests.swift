// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Attacks of a listener on the node that dialled it.
@Suite struct HostileListenerTests {
    private static let address = SocketAddress(ip: .v4(.init(repeating: 127)), port: 4000)

    /// A victim that has dialled, and the number of its connection.
    private static func dial() -> (Attacker.Victim, ConnectionNumber) {
        var victim = Attacker.Victim()
        victim.change { host, now in host.dial(Multiaddress(address), at: now) }
        let number = ConnectionNumber.dialled(0)
        victim.handle(.connected(number, remote: address))
        return (victim, number)
    }

    /// Why the attempt came to nothing.
    private static func fault(_ victim: Attacker.Victim) -> DialFault? {
        victim.notices.compactMap {
            if case .dialFailed(_, _, let fault) = $0 { fault } else { nil }
        }.last
    }

    /// A listening session that is honest, but for what it is given to say afterwards.
    private struct Listener {
        var session: SessionMachine
        let number: ConnectionNumber
        var events: [SessionMachine.Event] = []
        var served: Set<String> = ["/ipfs/id/1.0.0"]

        init(_ number: ConnectionNumber, muxers: [String] = ["/yamux/1.0.0"]) {
            self.number = number
            let key = IdentityPrivateKey(seed: Bytes32(repeating: 80))
            session = SessionMachine(
                isDialer: false,
                identity: NoiseIdentity(
                    key: key, staticPrivateKey: Bytes32(repeating: 81), muxers: muxers),
                ephemeralKey: Bytes32(repeating: 82), cipher: BulkCipher(),
                at: Instant(nanoseconds: 1_700_000_000_000_000_000))
        }

        /// Moves bytes until nobody has any.
        mutating func settle(_ victim: inout Attacker.Victim) {
            while true {
                let bytes = victim.sent.removeValue(forKey: number) ?? []
                if !bytes.isEmpty {
                    session.receive(bytes, at: victim.now, serving: served, into: &events)
                }
                let output = session.takeOutput(limit: 1 << 18)
                if !output.isEmpty { victim.handle(.received(number, output)) }
                if bytes.isEmpty && output.isEmpty { return }
            }
        }

        var openedStreams: [UInt32] {
            events.compactMap { if case .opened(let stream, _) = $0 { stream } else { nil } }
        }
    }

    /// Listeners that say nothing, refuse, or answer what was not asked, are left alone for a while.
    @Test func listenersThatDoNotAgree() {
        let hello = Attacker.hello
        let answers: [([UInt8], SessionEnd)] = [
            ([], .handshakeTimedOut),
            (hello + Attacker.token("na"), .nothingInCommon),
            (hello + Attacker.token("/tls/1.0.0"), .negotiation(.answer)),
            (Attacker.token("HTTP/1.1 400 Bad Request"), .negotiation(.header)),
            (
                hello + Attacker.token("/noise") + [0, 95] + [UInt8](repeating: 1, count: 95),
                .noise(.messageSize)
            ),
            (
                hello + Attacker.token("/noise") + [0, 96] + [UInt8](repeating: 9, count: 96),
                .noise(.tag)
            ),
            (
                hello + Attacker.token("/noise") + [0, 200] + [UInt8](repeating: 0, count: 200),
                .noise(.lowOrderKey)
            ),
        ]
        for (bytes, end) in answers {
            var (victim, number) = Self.dial()
            if bytes.isEmpty {
                victim.pass(milliseconds: 10_000)
            } else {
                victim.handle(.received(number, bytes))
            }
            #expect(Self.fault(victim) == .session(end))
            #expect(victim.hungUp == [number])
            victim.change { host, now in host.dial(Multiaddress(Self.address), at: now) }
            guard case .backingOff = Self.fault(victim) else {
                Issue.record("dialled again at once after \(end)")
                return
            }
        }
    }

    /// A listener that takes the handshake and then no muxer is let go.
    @Test func listenersWithoutAMuxer() {
        var (victim, number) = Self.dial()
        var listener = Listener(number, muxers: ["/mplex/6.7.0"])
        listener.settle(&victim)
        #expect(victim.host.connectedPeers.count == 1)
        (victim, number) = Self.dial()
        var silent = Listener(number, muxers: [])
        for _ in 0..<2 {
            let bytes = victim.sent.removeValue(forKey: number) ?? []
            silent.session.receive(bytes, at: victim.now, serving: [], into: &silent.events)
            victim.handle(.received(number, silent.session.takeOutput(limit: 1)))
        }
        victim.pass(milliseconds: 10_000)
        #expect(Self.fault(victim) == .session(.handshakeTimedOut))
    }

    /// Answers that never end, come too slowly or not at all end by the question's own limits.
    @Test func answersWithoutEnd() throws {
        var (victim, number) = Self.dial()
        var listener = Listener(number)
        listener.served.insert("/ask")
        listener.settle(&victim)
        let peer = try #require(victim.host.connectedPeers.first)
        var numbers: [RequestNumber] = []
        victim.change { host, now in
            for _ in 0..<3 {
                numbers.append(
                    host.request(
                        "/ask", to: peer, [1], answerLimit: 100_000,
                        deadline: now.advanced(byMilliseconds: 3_000), at: now))
            }
        }
        listener.settle(&victim)
        let streams = Array(listener.openedStreams.suffix(3))
        for _ in 0..<3 {
            listener.session.write([UInt8](repeating: 0, count: 60_000), on: streams[0])
            listener.session.write([0], on: streams[1])
            listener.settle(&victim)
            victim.pass(milliseconds: 1_000)
        }
        let ends = victim.notices.compactMap { notice -> (RequestNumber, RequestFault)? in
            guard case .answered(let number, .failure(let fault)) = notice else { return nil }
            return (number, fault)
        }
        #expect(ends.map { $0.0 } == numbers)
        #expect(ends.map { $0.1 } == [.answerOverLimit(100_000), .timedOut, .timedOut])
        listener.settle(&victim)
        let resets = listener.events.count {
            if case .ended(_, .reset) = $0 { true } else { false }
        }
        #expect(resets == 3)
        #expect(victim.host.memoryUsedBytes < 8192)
    }

    /// A listener that accepts no stream keeps no more than 256 of them waiting.
    @Test func streamsThatNobodyAccepts() throws {
        var (victim, number) = Self.dial()
        var listener = Listener(number)
        listener.settle(&victim)
        let peer = try #require(victim.host.connectedPeers.first)
        var busy = 0
        victim.change { host, now in
            for _ in 0..<300 {
                do throws(RequestFault) {
                    _ = try host.openStream("/x", to: peer, at: now)
                } catch {
                    if error == .busy { busy += 1 }
                }
            }
        }
        #expect(busy == 44)
        victim.pass(milliseconds: 10_000)
        let ended = victim.notices.count {
            if case .streamEnded(_, .negotiationTimedOut) = $0 { true } else { false }
        }
        #expect(ended == 256)
    }

    /// A listener that tells of itself for ever, or of another, is not believed.
    @Test func identitiesOfListeners() throws {
        for bytes in [[UInt8](repeating: 0xff, count: 100_000), [5, 0x0a, 3, 1, 2, 3]] {
            var (victim, number) = Self.dial()
            var listener = Listener(number)
            listener.settle(&victim)
            let stream = try #require(listener.openedStreams.first)
            listener.session.write(bytes, on: stream)
            listener.session.finish(stream)
            listener.settle(&victim)
            let isBelieved = victim.notices.contains {
                if case .identified = $0 { true } else { false }
            }
            #expect(!isBelieved)
            #expect(victim.host.isConnected(victim.host.connectedPeers[0]))
        }
    }
}
