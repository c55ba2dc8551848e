// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import PairingCurves
import Testing

/// The kernels against the definition of a product modulo a prime.
@Suite struct FieldKernelTests {
    /// Numbers at the edges, and drawn ones.
    private static func numbers(_ modulus: [UInt64]) -> [[UInt64]] {
        let zero = [UInt64](repeating: 0, count: modulus.count)
        var one = zero
        one[0] = 1
        var last = modulus
        last[0] -= 1
        var half = modulus
        half[0] -= 1
        for index in half.indices {
            let upper = index + 1 < modulus.count ? modulus[index + 1] << 63 : 0
            half[index] = half[index] >> 1 | upper
        }
        var ones = [UInt64](repeating: .max, count: modulus.count)
        ones[modulus.count - 1] = modulus[modulus.count - 1] - 1
        var drawn: [[UInt64]] = []
        for seed in 0..<24 {
            let bytes = Self.bytes(seed)
            drawn.append(
                modulus.indices.map { index in
                    let limb = bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
                    return index == modulus.count - 1 ? limb % modulus[index] : limb
                })
        }
        return [zero, one, last, half, ones] + drawn
    }

    private static func bytes(_ seed: Int) -> [UInt8] {
        SHA256.hash([UInt8(seed), 0]).array + SHA256.hash([UInt8(seed), 1]).array
    }

    @Test(arguments: FieldKernel.allCases)
    func products(kernel: FieldKernel) {
        let modulus = kernel.modulus
        let numbers = Self.numbers(modulus)
        for a in numbers {
            for b in numbers {
                #expect(
                    kernel.product(a, b) == FieldDefinition.product(a, b, modulus: modulus))
                let (sum, difference) = kernel.sums(a, b)
                #expect(sum == FieldDefinition.sum(a, b, modulus))
                #expect(FieldDefinition.sum(difference, b, modulus) == a)
            }
        }
    }

    /// (a + bi)(c + di) = ac - bd + (ad + bc)i.
    @Test(arguments: FieldKernel.allCases)
    func pairs(kernel: FieldKernel) {
        let modulus = kernel.modulus
        let numbers = Self.numbers(modulus)
        func product(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
            FieldDefinition.product(a, b, modulus: modulus)
        }
        for (place, a) in numbers.enumerated() {
            let b = numbers[(place + 3) % numbers.count]
            let c = numbers[(place + 7) % numbers.count]
            for d in numbers {
                let (result, square) = kernel.pairProduct(a, b, c, d)
                #expect(
                    FieldDefinition.sum(result[0], product(b, d), modulus) == product(a, c))
                #expect(
                    result[1]
                        == FieldDefinition.sum(product(a, d), product(b, c), modulus))
                #expect(
                    FieldDefinition.sum(square[0], product(b, b), modulus) == product(a, a))
                let mixed = product(a, b)
                #expect(square[1] == FieldDefinition.sum(mixed, mixed, modulus))
            }
        }
    }
}
