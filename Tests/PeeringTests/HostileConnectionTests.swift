// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Attacks on accepting, handshakes and signs of life; one test for each limit.
@Suite struct HostileConnectionTests {
    private static func remote(_ text: String, _ port: UInt16 = 9) throws -> SocketAddress {
        SocketAddress(ip: try #require(IPAddress(text)), port: port)
    }

    /// Eight connections of an IPv4 address are let in, the ninth is not, another address is.
    @Test func connectionsOfAnAddress() throws {
        var victim = Attacker.Victim()
        for _ in 0..<8 { _ = victim.accept(from: try Self.remote("10.0.0.1")) }
        #expect(victim.refusals.isEmpty)
        let ninth = victim.accept(from: try Self.remote("10.0.0.1"))
        #expect(victim.hungUp == [ninth] && victim.refusals == [.address])
        let other = victim.accept(from: try Self.remote("10.0.0.2"))
        #expect(!victim.hungUp.contains(other))
        victim.handle(.disconnected(ConnectionNumber.accepted(0)))
        let again = victim.accept(from: try Self.remote("10.0.0.1"))
        #expect(!victim.hungUp.contains(again))
    }

    /// An IPv6 /56 counts as one address, a /48 holds sixty-four connections.
    @Test func connectionsOfAnIPv6Network() throws {
        var victim = Attacker.Victim()
        for index in 0..<8 { _ = victim.accept(from: try Self.remote("2001:db8:1:00ff::\(index)")) }
        _ = victim.accept(from: try Self.remote("2001:db8:1:0001::9"))
        #expect(victim.refusals == [.address])
        for household in 1..<8 {
            for index in 0..<8 {
                _ = victim.accept(from: try Self.remote("2001:db8:1:\(household)00::\(index)"))
            }
        }
        #expect(victim.refusals.count == 1)
        _ = victim.accept(from: try Self.remote("2001:db8:1:9900::1"))
        #expect(victim.refusals == [.address, .address])
        _ = victim.accept(from: try Self.remote("2001:db8:2::1"))
        #expect(victim.refusals.count == 2)
    }

    /// Sixteen new connections of an address come at once, then one every five seconds.
    @Test func newConnectionsOfAnAddress() throws {
        var victim = Attacker.Victim()
        for _ in 0..<16 {
            let number = victim.accept(from: try Self.remote("10.0.0.1"))
            victim.handle(.disconnected(number))
        }
        #expect(victim.refusals.isEmpty)
        _ = victim.accept(from: try Self.remote("10.0.0.1"))
        #expect(victim.refusals == [.rate])
        victim.pass(milliseconds: 5_000)
        _ = victim.accept(from: try Self.remote("10.0.0.1"))
        #expect(victim.refusals == [.rate])
        _ = victim.accept(from: try Self.remote("10.0.0.1"))
        #expect(victim.refusals == [.rate, .rate])
    }

    /// Of connections in their handshake 256 are let in; loopback has no limit of its own.
    @Test func connectionsInTheirHandshake() {
        var victim = Attacker.Victim()
        for _ in 0..<256 { _ = victim.accept(from: Attacker.address) }
        #expect(victim.refusals.isEmpty)
        _ = victim.accept(from: Attacker.address)
        #expect(victim.refusals == [.handshakes])
    }

    /// Handshakes of all are limited by rate, so that they cannot take a whole core.
    @Test func handshakesASecond() {
        var victim = Attacker.Victim {
            $0.limits.admission.handshakes = .init(perSecond: 100, burst: 50)
        }
        for _ in 0..<60 {
            let number = victim.accept(from: Attacker.address)
            victim.handle(.disconnected(number))
        }
        #expect(victim.refusals == [AdmissionFault](repeating: .handshakes, count: 10))
    }

    /// A blocked network is not let in, and its open connections go.
    @Test func blockedNetworks() throws {
        var victim = Attacker.Victim()
        let first = victim.accept(from: try Self.remote("10.1.2.3"))
        let address = try #require(IPAddress("10.1.0.0"))
        victim.change { host, now in host.block(address, bits: 16, at: now) }
        #expect(victim.hungUp == [first])
        _ = victim.accept(from: try Self.remote("10.1.255.1"))
        #expect(victim.refusals == [.blocked])
        _ = victim.accept(from: try Self.remote("10.2.0.1"))
        #expect(victim.refusals.count == 1)
    }

    /// A silent connection ends after ten seconds, and so does one that trickles.
    @Test func silentAndTricklingHandshakes() {
        var victim = Attacker.Victim()
        let silent = Attacker(&victim)
        let trickling = Attacker(&victim)
        for byte in Attacker.hello.prefix(9) {
            trickling.send([byte], to: &victim)
            victim.pass(milliseconds: 1_000)
        }
        #expect(victim.hungUp.isEmpty)
        victim.pass(milliseconds: 1_000)
        #expect(silent.isHungUp(victim) && trickling.isHungUp(victim))
        #expect(victim.sessionEnds == [.handshakeTimedOut, .handshakeTimedOut])
    }

    /// Of proposals sixty-four are heard, and sixty-four kilobytes of anything.
    @Test func proposalsAndBytesOfAHandshake() {
        var victim = Attacker.Victim()
        let asking = Attacker(&victim)
        asking.send(Attacker.hello, to: &victim)
        for _ in 0..<64 { asking.send(Attacker.token("/tls/1.0.0"), to: &victim) }
        #expect(!asking.isHungUp(victim))
        asking.send(Attacker.token("/noise"), to: &victim)
        #expect(victim.sessionEnds == [.negotiation(.proposals)])
        let heavy = Attacker(&victim)
        heavy.send(Attacker.hello, to: &victim)
        let long = Attacker.token("/" + String(repeating: "x", count: 1020))
        for _ in 0..<64 where !heavy.isHungUp(victim) { heavy.send(long, to: &victim) }
        #expect(victim.sessionEnds.last == .handshakeOverLimit)
    }

    /// Tokens that break the form end the connection.
    @Test(arguments: [
        [0], [0x80, 0x09], [0xff, 0xff, 0x03], [0x05, 97, 98, 99, 100, 101], [0x02, 0xff, 10],
        [0x81, 0x00], [0x13] + Array("/multistream/1.0.1\n".utf8),
    ])
    func malformedTokens(bytes: [UInt8]) {
        var victim = Attacker.Victim()
        let attacker = Attacker(&victim)
        attacker.send(bytes, to: &victim)
        #expect(attacker.isHungUp(victim))
    }

    /// Handshake messages of a wrong size, with a key of low order or a long payload end it.
    @Test func malformedHandshakes() throws {
        let start = Attacker.hello + Attacker.token("/noise")
        let firsts: [([UInt8], NoiseFault)] = [
            ([0, 31] + [UInt8](repeating: 9, count: 31), .messageSize),
            ([0, 33] + [UInt8](repeating: 9, count: 33), .messageSize),
            ([0, 0], .messageSize),
            ([0x7f, 0xff], .messageOverLimit),
            ([0, 32] + [UInt8](repeating: 0, count: 32), .lowOrderKey),
            ([0, 32, 1] + [UInt8](repeating: 0, count: 31), .lowOrderKey),
        ]
        for (first, fault) in firsts {
            var victim = Attacker.Victim()
            let attacker = Attacker(&victim)
            attacker.send(start + first, to: &victim)
            #expect(victim.sessionEnds == [.noise(fault)])
        }
        // A payload over its limit, honestly sealed: padded by muxers of no use.
        var victim = Attacker.Victim()
        let attacker = Attacker(&victim)
        attacker.send(start, to: &victim)
        _ = attacker.take(&victim)
        let muxers = (0..<15).map { "/\($0)" + String(repeating: "m", count: 300) }
        let identity = NoiseIdentity(
            key: attacker.key, staticPrivateKey: Bytes32(repeating: 7), muxers: muxers)
        var noise = NoiseMachine(
            isInitiator: true, identity: identity, ephemeralKey: Bytes32(repeating: 8))
        attacker.send(noise.start(), to: &victim)
        attacker.send(try noise.receive(attacker.take(&victim)[...]).output, to: &victim)
        guard case .noise(.messageOverLimit) = victim.sessionEnds.first else {
            Issue.record("\(victim.sessionEnds)")
            return
        }
    }

    /// A node that connects to itself is let go.
    @Test func ourselves() throws {
        var victim = Attacker.Victim()
        var attacker = Attacker(&victim, seed: 1)
        try attacker.open(&victim)
        #expect(victim.sessionEnds == [.ourselves])
    }

    /// A sealed frame that is cut short, or whose tag is wrong, ends the session.
    @Test func brokenFrames() throws {
        for (bytes, fault) in [
            ([0, 15] + [UInt8](repeating: 0, count: 15), NoiseFault.frameSize),
            ([0, 16] + [UInt8](repeating: 0, count: 16), .tag),
        ] {
            var victim = Attacker.Victim()
            var attacker = Attacker(&victim)
            try attacker.open(&victim)
            attacker.send(bytes, to: &victim)
            #expect(victim.sessionEnds == [.noise(fault)])
        }
    }

    /// Eight sessions of one peer are let in, the ninth is told to go away.
    @Test func sessionsOfAPeer() throws {
        var victim = Attacker.Victim()
        for _ in 0..<8 {
            var attacker = Attacker(&victim)
            try attacker.open(&victim)
            #expect(!attacker.isHungUp(victim))
        }
        var ninth = Attacker(&victim)
        try ninth.open(&victim)
        #expect(ninth.isHungUp(victim))
        #expect(ninth.goAwayCode == .resourceLimit)
    }

    /// A blocked peer is told to go away when it has shown who it is.
    @Test func blockedPeers() throws {
        var victim = Attacker.Victim()
        var attacker = Attacker(&victim)
        let peer = attacker.key.peer
        victim.change { host, now in
            host.block(peer, until: now.advanced(byMilliseconds: 1_000), at: now)
        }
        try attacker.open(&victim)
        #expect(attacker.isHungUp(victim) && attacker.goAwayCode == .gated)
        victim.pass(milliseconds: 1_001)
        var later = Attacker(&victim)
        try later.open(&victim)
        #expect(!later.isHungUp(victim))
    }

    /// Penalties add up to a block, and are forgiven slowly.
    @Test func penalties() throws {
        var victim = Attacker.Victim()
        var attacker = Attacker(&victim)
        let peer = attacker.key.peer
        try attacker.open(&victim)
        victim.change { host, now in host.penalize(peer, points: 99, at: now) }
        victim.pass(milliseconds: 10_000)
        victim.change { host, now in host.penalize(peer, points: 1, at: now) }
        #expect(!attacker.isHungUp(victim))
        victim.change { host, now in host.penalize(peer, points: 1, at: now) }
        #expect(attacker.isHungUp(victim))
        attacker.read(&victim)
        #expect(attacker.goAwayCode == .gated)
        #expect(victim.host.blockedPeers(at: victim.now) == [peer])
    }

    /// A quiet peer is asked for a sign of life after thirty seconds and let go after ten more.
    @Test func silence() throws {
        var victim = Attacker.Victim()
        var attacker = Attacker(&victim)
        try attacker.open(&victim)
        victim.pass(milliseconds: 30_000)
        attacker.read(&victim)
        #expect(attacker.count { $0.kind == .ping && $0.flags == .syn } == 1)
        victim.pass(milliseconds: 9_999)
        #expect(!attacker.isHungUp(victim))
        victim.pass(milliseconds: 1)
        #expect(victim.sessionEnds == [.silent])
    }

    /// A peer that does not read is let go after ten seconds, and holds little meanwhile.
    @Test func writeStall() throws {
        var victim = Attacker.Victim()
        var attacker = Attacker(&victim)
        try attacker.open(&victim)
        victim.isReading = false
        var wanted: [UInt8] = []
        wanted.append(bigEndian: UInt64(1 << 30))
        try attacker.openStream(1, "/perf/1.0.0", wanted, isLast: true, to: &victim)
        try attacker.send(.windowUpdate, [], 1, length: 1 << 30, to: &victim)
        #expect(victim.awaited.contains(attacker.number))
        let queued = victim.host.memoryUsedBytes
        #expect(queued < 512 * 1024 + 8192)
        victim.pass(milliseconds: 9_999)
        #expect(!attacker.isHungUp(victim))
        victim.pass(milliseconds: 1)
        #expect(victim.sessionEnds == [.writeStalled])
        #expect(victim.host.memoryUsedBytes == 0)
    }

    /// Over four fifths of the memory the costliest connection goes, over 95 % nobody comes in.
    @Test func memory() throws {
        var victim = Attacker.Victim {
            $0.limits.memoryBytes = 1 << 20
            $0.limits.connectionBytes = 200_000
        }
        var attackers: [Attacker] = []
        for index in 0..<4 {
            var attacker = Attacker(&victim, seed: UInt8(60 + index))
            try attacker.open(&victim)
            attackers.append(attacker)
        }
        #expect(victim.hungUp.isEmpty)
        let peer = attackers[1].key.peer
        victim.change { host, now in host.penalize(peer, points: 10, at: now) }
        var fifth = Attacker(&victim, seed: 90)
        try fifth.open(&victim)
        #expect(victim.hungUp == [attackers[1].number])
        attackers[1].read(&victim)
        #expect(attackers[1].goAwayCode == .resourceLimit)
        var full = Attacker.Victim { $0.limits.memoryBytes = 100 }
        _ = full.accept(from: Attacker.address)
        #expect(full.hungUp.count == 1)
    }
}
