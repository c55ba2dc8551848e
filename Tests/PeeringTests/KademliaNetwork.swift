// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Machinery
import Peering

/// Kademlia machines of one network in memory: questions arrive at once, in the order they were asked.
///
/// Every server has heard of all in its neighbourhood and of more than fill its far buckets, in an
/// order of its own; so tables are as they are in a network that has run for a while. Clients join
/// by the protocol.
struct KademliaNetwork {
    /// What some of the servers do.
    enum Lie: CaseIterable {
        /// Nobody lies.
        case none
        /// Liars do not answer.
        case silence
        /// Liars name peers near the target that do not exist, and providers that do not.
        case fabrication
        /// Liars name only peers of theirs: 40 near the target that they made for it, which answer.
        case collusion
    }

    static let start = Instant(nanoseconds: 1_700_000_000_000_000_000)

    let lie: Lie
    let liarSites: Int
    private(set) var servers: [PeerIdentifier] = []
    private(set) var liars: Set<PeerIdentifier> = []
    private(set) var questionCount = 0
    var now = start
    private var machines: [PeerIdentifier: KademliaMachine] = [:]
    private var addresses: [PeerIdentifier: Multiaddress] = [:]
    private var made: [[UInt8]: [PeerIdentifier]] = [:]
    private var random: SeededGenerator
    private var clientCount = 0

    /// `liarCount` of `count` servers lie; they live in `liarSites` networks, all others in one each.
    init(count: Int, liarCount: Int, lie: Lie, liarSites: Int = 4, seed: UInt8) {
        self.lie = lie
        self.liarSites = liarSites
        random = SeededGenerator(seed: Bytes32(repeating: seed))
        for index in 0..<count {
            let peer = KademliaMessageTests.peer(index)
            servers.append(peer)
            if index < liarCount, lie != .none { liars.insert(peer) }
            addresses[peer] = address(of: peer, index: index)
        }
        let keys = servers.map { KademliaKey(of: $0) }
        for (index, peer) in servers.enumerated() where !liars.contains(peer) {
            var heard = [Int](repeating: 0, count: 257)
            var machine = KademliaMachine(
                local: peer, isServer: true, seed: Bytes32(random.bytes(32)) ?? Bytes32())
            var unheard: [KademliaMachine.Effect] = []
            machine.handle(.listening([addresses[peer]].compactMap { $0 }), at: now, into: &unheard)
            for other in random.shuffled(Array(servers.indices)) where other != index {
                let bucket = keys[index].commonPrefix(with: keys[other])
                heard[bucket] += 1
                guard heard[bucket] <= 24 else { continue }
                machine.handle(seen(servers[other], isServer: true), at: now, into: &unheard)
            }
            machines[peer] = machine
        }
    }

    /// The honest servers.
    var honest: [PeerIdentifier] { servers.filter { !liars.contains($0) } }

    /// A new client that knows three servers, one of them perhaps a liar.
    mutating func join() -> PeerIdentifier {
        clientCount += 1
        let peer = KademliaMessageTests.peer(30_000 + clientCount)
        addresses[peer] = address(of: peer, index: 30_000 + clientCount)
        machines[peer] = KademliaMachine(
            local: peer, isServer: false, seed: Bytes32(random.bytes(32)) ?? Bytes32())
        for other in random.shuffled(servers).prefix(3) {
            _ = tell(peer, seen(other, isServer: true))
        }
        return peer
    }

    /// Tells a machine something and lets its questions be answered until it has none; what else it
    /// wants is given back.
    mutating func tell(
        _ peer: PeerIdentifier, _ event: KademliaMachine.Event
    ) -> [KademliaMachine.Effect] {
        var results: [KademliaMachine.Effect] = []
        var events = [event]
        while !events.isEmpty {
            var effects: [KademliaMachine.Effect] = []
            machines[peer]?.handle(events.removeFirst(), at: now, into: &effects)
            for effect in effects {
                if case .ask(let question, let other, let places, let bytes) = effect {
                    questionCount += 1
                    let answer = ask(other, at: places, bytes, from: peer)
                    if answer != nil { events.append(seen(other, isServer: true)) }
                    events.append(.answered(question, answer))
                } else {
                    results.append(effect)
                }
            }
        }
        return results
    }

    private func seen(_ peer: PeerIdentifier, isServer: Bool) -> KademliaMachine.Event {
        let address = addresses[peer]
        return .peerSeen(
            peer, addresses: [address].compactMap { $0 }, remote: address?.socketAddress?.ip,
            isServer: isServer)
    }

    /// A public address; liars share few networks.
    private func address(of peer: PeerIdentifier, index: Int) -> Multiaddress {
        let isLiar = liars.contains(peer) || index >= 40_000
        let site = isLiar ? index % liarSites : 1_000 + index
        let bytes = [45, UInt8(site >> 8 & 255), UInt8(site & 255), UInt8(1 + index / 4 % 250)]
        guard let ip = IPAddress(bytes: bytes as [UInt8]) else {
            preconditionFailure("four bytes")
        }
        return Multiaddress(SocketAddress(ip: ip, port: UInt16(2_000 + index % 60_000)))
    }

    private mutating func ask(
        _ peer: PeerIdentifier, at places: [Multiaddress], _ bytes: [UInt8],
        from asker: PeerIdentifier
    ) -> [UInt8]? {
        guard let address = addresses[peer], places.contains(address) else { return nil }
        guard liars.contains(peer) else {
            do {
                return try machines[peer]?.answer(
                    bytes, from: asker, remote: addresses[asker]?.socketAddress?.ip, at: now)
            } catch {
                return nil
            }
        }
        guard lie != .silence else { return nil }
        do {
            return lieAnswer(to: try KademliaMessage(decoding: bytes))
        } catch {
            return nil
        }
    }

    private mutating func lieAnswer(to question: KademliaMessage) -> [UInt8] {
        guard question.kind != .addProvider else { return [] }
        var answer = KademliaMessage(question.kind, key: question.key)
        let near = peersMade(for: question.key)
        let some = random.shuffled(near).prefix(20)
        answer.closerPeers = some.map {
            .init($0, [addresses[$0] ?? KademliaMessageTests.address(1)])
        }
        if question.kind == .getProviders, lie == .fabrication {
            answer.providerPeers = (0..<20).map { _ in
                let name = KademliaMessageTests.peer(named: Bytes32(random.bytes(32)) ?? Bytes32())
                return .init(name, [KademliaMessageTests.address(random.next(below: 60_000))])
            }
        }
        return answer.encode()
    }

    /// Forty names nearer to a key than all but one in a thousand servers.
    private mutating func peersMade(for key: [UInt8]) -> [PeerIdentifier] {
        if let known = made[key] { return known }
        let target = KademliaKey(hashing: key)
        var list: [PeerIdentifier] = []
        while list.count < 40 {
            let name = KademliaMessageTests.peer(named: Bytes32(random.bytes(32)) ?? Bytes32())
            guard KademliaKey(of: name).commonPrefix(with: target) >= 9 else { continue }
            list.append(name)
            if lie == .collusion {
                liars.insert(name)
                addresses[name] = address(of: name, index: 40_000 + made.count * 40 + list.count)
            }
        }
        made[key] = list
        return list
    }
}
