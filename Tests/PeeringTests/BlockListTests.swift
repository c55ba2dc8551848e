// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Who is refused, for how long, and what of it is on disk.
@Suite struct BlockListTests {
    private static let start = Instant(nanoseconds: 1_700_000_000_000_000_000)

    private static func network(_ index: Int) throws -> AddressBlock {
        try #require(AddressBlock("10.\(index >> 16).\(index >> 8 & 255).\(index & 255)"))
    }

    /// Texts of hosts and subnets; stray bits are dropped, what is none is refused.
    @Test func texts() throws {
        let pairs = [
            ("192.0.2.1", "192.0.2.1"), ("192.0.2.77/24", "192.0.2.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:db8::1/32", "2001:db8::/32"), ("::ffff:192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1/120", "192.0.2.0/24"), ("192.0.2.1/32", "192.0.2.1"),
        ]
        for (text, shown) in pairs { #expect(AddressBlock(text)?.description == shown) }
        for text in [
            "", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/8/8", "::1/129",
            "::ffff:1.2.3.4/95", "/8",
        ] {
            #expect(AddressBlock(text) == nil, "\(text)")
        }
    }

    /// Every prefix length of a subnet blocks its first and last address and neither neighbour.
    @Test func everyPrefixLength() throws {
        let address = try #require(IPAddress("172.20.85.170"))
        for bits in 1...32 {
            var list = BlockList()
            list.block(AddressBlock(address, bits: bits), at: Self.start)
            for flipped in 0..<32 {
                var bytes = address.bytes
                bytes[flipped / 8] ^= UInt8(0x80 >> (flipped % 8))
                let other = try #require(IPAddress(bytes: bytes))
                #expect(list.contains(other, at: Self.start) == (flipped >= bits))
            }
        }
    }

    /// Networks whose time is over make room for new ones.
    @Test func expiredNetworksAreForgotten() throws {
        var list = BlockList()
        let end = Self.start.advanced(byMilliseconds: 1_000)
        for index in 0..<BlockList.limit {
            list.block(try Self.network(index), until: end, at: Self.start)
        }
        let another = try #require(AddressBlock("192.0.2.0/24"))
        let isKept = list.block(another, at: end)
        #expect(isKept)
        #expect(list.blockedNetworks(at: end) == [another])
        #expect(list.encode().count < 100)
    }

    /// A full list drops what ends first, never what is blocked for good.
    @Test func fullLists() throws {
        var list = BlockList()
        let end = Self.start.advanced(byMilliseconds: 60_000)
        list.block(try Self.network(0), until: end, at: Self.start)
        for index in 1..<BlockList.limit { list.block(try Self.network(index), at: Self.start) }
        let another = try #require(AddressBlock("192.0.2.0/24"))
        let isKept = list.block(another, at: Self.start)
        #expect(isKept)
        #expect(!list.blockedNetworks(at: Self.start).contains(try Self.network(0)))
        let more = try #require(AddressBlock("192.0.3.0/24"))
        let isMoreKept = list.block(more, at: Self.start)
        #expect(!isMoreKept)
        #expect(list.blockedNetworks(at: Self.start).count == BlockList.limit)
    }

    /// The record reads as it was written, and every cut of it is refused.
    @Test func record() throws {
        var list = BlockList()
        for index in 0..<5 {
            list.block(
                KademliaMessageTests.peer(index),
                until: index == 0 ? nil : Self.start.advanced(byMilliseconds: 5), at: Self.start)
        }
        list.block(try #require(AddressBlock("192.0.2.0/24")), at: Self.start)
        list.block(try #require(AddressBlock("2001:db8::/32")), until: Self.start, at: Self.start)
        let bytes = list.encode()
        #expect(try BlockList(decoding: bytes) == list)
        for count in 0..<bytes.count {
            #expect(throws: DecodeFault.self) {
                try BlockList(decoding: Array(bytes.prefix(count)))
            }
        }
        #expect(throws: DecodeFault.self) { try BlockList(decoding: bytes + [0]) }
        #expect(throws: DecodeFault.self) {
            try BlockList(decoding: [1, 0, 1, 0, 1] + [UInt8](repeating: 0, count: 100))
        }
    }
}
