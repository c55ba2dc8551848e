// SPDX-License-Identifier: Apache-2.0

import ErasureCoding
import Testing

/// Sums of multiples, by ISA-L, against the transforms.
@Suite struct FewSharesTests {
    private static func computed(_ few: FewShares, from axis: [UInt8], size: Int) -> [[UInt8]] {
        var result = [UInt8](repeating: 0, count: few.outputs.count * size)
        axis.withUnsafeBufferPointer { axis in
            result.withUnsafeMutableBufferPointer { result in
                guard let from = axis.baseAddress, let to = result.baseAddress else { return }
                few.compute(from: from, stride: size, into: to, targetStride: size, size: size)
            }
        }
        return few.outputs.indices.map { Array(result[$0 * size..<($0 + 1) * size]) }
    }

    /// Any shares from any k others, one to sixteen at once, at every width of the small field.
    @Test(arguments: [1, 2, 4, 8, 16, 32, 64, 128]) func anyFromAny(width: Int) throws {
        let size = 192
        let axis = ErasurePatternTests.axis(width: width, size: size)
        var numbers = SeededNumbers(width)
        for count in [1, 2, 3, 7, 16] where count <= width {
            let order = (0..<2 * width).shuffled(using: &numbers)
            let few = try FewShares(
                AxisCode.of(width: width), inputs: Array(order.prefix(width)),
                outputs: Array(order.suffix(count)))
            for (output, share) in zip(few.outputs, Self.computed(few, from: axis, size: size)) {
                #expect(share == Array(axis[output * size..<(output + 1) * size]), "\(output)")
            }
        }
    }

    /// All parity of a row by ISA-L, sixteen shares at a time, equals the kernels': two codes that
    /// have nothing in common.
    @Test(arguments: [4, 32, 128]) func libraryAndKernelsAgree(width: Int) throws {
        let size = 64
        let axis = ErasurePatternTests.axis(width: width, size: size, seed: 3)
        for first in stride(from: width, to: 2 * width, by: 16) {
            let outputs = Array(first..<min(first + 16, 2 * width))
            let few = try FewShares(
                AxisCode.of(width: width), inputs: Array(0..<width), outputs: outputs)
            for (output, share) in zip(outputs, Self.computed(few, from: axis, size: size)) {
                #expect(share == Array(axis[output * size..<(output + 1) * size]))
            }
        }
    }

    /// Parity follows a changed share.
    @Test(arguments: [2, 16, 128]) func parityFollowsAChange(width: Int) throws {
        let size = 64
        let before = ErasurePatternTests.axis(width: width, size: size, seed: 1)
        let other = ErasurePatternTests.axis(width: width, size: size, seed: 2)
        let changed = width / 2
        var after = before
        after.replaceSubrange(
            changed * size..<(changed + 1) * size,
            with: other[changed * size..<(changed + 1) * size])
        let outputs = Array((width..<2 * width).prefix(16))
        let few = try FewShares(
            AxisCode.of(width: width), inputs: Array(0..<width), outputs: outputs)
        let difference = zip(before, after).map { $0 ^ $1 }
        var parity = Array(before[width * size..<(width + outputs.count) * size])
        difference.withUnsafeBufferPointer { difference in
            parity.withUnsafeMutableBufferPointer { parity in
                guard let from = difference.baseAddress, let to = parity.baseAddress else { return }
                few.update(
                    input: changed, difference: from + changed * size, into: to, targetStride: size,
                    size: size)
            }
        }
        #expect(parity == Self.computed(few, from: after, size: size).flatMap { $0 })
    }

    /// The larger field, too few inputs, and outputs that are none, too many, or inputs too.
    @Test func refusals() {
        #expect(throws: ErasureFault.code(dataCount: 256, parityCount: 256)) {
            try FewShares(AxisCode.of(width: 256), inputs: Array(0..<256), outputs: [256])
        }
        let code = AxisCode.of(width: 32)
        #expect(throws: ErasureFault.tooFewShards(needed: 32, available: 31)) {
            try FewShares(code, inputs: Array(0..<31), outputs: [40])
        }
        for outputs in [[], Array(32..<49), [0], [64], [-1], [40, 40]] {
            #expect(throws: ErasureFault.self, "\(outputs)") {
                try FewShares(code, inputs: Array(0..<32), outputs: outputs)
            }
        }
    }
}
