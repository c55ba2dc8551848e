// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Peer hosts that speak to each other, on a virtual clock.
@Suite struct PeerHostTests {
    static let ask = "/test/ask/1"
    static let raw = "/test/raw/1"

    private static func pair(
        _ change: (Int, inout PeerHost.Configuration) -> Void = { _, _ in }
    ) -> HostNetwork {
        var network = HostNetwork(count: 2, change)
        network.change(1) { host, _ in
            host.serve(ask, ServiceLimits(completion: .atEnd(limit: 100)))
            host.serveStreams(raw, streamsPerPeer: 8)
        }
        network.dial(0, 1)
        network.run(milliseconds: 100)
        return network
    }

    private static func answers(
        _ notices: [PeerNotice]
    ) -> [(RequestNumber, Result<[UInt8], RequestFault>)] {
        notices.compactMap {
            if case .answered(let number, let end) = $0 { (number, end) } else { nil }
        }
    }

    private static func questions(_ notices: [PeerNotice]) -> [(InboundNumber, [UInt8])] {
        notices.compactMap {
            if case .asked(let number, _, _, let bytes) = $0 { (number, bytes) } else { nil }
        }
    }

    /// Both sides learn of each other, with the right names, and who the other is.
    @Test func peersMeet() throws {
        var network = Self.pair()
        for (index, other) in [(0, 1), (1, 0)] {
            let notices = network.take(index)
            guard case .peerConnected(network.peer(other), _, let remote) = notices.first else {
                Issue.record("\(notices)")
                return
            }
            #expect(remote.ip == HostNetwork.address(other).ip)
            let identity = try #require(network.hosts[index].identity(of: network.peer(other)))
            #expect(identity.agentVersion == "host \(other)")
            #expect(identity.listenAddresses == [Multiaddress(HostNetwork.address(other))])
            #expect(identity.protocols == network.hosts[other].servedProtocols)
            let record = try SignedPeerRecord(protobuf: identity.signedPeerRecord[...])
            #expect(record.peer == network.peer(other))
            #expect(network.hosts[index].connectedPeers == [network.peer(other)])
        }
    }

    /// A question gets its answer, whole, even one of many windows given part by part.
    @Test(arguments: [0, 1, 70_000, 3_000_000])
    func questionsAreAnswered(size: Int) throws {
        var network = Self.pair()
        let peer = network.peer(1)
        let number = network.change(0) { host, now in
            host.request(
                Self.ask, to: peer, [1, 2, 3], answerLimit: size,
                deadline: now.advanced(byMilliseconds: 9_000), at: now)
        }
        network.run(milliseconds: 50)
        let (question, bytes) = try #require(Self.questions(network.take(1)).first)
        #expect(bytes == [1, 2, 3])
        var generator = SeededGenerator(seed: Bytes32(repeating: 3))
        let answer =
            generator.bytes(min(size, 4096)) + [UInt8](repeating: 7, count: max(0, size - 4096))
        var rest = answer[...]
        var pauses = 0
        while true {
            let part = rest.prefix(256 * 1024)
            rest = rest.dropFirst(part.count)
            network.change(1) { host, _ in
                host.answer(question, [UInt8](part), isLast: rest.isEmpty)
            }
            if rest.isEmpty { break }
            while network.hosts[1].queuedBytes(of: question) > YamuxLimits.highWaterBytes {
                network.run(milliseconds: 5)
                pauses += 1
                #expect(pauses < 1000)
            }
        }
        network.run(milliseconds: 3_000)
        let answers = Self.answers(network.take(0))
        #expect(answers.count == 1 && answers.first?.0 == number)
        #expect(try answers.first?.1.get() == answer)
        #expect(network.hosts[0].requestsWaiting == 0)
        network.run(milliseconds: 12_000)
        #expect(network.hosts[1].memoryUsedBytes == 4096)
    }

