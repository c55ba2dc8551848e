// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// What a node remembers of others, in memory and on disk.
@Suite struct PeerStoreTests {
    private static let start = Instant(nanoseconds: 1_700_000_000_000_000_000)

    private static func peer(_ index: Int) -> PeerIdentifier { KademliaMessageTests.peer(index) }
    private static func address(_ index: Int) -> Multiaddress {
        KademliaMessageTests.address(index)
    }
    private static func moment(_ seconds: UInt64) -> Instant {
        start.advanced(byMilliseconds: seconds * 1_000)
    }

    /// What worked last comes first; what failed since comes last.
    @Test func orderOfAddresses() {
        var store = PeerStore()
        let peer = Self.peer(1)
        store.learn(peer, (0..<4).map { Self.address($0) }, at: Self.start)
        store.reached(peer, at: Self.address(2), now: Self.moment(1))
        store.reached(peer, at: Self.address(1), now: Self.moment(2))
        store.failed(peer, at: Self.address(0), now: Self.moment(3))
        #expect(store.addresses(of: peer) == [1, 2, 3, 0].map { Self.address($0) })
        store.failed(peer, at: Self.address(1), now: Self.moment(4))
        #expect(store.addresses(of: peer).first == Self.address(2))
    }

    /// A flood of tales fills the store but moves nobody who was reached, nor an address that works.
    @Test func talesDoNotMoveTheProven() {
        var store = PeerStore()
        for index in 0..<100 {
            store.reached(Self.peer(index), at: Self.address(index), now: Self.start)
        }
        for index in 100..<6_000 {
            store.learn(Self.peer(index), [Self.address(index)], at: Self.moment(1))
        }
        #expect(store.count == PeerStore.peersMax)
        for index in 0..<100 { #expect(store[Self.peer(index)] != nil) }
        for index in 0..<50 {
            store.learn(Self.peer(0), [Self.address(7_000 + index)], at: Self.moment(2))
        }
        #expect(store.addresses(of: Self.peer(0)).count == PeerStore.addressesMax)
        #expect(store.addresses(of: Self.peer(0)).first == Self.address(0))
    }

    /// Only what can be dialled is kept.
    @Test func addressesThatLeadNowhere() throws {
        var store = PeerStore()
        let useless = try ["/ip4/0.0.0.0/tcp/1", "/ip4/1.2.3.4/tcp/0", "/dns4/a.b/tcp/1"].map {
            try Multiaddress($0)
        }
        store.learn(Self.peer(1), useless, at: Self.start)
        #expect(store.count == 0)
    }

    /// The record has those that were reached, the latest first, and reads as it was written.
    @Test func record() throws {
        var store = PeerStore()
        for index in 0..<1_100 {
            store.reached(
                Self.peer(index), at: Self.address(index), now: Self.moment(UInt64(index)))
        }
        store.learn(Self.peer(2_000), [Self.address(2_000)], at: Self.start)
        store.identified(Self.peer(1_099), isStorage: true)
        store.failed(Self.peer(1_099), at: Self.address(1_099), now: Self.moment(5_000))
        let bytes = store.encode()
        let read = try PeerStore(decoding: bytes)
        #expect(read.count == PeerStore.recordPeersMax)
        #expect(read[Self.peer(1_099)] == store[Self.peer(1_099)])
        #expect(read[Self.peer(0)] == nil && read[Self.peer(2_000)] == nil)
        #expect(read.encode() == bytes)
        #expect(
            read.storageNodes(limit: 5, where: { _ in true }).map(\.peer) == [Self.peer(1_099)])
        for count in [1, 2, 40, 60, 70, bytes.count - 1] {
            #expect(throws: DecodeFault.self, "\(count)") {
                if count > 1 { _ = try PeerStore(decoding: Array(bytes.prefix(count))) }
                if count == 1 { _ = try PeerStore(decoding: [2]) }
            }
        }
    }
}
