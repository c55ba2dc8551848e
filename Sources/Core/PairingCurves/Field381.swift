// SPDX-License-Identifier: Apache-2.0

internal import CKernels

/// Numbers modulo the prime of the curve BLS12-381.
///
/// They are kept in Montgomery's form. Specified in EIP-2537.
struct Field381: PrimeField {
    var kernel: ck_fp381

    fileprivate init(_ kernel: ck_fp381) {
        self.kernel = kernel
    }

    static let modulus: [UInt64] = [
        0xb9fe_ffff_ffff_aaab, 0x1eab_fffe_b153_ffff, 0x6730_d2a0_f6b0_f624,
        0x6477_4b84_f385_12bf, 0x4b1b_a7b6_434b_acd7, 0x1a01_11ea_397f_e69a,
    ]
    /// 2^768 modulo the prime: multiplied by it, a number gets Montgomery's form.
    private static let conversion = ck_fp381(
        limb: (
            0xf4df_1f34_1c34_1746, 0x0a76_e6a6_09d1_04f1, 0x8de5_476c_4c95_b6d5,
            0x67eb_88a9_939d_83c0, 0x9a79_3e85_b519_952d, 0x1198_8fe5_92ca_e3aa
        ))

    static let zero = Field381(ck_fp381(limb: (0, 0, 0, 0, 0, 0)))
    static let one = Field381(canonical: [1, 0, 0, 0, 0, 0])

    init(canonical limbs: [UInt64]) {
        kernel = ck_fp381_multiply(
            ck_fp381(limb: (limbs[0], limbs[1], limbs[2], limbs[3], limbs[4], limbs[5])),
            Self.conversion)
    }

    var canonical: [UInt64] {
        let plain = ck_fp381_multiply(kernel, ck_fp381(limb: (1, 0, 0, 0, 0, 0))).limb
        return [plain.0, plain.1, plain.2, plain.3, plain.4, plain.5]
    }

    static func == (a: Self, b: Self) -> Bool { a.kernel.limb == b.kernel.limb }
    static func + (a: Self, b: Self) -> Self { Self(ck_fp381_add(a.kernel, b.kernel)) }
    static func - (a: Self, b: Self) -> Self { Self(ck_fp381_subtract(a.kernel, b.kernel)) }
    static func * (a: Self, b: Self) -> Self { Self(ck_fp381_multiply(a.kernel, b.kernel)) }

    static func product(_ a: Fp2<Self>, _ b: Fp2<Self>) -> Fp2<Self> {
        Fp2(ck_fp381_pair_multiply(a.kernel, b.kernel))
    }

    static func square(_ a: Fp2<Self>) -> Fp2<Self> { Fp2(ck_fp381_pair_square(a.kernel)) }

    /// ξ is 1 + *i*.
    static func timesNonresidue(_ a: Fp2<Self>) -> Fp2<Self> {
        Fp2(a.real - a.imaginary, a.real + a.imaginary)
    }

    static let frobenius = Frobenius<Self>()
}

extension Fp2 where Base == Field381 {
    fileprivate init(_ pair: ck_fp381_pair) {
        self.init(Field381(pair.real), Field381(pair.imaginary))
    }

    fileprivate var kernel: ck_fp381_pair {
        ck_fp381_pair(real: real.kernel, imaginary: imaginary.kernel)
    }
}