    /// Every way in which a question can fail is told by its own name, once.
    @Test func questionsThatFail() throws {
        var network = Self.pair()
        let peer = network.peer(1)
        func request(_ name: String, limit: Int = 10, milliseconds: UInt64 = 1_000) -> RequestNumber
        {
            network.change(0) { host, now in
                host.request(
                    name, to: peer, [1], answerLimit: limit,
                    deadline: now.advanced(byMilliseconds: milliseconds), at: now)
            }
        }
        let unsupported = request("/none")
        let reset = request(Self.ask)
        let long = request(Self.ask, limit: 3)
        let late = request(Self.ask)
        let cancelled = request(Self.ask)
        network.run(milliseconds: 50)
        let questions = Self.questions(network.take(1)).map { $0.0 }
        #expect(questions.count == 4)
        network.change(1) { host, _ in
            host.reset(questions[0], code: .rateLimited)
            host.answer(questions[1], [1, 2, 3, 4], isLast: true)
        }
        network.change(0) { host, _ in host.cancel(cancelled) }
        network.run(milliseconds: 2_000)
        let ends = Dictionary(
            Self.answers(network.take(0)).map { ($0.0, $0.1) }, uniquingKeysWith: { _, new in new })
        #expect(ends.count == 4)
        #expect(ends[unsupported] == .failure(.unsupported))
        #expect(ends[reset] == .failure(.reset(.rateLimited)))
        #expect(ends[long] == .failure(.answerOverLimit(3)))
        #expect(ends[late] == .failure(.timedOut))
        let abandoned = network.take(1).count { if case .abandoned = $0 { true } else { false } }
        #expect(abandoned == 2)
        let lost = request(Self.ask)
        network.cut(0)
        let nobody = request(Self.ask)
        let last = Self.answers(network.take(0))
        #expect(last.map { $0.0 } == [lost, nobody])
        #expect(last[0].1 == .failure(.disconnected) && last[1].1 == .failure(.notConnected))
    }

    /// More than 256 streams that wait for the peer are refused here, not there.
    @Test func questionsInABurst() throws {
        var network = Self.pair()
        let peer = network.peer(1)
        network.change(0) { host, now in
            for _ in 0..<300 {
                _ = host.request(
                    Self.ask, to: peer, [1], answerLimit: 10,
                    deadline: now.advanced(byMilliseconds: 1000), at: now)
            }
        }
        let refused = Self.answers(network.take(0))
        #expect(refused.count == 44)
        #expect(refused.allSatisfy { $0.1 == .failure(.busy) })
        network.run(milliseconds: 50)
        // The answering side gives one peer 64 streams of a protocol.
        #expect(Self.questions(network.take(1)).count == 64)
        let ends = Self.answers(network.take(0))
        #expect(ends.count == 192)
        #expect(ends.allSatisfy { $0.1 == .failure(.reset(.resourceLimit)) })
    }

