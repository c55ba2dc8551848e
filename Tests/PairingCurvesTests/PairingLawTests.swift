// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import PairingCurves
import Testing

/// Laws that hold whatever the numbers are.
@Suite struct PairingLawTests {
    private let bn254One = PairingLawTests.word(1) + PairingLawTests.word(2)
    private let bn254Order: [UInt8] = [
        0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81,
        0x58, 0x5d, 0x28, 0x33, 0xe8, 0x48, 0x79, 0xb9, 0x70, 0x91, 0x43, 0xe1, 0xf5, 0x93,
        0xf0, 0x00, 0x00, 0x01,
    ]

    fileprivate static func word(_ number: UInt8) -> [UInt8] {
        [UInt8](repeating: 0, count: 31) + [number]
    }

    private func scalar(_ seed: Int) -> [UInt8] {
        SHA256.hash([UInt8(seed & 255), UInt8(seed >> 8)]).array
    }

    /// (a + b)P = aP + bP, carries of all lengths among them.
    @Test func multiplesAdd() throws {
        for seed in 0..<60 {
            var a = scalar(seed)
            let b = Self.word(UInt8(seed))
            if seed % 3 == 0 { for place in 8..<32 { a[place] = 0xff } }
            a[0] &= 0x7f
            var sum = a
            var carry = 0
            for place in (0..<32).reversed() {
                let total = Int(a[place]) + Int(b[place]) + carry
                (sum[place], carry) = (UInt8(total & 255), total >> 8)
            }
            let left = try BN254Operations.multiply(bn254One + sum)
            let right = try BN254Operations.add(
                BN254Operations.multiply(bn254One + a) + BN254Operations.multiply(bn254One + b))
            #expect(left == right)
        }
    }

    /// Small multiples are what adding again and again gives.
    @Test func smallMultiples() throws {
        var sum = [UInt8](repeating: 0, count: 64)
        for number in 0..<130 {
            #expect(
                try BN254Operations.multiply(bn254One + Self.word(UInt8(number))) == sum,
                "\(number)")
            sum = try BN254Operations.add(sum + bn254One)
        }
    }

    @Test func theOrderLeadsToInfinity() throws {
        let zero = [UInt8](repeating: 0, count: 64)
        #expect(try BN254Operations.multiply(bn254One + bn254Order) == zero)
        for seed in 0..<10 {
            let point = try BN254Operations.multiply(bn254One + scalar(seed))
            #expect(try BN254Operations.multiply(point + bn254Order) == zero)
        }
    }

    /// Every length is either taken or refused; nothing traps.
    @Test func anyLength() {
        for count in 0..<900 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            _ = try? BN254Operations.add(bytes)
            _ = try? BN254Operations.multiply(bytes)
            _ = try? BN254Operations.pairingsMultiplyToOne(bytes)
            _ = try? BLS12381Operations.addFirst(bytes)
            _ = try? BLS12381Operations.addSecond(bytes)
            _ = try? BLS12381Operations.sumFirst(bytes)
            _ = try? BLS12381Operations.sumSecond(bytes)
            _ = try? BLS12381Operations.pairingsMultiplyToOne(bytes)
            _ = try? BLS12381Operations.mapToFirst(bytes)
            _ = try? BLS12381Operations.mapToSecond(bytes)
            _ = try? PointEvaluation.verify(bytes)
        }
    }
}
