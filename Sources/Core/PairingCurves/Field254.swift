// SPDX-License-Identifier: Apache-2.0

internal import CKernels

/// Numbers modulo the prime of the curve bn254.
///
/// They are kept in Montgomery's form. Specified in EIP-196.
struct Field254: PrimeField {
    var kernel: ck_fp254

    fileprivate init(_ kernel: ck_fp254) {
        self.kernel = kernel
    }

    static let modulus: [UInt64] = [
        0x3c20_8c16_d87c_fd47, 0x9781_6a91_6871_ca8d, 0xb850_45b6_8181_585d,
        0x3064_4e72_e131_a029,
    ]
    /// 2^512 modulo the prime: multiplied by it, a number gets Montgomery's form.
    private static let conversion = ck_fp254(
        limb: (
            0xf32c_fc5b_538a_fa89, 0xb5e7_1911_d445_01fb, 0x47ab_1eff_0a41_7ff6,
            0x06d8_9f71_cab8_351f
        ))

    static let zero = Field254(ck_fp254(limb: (0, 0, 0, 0)))
    static let one = Field254(canonical: [1, 0, 0, 0])

    init(canonical limbs: [UInt64]) {
        kernel = ck_fp254_multiply(
            ck_fp254(limb: (limbs[0], limbs[1], limbs[2], limbs[3])), Self.conversion)
    }

    var canonical: [UInt64] {
        let plain = ck_fp254_multiply(kernel, ck_fp254(limb: (1, 0, 0, 0))).limb
        return [plain.0, plain.1, plain.2, plain.3]
    }

    static func == (a: Self, b: Self) -> Bool { a.kernel.limb == b.kernel.limb }
    static func + (a: Self, b: Self) -> Self { Self(ck_fp254_add(a.kernel, b.kernel)) }
    static func - (a: Self, b: Self) -> Self { Self(ck_fp254_subtract(a.kernel, b.kernel)) }
    static func * (a: Self, b: Self) -> Self { Self(ck_fp254_multiply(a.kernel, b.kernel)) }

    static func product(_ a: Fp2<Self>, _ b: Fp2<Self>) -> Fp2<Self> {
        Fp2(ck_fp254_pair_multiply(a.kernel, b.kernel))
    }

    static func square(_ a: Fp2<Self>) -> Fp2<Self> { Fp2(ck_fp254_pair_square(a.kernel)) }

    /// ξ is 9 + *i*.
    static func timesNonresidue(_ a: Fp2<Self>) -> Fp2<Self> {
        let eight = a.doubled.doubled.doubled
        return Fp2(
            eight.real + a.real - a.imaginary, eight.imaginary + a.imaginary + a.real)
    }

    static let frobenius = Frobenius<Self>()
}

extension Fp2 where Base == Field254 {
    fileprivate init(_ pair: ck_fp254_pair) {
        self.init(Field254(pair.real), Field254(pair.imaginary))
    }

    fileprivate var kernel: ck_fp254_pair {
        ck_fp254_pair(real: real.kernel, imaginary: imaginary.kernel)
    }
}