    /// Raw streams carry data both ways with credit, ends and resets.
    @Test func rawStreams() throws {
        var network = Self.pair()
        let peer = network.peer(1)
        let stream = try network.change(0) { host, now throws(RequestFault) in
            try host.openStream(Self.raw, to: peer, at: now)
        }
        network.change(0) { host, _ in host.write([UInt8](repeating: 4, count: 600_000), on: stream)
        }
        #expect(network.hosts[0].queuedBytes(of: stream) > YamuxLimits.highWaterBytes)
        var received = 0
        var theirs: StreamNumber?
        for _ in 0..<100 {
            network.run(milliseconds: 20)
            for notice in network.take(1) {
                if case .streamOpened(let opened, Self.raw, _) = notice { theirs = opened }
                if case .streamReceived(let stream, let bytes) = notice {
                    received += bytes.count
                    network.change(1) { host, now in host.consume(bytes.count, of: stream, at: now)
                    }
                }
            }
        }
        #expect(received == 600_000)
        let notices = network.take(0)
        #expect(notices.contains { if case .streamAgreed(stream) = $0 { true } else { false } })
        #expect(notices.contains { if case .streamDrained(stream) = $0 { true } else { false } })
        let opened = try #require(theirs)
        network.change(1) { host, _ in
            host.write([9], on: opened)
            host.finish(opened)
        }
        network.run(milliseconds: 20)
        var after = network.take(0)
        #expect(after.contains { if case .streamFinished(stream) = $0 { true } else { false } })
        network.change(0) { host, _ in host.reset(stream, code: .shutdown) }
        network.run(milliseconds: 20)
        after = network.take(1)
        #expect(
            after.contains {
                if case .streamEnded(opened, .reset(.shutdown)) = $0 { true } else { false }
            })
    }

    /// A peer that cannot be reached is left alone for longer each time, then reached again.
    @Test func failedDialsBackOff() throws {
        var network = HostNetwork(count: 2)
        network.deaf = [1]
        var pauses: [UInt64] = []
        for _ in 0..<8 {
            network.dial(0, 1)
            network.run(milliseconds: 20)
            guard case .dialFailed(_, network.peer(1), .unreachable) = network.take(0).first else {
                Issue.record("not unreachable")
                return
            }
            network.dial(0, 1)
            guard
                case .dialFailed(_, _, .backingOff(let until)) = try #require(network.take(0).first)
            else {
                Issue.record("not backing off")
                return
            }
            pauses.append((until.milliseconds(since: network.now) + 999) / 1000)
            network.run(milliseconds: until.milliseconds(since: network.now) + 1)
        }
        #expect(pauses == [5, 10, 20, 40, 80, 160, 300, 300])
        network.deaf = []
        network.dial(0, 1)
        network.run(milliseconds: 100)
        #expect(network.hosts[0].isConnected(network.peer(1)))
    }

    /// A connection that is lost during its handshake, as behind a proxy with nobody at its other end,
    /// is a dial that failed: whoever dialled hears of it and can dial again.
    @Test func connectionsLostBeforeTheirProofAreFailedDials() throws {
        let network = HostNetwork(count: 2)
        var host = network.hosts[0]
        let address = HostNetwork.address(1)
        host.dial(Multiaddress(address), expecting: network.peer(1), at: network.now)
        var effects: [PeerEffect] = []
        host.flush(at: network.now, into: &effects)
        let dialled = effects.compactMap {
            if case .dial(let number, _) = $0 { number } else { nil }
        }
        let number = try #require(dialled.first)
        host.handle(.connected(number, remote: address), at: network.now, into: &effects)
        effects = []
        host.handle(.disconnected(number), at: network.now, into: &effects)
        let failures = effects.filter {
            if case .notice(.dialFailed(_, network.peer(1), .session(.disconnected))) = $0 {
                true
            } else {
                false
            }
        }
        #expect(failures.count == 1, "\(effects)")
        #expect(host.connectionCount == 0)
    }

    /// A peer that was there for a while is tried again after short pauses, so that its restart costs
    /// little; one that left at once, or stays away, is left alone as any other.
    @Test func thoseThatWereThereAreExpectedBack() throws {
        func pauses(after milliseconds: UInt64, _ count: Int) throws -> [UInt64] {
            var network = HostNetwork(count: 2)
            network.dial(0, 1)
            network.run(milliseconds: milliseconds)
            try #require(network.hosts[0].isConnected(network.peer(1)))
            network.cut(0)
            network.deaf = [1]
            network.run(milliseconds: 20)
            _ = network.take(0)
            return try (0..<count).map { _ in
                network.dial(0, 1)
                network.run(milliseconds: 20)
                _ = network.take(0)
                network.dial(0, 1)
                guard
                    case .dialFailed(_, _, .backingOff(let until)) = try #require(
                        network.take(0).first)
                else { return 0 }
                let pause = until.milliseconds(since: network.now)
                network.run(milliseconds: pause + 1)
                return pause
            }
        }
        let limits = PeerHostLimits()
        let soon = limits.returnAttempts
        let known = try pauses(after: 6_000, soon + limits.lastingAttempts + 2)
        #expect((350...625).contains(known[0]), "\(known)")
        #expect(known[1..<soon].allSatisfy { (725...1_250).contains($0) })
        #expect(Set(known[1..<soon]).count > 8)
        #expect(known[soon...].dropLast(2).allSatisfy { (2_225...3_750).contains($0) })
        #expect(known.suffix(2).map { ($0 + 999) / 1_000 } == [5, 10])
        let stranger = try pauses(after: 500, 2)
        #expect(stranger.map { ($0 + 999) / 1_000 } == [5, 10])
    }

    /// Another peer than the dialled one is not spoken to.
    @Test func anotherPeerAnswers() throws {
        var network = HostNetwork(count: 2)
        let address = Multiaddress(HostNetwork.address(1)).appending(HostNetwork.key(7).peer)
        network.change(0) { host, now in host.dial(address, at: now) }
        network.run(milliseconds: 100)
        let failed = network.take(0).contains {
            if case .dialFailed(_, _, .session(.wrongPeer)) = $0 { true } else { false }
        }
        #expect(failed)
        #expect(network.hosts[0].connectionCount == 0 && network.hosts[1].connectionCount == 0)
    }

    /// Two peers that dial each other at once have two sessions, and lose the peer with the last.
    @Test func peersDialEachOther() {
        var network = HostNetwork(count: 2)
        network.dial(0, 1)
        network.dial(1, 0)
        network.run(milliseconds: 100)
        let connected = network.take(0).count {
            if case .peerConnected = $0 { true } else { false }
        }
        #expect(connected == 2 && network.hosts[0].connectionCount == 2)
        network.change(0) { [peer = network.peer(1)] host, now in host.hangUp(peer, at: now) }
        network.run(milliseconds: 100)
        for index in 0..<2 {
            let gone = network.take(index).count {
                if case .peerDisconnected = $0 { true } else { false }
            }
            #expect(gone == 1)
            #expect(network.hosts[index].connectionCount == 0)
            #expect(network.hosts[index].memoryUsedBytes == 0)
        }
    }

    /// News about ourselves reach all peers.
    @Test func newsArePushed() throws {
        var network = Self.pair()
        _ = network.take(1)
        let address = try Multiaddress("/ip4/9.9.9.9/tcp/9")
        network.change(0) { host, now in
            host.announceIdentity(listenAddresses: [address], at: now)
        }
        network.run(milliseconds: 100)
        let identity = try #require(network.hosts[1].identity(of: network.peer(0)))
        #expect(identity.listenAddresses == [address])
        #expect(identity.agentVersion == "host 0")
    }

    /// A ping tells how far away a peer is.
    @Test func pingMeasures() {
        var network = Self.pair()
        network.change(0) { [peer = network.peer(1)] host, now in host.ping(peer, at: now) }
        network.run(milliseconds: 100)
        let times = network.take(0).compactMap { notice -> UInt64? in
            if case .observed(.roundTrip(_, let time)) = notice { time } else { nil }
        }
        #expect(times == [2 * HostNetwork.delayNanoseconds])
    }

    /// A quiet network stays connected for hours, by signs of life alone.
    @Test func quietPeersStay() {
        var network = Self.pair()
        network.run(milliseconds: 3 * 3_600_000)
        #expect(network.hosts[0].isConnected(network.peer(1)))
        #expect(network.hosts[1].isConnected(network.peer(0)))
    }

    /// The same events give the same effects, byte for byte.
    @Test func runsRepeat() {
        func run() -> [String] {
            var network = HostNetwork(count: 6)
            for index in 0..<6 {
                network.change(index) { host, _ in
                    host.serve(Self.ask, ServiceLimits(completion: .atEnd(limit: 100)))
                }
            }
            for from in 0..<6 {
                for to in 0..<6 where from < to || (from + to) % 3 == 0 && from != to {
                    network.dial(from, to)
                }
            }
            network.run(milliseconds: 200)
            for from in 0..<6 {
                for peer in network.hosts[from].connectedPeers {
                    network.change(from) { host, now in
                        _ = host.request(
                            Self.ask, to: peer, [UInt8(from)], answerLimit: 100,
                            deadline: now.advanced(byMilliseconds: 500), at: now)
                    }
                }
            }
            network.run(milliseconds: 20)
            network.cut(2)
            network.run(milliseconds: 60_000)
            return network.trace
        }
        let first = run()
        #expect(first.count > 300)
        #expect(first == run())
    }
}
