// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Gossip that never becomes whole, and what it may cost.
@Suite struct HostileGossipTests {
    private static let budget = 1 << 20
    private static let half = 120_000

    /// So many intruders without gossip of their own, connected to host 0.
    private static func intruders(_ count: Int) -> GossipHosts {
        var hosts = GossipHosts(
            count: count + 1, silent: Set(1...count),
            configure: { index, configuration in
                if index == 0 { configuration.limits.memoryBytes = Self.budget }
            })
        for index in 1...count {
            hosts.network.change(index) { host, _ in
                host.serveStreams(GossipProtocol.mesh.rawValue, streamsPerPeer: 2)
            }
            hosts.network.dial(index, 0)
        }
        hosts.run(milliseconds: 500)
        return hosts
    }

    /// Sends the first part of an RPC of a mebibyte.
    private static func sendHalf(_ index: Int, _ hosts: inout GossipHosts) throws {
        let peer = hosts.network.peer(0)
        let bytes: [UInt8] = [0x80, 0x80, 0x40] + [UInt8](repeating: 0, count: half)
        let stream = try hosts.network.change(index) { host, now in
            try host.openStream(GossipProtocol.mesh.rawValue, to: peer, at: now)
        }
        hosts.network.change(index) { host, _ in host.write(bytes, on: stream) }
        hosts.run(milliseconds: 100)
    }

    private static func memory(_ hosts: GossipHosts) -> Int {
        hosts.network.hosts[0].memoryUsedBytes
    }

    private static func isConnected(_ index: Int, _ hosts: GossipHosts) -> Bool {
        hosts.network.hosts[0].isConnected(hosts.network.peer(index))
    }

    /// Half an RPC counts against the memory of the whole node until it is whole or its stream ends.
    @Test func halfRPCsAreCounted() throws {
        var hosts = Self.intruders(2)
        let before = Self.memory(hosts)
        try Self.sendHalf(1, &hosts)
        #expect(Self.memory(hosts) >= before + Self.half)
        #expect(Self.memory(hosts) <= before + Self.half + 1_024)
        // A second stream replaces the first, and what was held of it.
        try Self.sendHalf(1, &hosts)
        #expect(hosts.services[0].incompleteBytes == Self.half + 3)
        #expect(Self.memory(hosts) <= before + Self.half + 1_024)
        let peer = hosts.network.peer(1)
        hosts.network.change(0) { host, now in host.hangUp(peer, at: now) }
        hosts.run(milliseconds: 100)
        #expect(hosts.services[0].incompleteBytes == 0)
        #expect(Self.memory(hosts) < before)
    }

    /// Many peers with half an RPC each: the node stays within its budget, hangs up on those with
    /// points against them and on the least useful, and keeps who is of use to it.
    @Test func halfRPCsOfMany() throws {
        let count = 16
        var hosts = Self.intruders(count)
        let (useful, guilty) = (hosts.network.peer(1), hosts.network.peer(2))
        hosts.network.change(0) { host, now in
            var standing = ConnectionManager.Standing()
            standing.score = 100
            host.value(useful, as: standing)
            host.penalize(guilty, points: 5, at: now)
        }
        var firstGone: Int?
        for index in 1...count {
            try Self.sendHalf(index, &hosts)
            #expect(Self.memory(hosts) <= Self.budget / 100 * 80)
            #expect(hosts.services[0].incompleteBytes <= Self.memory(hosts))
            firstGone = firstGone ?? (1...count).first { !Self.isConnected($0, hosts) }
        }
        #expect(firstGone == 2)
        let left = (1...count).filter { Self.isConnected($0, hosts) }
        #expect(left.contains(1))
        #expect(left.count >= 4 && left.count <= 7, "\(left)")
        #expect(hosts.services[0].incompleteBytes == left.count * (Self.half + 3))
    }

    /// Over gossip's own limit the longest half RPC goes, not that of whoever spoke last.
    @Test func theLongestGoes() throws {
        var hosts = Self.intruders(2)
        hosts.change(0) { service, _, _, _ in service.incompleteLimit = 130_000 }
        try Self.sendHalf(1, &hosts)
        let peer = hosts.network.peer(0)
        let stream = try hosts.network.change(2) { host, now in
            try host.openStream(GossipProtocol.mesh.rawValue, to: peer, at: now)
        }
        hosts.network.change(2) { host, _ in
            host.write([0x80, 0x80, 0x40] + [UInt8](repeating: 0, count: 20_000), on: stream)
        }
        hosts.run(milliseconds: 100)
        #expect(hosts.services[0].incompleteBytes == 20_003)
    }
}
