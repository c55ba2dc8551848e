// SPDX-License-Identifier: Apache-2.0

import Pooling
import Testing

/// How wide a square is proposed.
@Suite struct BlockPaceTests {
    private static func pace(
        _ max: Int, _ blocks: [(width: Int, milliseconds: UInt64, skipped: UInt64)]
    ) -> Int {
        var pace = BlockPace(widthMax: max)
        for block in blocks {
            pace.finalized(
                width: block.width, afterMilliseconds: block.milliseconds,
                skippedViews: block.skipped)
        }
        return pace.width
    }

    /// Four wide and quick blocks in a row double the width, up to the chain's; three do not.
    @Test func quickBlocksWiden() {
        #expect(Self.pace(256, []) == 64)
        #expect(Self.pace(32, []) == 32)
        #expect(Self.pace(256, .init(repeating: (64, 400, 0), count: 3)) == 64)
        #expect(Self.pace(256, .init(repeating: (64, 400, 0), count: 4)) == 128)
        #expect(Self.pace(256, .init(repeating: (256, 100, 0), count: 40)) == 256)
        let interrupted = [(64, 300, 0), (64, 300, 0), (64, 401, 0), (64, 300, 0), (64, 300, 0)]
        #expect(Self.pace(256, interrupted.map { ($0.0, UInt64($0.1), 0) }) == 64)
    }

    /// Slow blocks, and those before which views were given up, halve it, down to the least.
    @Test func slowBlocksNarrow() {
        #expect(Self.pace(256, [(64, 1_200, 0)]) == 64)
        #expect(Self.pace(256, [(64, 1_201, 0)]) == 32)
        #expect(Self.pace(256, [(64, 100, 1)]) == 32)
        #expect(Self.pace(256, [(256, 9_000, 0)]) == 32)
        #expect(Self.pace(256, .init(repeating: (64, 9_000, 3), count: 9)) == 16)
        #expect(Self.pace(8, .init(repeating: (8, 9_000, 3), count: 9)) == 8)
    }

    /// Small blocks tell nothing, whether they are quick or slow.
    @Test func smallBlocksTellNothing() {
        #expect(Self.pace(256, .init(repeating: (31, 9_000, 5), count: 9)) == 64)
        #expect(Self.pace(256, .init(repeating: (32, 10, 0), count: 9)) == 64)
    }
}
