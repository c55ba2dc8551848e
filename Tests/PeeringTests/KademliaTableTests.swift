// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// The routing table: who gets in, who stays, who is nearest.
@Suite struct KademliaTableTests {
    private static let start = Instant(nanoseconds: 1_700_000_000_000_000_000)
    private static let own = KademliaKey(of: KademliaMessageTests.peer(9_999))

    private static func remote(_ index: Int) throws -> IPAddress {
        try #require(IPAddress("10.\(index / 256).\(index % 256).1"))
    }

    /// Distances against the definition, bit by bit.
    @Test func distances() {
        var generator = SeededGenerator(seed: Bytes32(repeating: 3))
        for _ in 0..<200 {
            var left = generator.bytes(32)
            let right = generator.bytes(32)
            let shared = generator.next(below: 257)
            for bit in 0..<shared {
                let mask = UInt8(0x80 >> (bit % 8))
                left[bit / 8] = left[bit / 8] & ~mask | right[bit / 8] & mask
            }
            guard let a = Bytes32(left), let b = Bytes32(right) else { continue }
            let xor = Bytes32(zip(left, right).map { $0 ^ $1 }) ?? Bytes32()
            #expect(KademliaKey(a).distance(to: KademliaKey(b)) == KademliaKey(xor))
            var prefix = 0
            while prefix < 256, xor[prefix / 8] & UInt8(0x80 >> (prefix % 8)) == 0 { prefix += 1 }
            #expect(KademliaKey(a).commonPrefix(with: KademliaKey(b)) == prefix)
            #expect((KademliaKey(a) < KademliaKey(b)) == left.lexicographicallyPrecedes(right))
        }
    }

    /// Six peers in buckets of two, in each of their 720 orders: what is kept is what came first,
    /// and the nearest are those that sorting all of them gives.
    @Test func everyOrderOfSixPeers() throws {
        var limits = KademliaLimits()
        limits.bucketSize = 2
        let peers = (0..<6).map { KademliaMessageTests.peer($0) }
        let bucketOf = peers.map { Self.own.commonPrefix(with: KademliaKey(of: $0)) }
        let target = KademliaKey(of: KademliaMessageTests.peer(500))
        for order in Self.orders(of: 6) {
            var table = KademliaTable(own: Self.own, limits: limits)
            var expected: [Int] = []
            for index in order {
                let isRoom = expected.count { bucketOf[$0] == bucketOf[index] } < 2
                let outcome = table.seen(
                    peers[index], [], remote: try Self.remote(index), at: Self.start)
                #expect(outcome == (isRoom ? .kept : .waiting))
                if isRoom { expected.append(index) }
            }
            #expect(Set(table.entries.map(\.peer)) == Set(expected.map { peers[$0] }))
            #expect(table.count == expected.count)
            let sorted = expected.map { peers[$0] }.sorted {
                KademliaKey(of: $0).distance(to: target) < KademliaKey(of: $1).distance(to: target)
            }
            for limit in 0...6 {
                #expect(
                    table.closest(to: target, limit: limit).map(\.peer)
                        == Array(sorted.prefix(limit)))
            }
        }
    }

    /// The nearest of many, near and far from this node, against sorting all of them.
    @Test func nearestOfMany() throws {
        var table = KademliaTable(own: Self.own)
        for index in 0..<600 {
            _ = table.seen(
                KademliaMessageTests.peer(index), [], remote: try Self.remote(index),
                at: Self.start)
        }
        for index in 700..<760 {
            let target = KademliaKey(of: KademliaMessageTests.peer(index))
            let sorted = table.entries.sorted {
                $0.key.distance(to: target) < $1.key.distance(to: target)
            }
            #expect(table.closest(to: target, limit: 20) == Array(sorted.prefix(20)))
        }
        let sorted = table.entries.sorted {
            $0.key.distance(to: Self.own) < $1.key.distance(to: Self.own)
        }
        #expect(table.closest(to: Self.own, limit: 20) == Array(sorted.prefix(20)))
    }

    /// Of one /24, and of one IPv6 /56, two peers get into a bucket; loopback is free.
    @Test func peersOfOneNetwork() throws {
        var table = KademliaTable(own: Self.own)
        let bucket = (0..<400).map { KademliaMessageTests.peer($0) }.filter {
            Self.own.commonPrefix(with: KademliaKey(of: $0)) == 0
        }
        func add(_ index: Int, _ text: String) throws -> KademliaTable.Outcome {
            let remote = try #require(IPAddress(text), "an address")
            return table.seen(bucket[index], [], remote: remote, at: Self.start)
        }
        #expect(try add(0, "192.0.2.1") == .kept)
        #expect(try add(1, "192.0.2.2") == .kept)
        #expect(try add(2, "192.0.2.3") == .refused)
        #expect(try add(2, "::ffff:192.0.2.3") == .refused)
        #expect(try add(3, "192.0.3.3") == .kept)
        #expect(try add(4, "2001:db8:0:0100::1") == .kept)
        #expect(try add(5, "2001:db8:0:01ff::1") == .kept)
        #expect(try add(6, "2001:db8:0:0180::1") == .refused)
        #expect(try add(6, "2001:db8:0:0200::1") == .kept)
        for index in 7..<12 { #expect(try add(index, "127.0.0.1") == .kept) }
        // One that is there may say so again, and one that goes makes room.
        #expect(try add(0, "192.0.2.1") == .kept)
        table.remove(bucket[0])
        #expect(try add(2, "192.0.2.3") == .kept)
    }

    /// A flood of newcomers moves nobody who answers; one who does not makes room for the newest.
    @Test func livenessDecides() throws {
        var limits = KademliaLimits()
        limits.bucketSize = 3
        limits.replacements = 2
        var table = KademliaTable(own: Self.own, limits: limits)
        let bucket = (0..<200).map { KademliaMessageTests.peer($0) }.filter {
            Self.own.commonPrefix(with: KademliaKey(of: $0)) == 0
        }
        for index in 0..<60 {
            _ = table.seen(bucket[index], [], remote: try Self.remote(index), at: Self.start)
        }
        #expect(table.entries.map(\.peer) == Array(bucket[..<3]))
        let later = Self.start.advanced(byMilliseconds: 1_000)
        table.answered(bucket[1], at: later)
        #expect(table.doubtful(since: later).map(\.peer) == [bucket[0], bucket[2]])
        table.remove(bucket[0])
        #expect(table.entries.map(\.peer) == [bucket[1], bucket[2], bucket[59]])
        table.remove(bucket[2])
        table.remove(bucket[1])
        #expect(table.entries.map(\.peer) == [bucket[59], bucket[58]])
        #expect(table.count == 2)
    }

    private static func orders(of count: Int) -> [[Int]] {
        if count == 0 { return [[]] }
        return orders(of: count - 1).flatMap { order in
            (0...order.count).map { place in
                var longer = order
                longer.insert(count - 1, at: place)
                return longer
            }
        }
    }
}
