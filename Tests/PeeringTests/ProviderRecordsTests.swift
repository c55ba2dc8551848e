// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Who is believed to provide what, and for how long; one attack for each limit.
@Suite struct ProviderRecordsTests {
    private static let start = Instant(nanoseconds: 1_700_000_000_000_000_000)
    private static let key: [UInt8] = [1, 2, 3]

    private static func ip(_ site: Int, _ host: Int = 1) throws -> IPAddress {
        try #require(IPAddress("10.\(site / 256).\(site % 256).\(host)"))
    }

    private static func add(
        _ index: Int, _ key: [UInt8] = key, site: Int, to records: inout ProviderRecords,
        at now: Instant = start
    ) throws -> Bool {
        records.add(
            KademliaMessageTests.peer(index), [KademliaMessageTests.address(index)], for: key,
            remote: try ip(site), at: now)
    }

    /// A record holds 48 hours from when it was last told.
    @Test func recordsEnd() throws {
        var records = ProviderRecords()
        #expect(try Self.add(1, site: 1, to: &records))
        #expect(try Self.add(2, site: 2, to: &records))
        let day = Self.start.advanced(byMilliseconds: 86_400_000)
        #expect(try Self.add(2, site: 2, to: &records, at: day))
        #expect(records.count == 2)
        let end = Self.start.advanced(byMilliseconds: 172_800_000)
        let last = Instant(nanoseconds: end.nanoseconds - 1)
        #expect(records.providers(of: Self.key, at: last).count == 2)
        let left = records.providers(of: Self.key, at: end).map(\.provider)
        #expect(left == [KademliaMessageTests.peer(2)])
        records.expire(at: day.advanced(byMilliseconds: 172_800_000))
        #expect(records.count == 0)
    }

    /// A key holds 1,000 providers; a site that floods it keeps nobody else out, and takes no more
    /// than its share.
    @Test func oneSiteCannotFillAKey() throws {
        var records = ProviderRecords()
        var taken = 0
        for index in 0..<500 where try Self.add(index, site: 7, to: &records) { taken += 1 }
        #expect(taken == 64)
        for index in 0..<1_200 {
            _ = try Self.add(1_000 + index, site: 10 + index / 60, to: &records)
        }
        #expect(records.providers(of: Self.key, at: Self.start).count == 1_000)
        // A site with few gets in for the oldest of the site with most.
        #expect(try Self.add(5_000, site: 4_000, to: &records))
        #expect(try Self.add(5_001, site: 4_001, to: &records))
        let now = records.providers(of: Self.key, at: Self.start).map(\.provider)
        #expect(now.count == 1_000)
        #expect(!now.contains(KademliaMessageTests.peer(0)))
        #expect(now.contains(KademliaMessageTests.peer(5_000)))
        #expect(records.count == 1_000)
    }

    /// One provider has 64 keys, all together 100,000 records; what has ended makes room.
    @Test func recordsInAll() throws {
        var limits = KademliaLimits()
        limits.providerRecords = 300
        var records = ProviderRecords(limits: limits)
        for index in 0..<100 {
            let key = [UInt8(index)]
            #expect(try Self.add(1, key, site: 1, to: &records) == (index < 64))
        }
        for index in 0..<300 {
            let key = [9, UInt8(index & 255), UInt8(index >> 8)] as [UInt8]
            #expect(try Self.add(2 + index, key, site: index, to: &records) == (index < 236))
        }
        #expect(records.count == 300)
        let later = Self.start.advanced(byMilliseconds: 172_800_000)
        #expect(try Self.add(1, [200], site: 1, to: &records, at: later))
        #expect(records.count == 1)
    }
}
