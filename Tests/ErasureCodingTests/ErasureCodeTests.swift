// SPDX-License-Identifier: Apache-2.0

import ErasureCoding
import Testing

/// Codes of any counts, on shards of bytes.
@Suite struct ErasureCodeTests {
    static let counts = [(1, 1), (4, 12), (5, 3), (3, 5), (20, 7), (100, 28), (300, 300), (40, 5)]

    /// Parity equals the algorithm's on the first symbol of each shard, and any K shards restore all.
    @Test(arguments: counts) func parityAndRestoring(data: Int, parity: Int) throws {
        let code = try ErasureCode(dataCount: data, parityCount: parity)
        var numbers = SeededNumbers(data)
        let shards = (0..<data).map { _ in numbers.bytes(64) }
        let all = shards + (try code.parity(of: shards))
        if code.isWide {
            let plain = LeopardCode<GaloisField16>(points: code.points)
                .parity(of: shards.map { UInt16($0[0]) | UInt16($0[32]) << 8 })
            #expect(all.dropFirst(data).map { UInt16($0[0]) | UInt16($0[32]) << 8 } == plain)
        } else {
            let plain = LeopardCode<GaloisField8>(points: code.points).parity(
                of: shards.map { $0[0] })
            #expect(all.dropFirst(data).map { $0[0] } == plain)
        }
        for _ in 0..<4 {
            let kept = Set(all.indices.shuffled(using: &numbers).prefix(data))
            let restored = try code.restored(all.indices.map { kept.contains($0) ? all[$0] : nil })
            #expect(restored == all)
        }
    }

    /// Every level gives one answer.
    @Test func levelsAgree() throws {
        for isWide in [false, true] {
            let code = try ErasureCode(dataCount: 11, parityCount: 6, isWide: isWide)
            var numbers = SeededNumbers(11)
            let shards = (0..<11).map { _ in numbers.bytes(192) }
            let expected = try code.parity(of: shards, level: .portable)
            for level in AxisCodeTests.levels {
                #expect(try code.parity(of: shards, level: level) == expected)
                let all = shards + expected
                let some = all.indices.map { $0 < 6 ? nil : all[$0] }
                #expect(try code.restored(some, level: level) == all)
            }
        }
    }

    /// Counts, sizes and too few shards are refused by name.
    @Test func refusals() throws {
        #expect(throws: ErasureFault.code(dataCount: 0, parityCount: 1)) {
            try ErasureCode(dataCount: 0, parityCount: 1)
        }
        #expect(throws: ErasureFault.code(dataCount: 65_536, parityCount: 1)) {
            try ErasureCode(dataCount: 65_536, parityCount: 1)
        }
        let code = try ErasureCode(dataCount: 2, parityCount: 2)
        let shard = [UInt8](repeating: 1, count: 64)
        #expect(throws: ErasureFault.shardCount(expected: 2, actual: 1)) {
            try code.parity(of: [shard])
        }
        #expect(throws: ErasureFault.shardSize(63)) {
            try code.parity(of: [[UInt8](shard.prefix(63)), [UInt8](shard.prefix(63))])
        }
        #expect(throws: ErasureFault.shardSize(128)) {
            try code.parity(of: [shard, shard + shard])
        }
        #expect(throws: ErasureFault.shardSize(0)) { try code.parity(of: [[], []]) }
        #expect(throws: ErasureFault.tooFewShards(needed: 2, available: 1)) {
            try code.restored([nil, shard, nil, nil])
        }
    }
}
