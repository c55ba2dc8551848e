// SPDX-License-Identifier: Apache-2.0

/// The pairing of the curve BLS12-381.
///
/// Specified in EIP-2537 and draft-irtf-cfrg-pairing-friendly-curves.
enum BLS12381: PairingFamily {
    typealias Base = Field381

    /// *y*² = *x*³ + 4.
    enum First: Curve {
        static let b = Field381(4)
    }

    /// *y*² = *x*³ + 4ξ.
    enum Second: Curve {
        static let b = Fp2<Field381>.one.timesNonresidue * Field381(4)
    }

    /// The number that prime and order are polynomials of is this one below zero.
    static let negatedSeed: UInt64 = 0xd201_0000_0001_0000

    /// How many points each of the two groups has.
    static let order: [UInt64] = [
        0xffff_ffff_0000_0001, 0x53bd_a402_fffe_5bfe, 0x3339_d808_09a1_d805,
        0x73ed_a753_299d_7d48,
    ]

    static let twistDivides = false
    static let loop = SignedBits.of([negatedSeed])

    static func finish(_: inout MillerStep<Self>, _: inout Fp12<Base>) {}

    /// The way of Hayashida, Hayasaka and Teruya: the power by three times the exponent.
    ///
    /// The loop ran over the negated seed, so its value is turned round first.
    static func hardPart(_ value: Fp12<Base>) -> Fp12<Base> {
        func bySeed(_ value: Fp12<Base>) -> Fp12<Base> {
            value.cyclotomicPower(negatedSeed).conjugate
        }
        let r = value.conjugate
        let a = bySeed(r) * r.conjugate
        let b = bySeed(a) * a.conjugate
        let c = bySeed(b) * b.frobenius(1)
        let d = bySeed(bySeed(c)) * c.frobenius(2) * c.conjugate
        return r.cyclotomicSquare * r * d
    }
}

extension AffinePoint where C == BLS12381.First {
    /// A cube root of one other than one, as the curve's map (*x*, *y*) → (β*x*, *y*) needs it.
    ///
    /// The map multiplies by minus the seed's square in the group.
    private static let cubeRoot: Field381 = {
        let third = Limbs.divided(Limbs.subtract(Field381.modulus, 1), by: 3)
        // Two has no cube root, so its power is another root of one than one.
        let root = Field381(2).power(third)
        precondition(root != .one && root * root.squared == .one)
        return root
    }()

    /// Whether the order takes the point to infinity.
    ///
    /// With λ = -*x*², *x* being the seed, λ² + λ + 1 is the order, and the map solves the same.
    var isInGroup: Bool {
        let (high, low) = BLS12381.negatedSeed.multipliedFullWidth(by: BLS12381.negatedSeed)
        let image = -CurvePoint(self).times([low, high])
        return [Self.cubeRoot, Self.cubeRoot.squared].contains { root in
            image == CurvePoint(AffinePoint(x * root, y))
        }
    }
}

extension AffinePoint where C == BLS12381.Second {
    /// The twist's image of the point whose coordinates are raised to the prime.
    var movedByPrime: Self {
        let (second, third) = Self.factors
        return Self(x.conjugate * second, y.conjugate * third)
    }

    /// This twist multiplies where that of bn254 divides.
    private static let factors: (Fp2<Field381>, Fp2<Field381>) = {
        let powers = Field381.frobenius.powers[0]
        return (powers[1].inverse, powers[2].inverse)
    }()

    /// Whether the order takes the point to infinity.
    ///
    /// Raising to the prime is multiplying by the seed there and nowhere else (Scott, "A note on group
    /// membership tests", section 4).
    var isInGroup: Bool {
        CurvePoint(movedByPrime) == -CurvePoint(self).times([BLS12381.negatedSeed])
    }
}
