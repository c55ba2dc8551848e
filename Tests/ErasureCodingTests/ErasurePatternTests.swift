// SPDX-License-Identifier: Apache-2.0

import ErasureCoding
import Testing

@Suite struct ErasurePatternTests {
    /// An axis of `width` shares of 64 bytes with its parity.
    static func axis(width: Int, size: Int = 64, seed: Int = 1) -> [UInt8] {
        var numbers = SeededNumbers(width + seed)
        let data = numbers.bytes(width * size)
        var axis = data + data
        axis.withUnsafeMutableBufferPointer { axis in
            guard let base = axis.baseAddress else { return }
            AxisCode.of(width: width).encode(
                base, stride: size, parity: base + width * size, parityStride: size, size: size)
        }
        return axis
    }

    /// Blanks the lost shares and restores them.
    static func restored(
        _ axis: [UInt8], width: Int, size: Int = 64, isKept: [Bool], level: KernelLevel
    ) throws -> [UInt8] {
        let code = AxisCode.of(width: width)
        let pattern = try ErasurePattern(code, isKept: isKept, level: level)
        var work = axis
        for (index, kept) in isKept.enumerated() where !kept {
            for at in index * size..<(index + 1) * size { work[at] = 0xEE }
        }
        work.withUnsafeMutableBufferPointer { work in
            guard let base = work.baseAddress else { return }
            code.restore(base, stride: size, size: size, pattern: pattern, level: level)
        }
        return work
    }

    /// Every pattern of every width up to 4, at every level.
    @Test(arguments: [1, 2, 4]) func everyPattern(width: Int) throws {
        let axis = Self.axis(width: width)
        for level in AxisCodeTests.levels {
            for kept in 0..<1 << (2 * width) where kept.nonzeroBitCount >= width {
                let isKept = (0..<2 * width).map { kept >> $0 & 1 == 1 }
                let restored = try Self.restored(axis, width: width, isKept: isKept, level: level)
                let isEqual = restored == axis
                #expect(isEqual, "\(width) \(level) \(kept)")
            }
        }
    }

    /// Halves, alternations and random patterns of larger widths, with one and three pieces.
    @Test(arguments: [8, 16, 64, 128, 256, 512]) func manyPatterns(width: Int) throws {
        for size in width > 64 ? [192] : [64, 192] {
            let axis = Self.axis(width: width, size: size)
            var numbers = SeededNumbers(width)
            var patterns = [
                (0..<2 * width).map { $0 < width }, (0..<2 * width).map { $0 >= width },
                (0..<2 * width).map { $0.isMultiple(of: 2) }, (0..<2 * width).map { $0 != 3 },
            ]
            for count in [width, width, width + 1, 2 * width - 2] {
                let chosen = Set((0..<2 * width).shuffled(using: &numbers).prefix(count))
                patterns.append((0..<2 * width).map(chosen.contains))
            }
            for level in AxisCodeTests.levels {
                for isKept in patterns {
                    let restored = try Self.restored(
                        axis, width: width, size: size, isKept: isKept, level: level)
                    let isEqual = restored == axis
                    #expect(isEqual, "\(width) \(size) \(level)")
                }
            }
        }
    }

    /// One share fewer than k is refused, whatever they are.
    @Test func tooFewSharesAreRefused() {
        for width in [1, 2, 128, 256] {
            let isKept = (0..<2 * width).map { $0 < width - 1 }
            #expect(throws: ErasureFault.tooFewShards(needed: width, available: width - 1)) {
                try ErasurePattern(AxisCode.of(width: width), isKept: isKept)
            }
        }
        #expect(throws: ErasureFault.shardCount(expected: 4, actual: 3)) {
            try ErasurePattern(AxisCode.of(width: 2), isKept: [true, true, true])
        }
    }
}
