// SPDX-License-Identifier: Apache-2.0

/// The pairing of the curve bn254, also called alt_bn128.
///
/// Specified in EIP-196 and EIP-197.
enum BN254: PairingFamily {
    typealias Base = Field254
    typealias Point = CurvePoint<First>

    /// *y*² = *x*³ + 3.
    enum First: Curve {
        static let b = Field254(3)
    }

    /// *y*² = *x*³ + 3/ξ.
    enum Second: Curve {
        static let b = Fp2<Field254>.one.timesNonresidue.inverse * Field254(3)
    }

    /// The number that prime and order are polynomials of.
    static let seed: UInt64 = 0x44e9_92b4_4a69_09f1

    /// How many points the curve has.
    static let order: [UInt64] = [
        0x43e1_f593_f000_0001, 0x2833_e848_79b9_7091, 0xb850_45b6_8181_585d,
        0x3064_4e72_e131_a029,
    ]

    static let twistDivides = true

    /// Six times the seed, plus two.
    static let loop: [Int8] = {
        let (product, carry) = (
            seed.multipliedFullWidth(by: 6).low, seed.multipliedFullWidth(by: 6).high
        )
        return SignedBits.of([product + 2, carry])
    }()

    static func finish(_ step: inout MillerStep<Self>, _ value: inout Fp12<Base>) {
        let first = step.start.movedByPrime
        step.add(first, into: &value)
        step.add(first.movedByPrime.negated, into: &value)
    }

    /// The way of Fuentes-Castañeda, Knapp and Rodríguez-Henríquez.
    ///
    /// It gives the power by 2*x*(6*x*² + 3*x* + 1) times the exponent, *x* being the seed.
    static func hardPart(_ r: Fp12<Base>) -> Fp12<Base> {
        func byNegatedSeed(_ value: Fp12<Base>) -> Fp12<Base> {
            value.cyclotomicPower(seed).conjugate
        }
        let y0 = byNegatedSeed(r)
        let y1 = y0.cyclotomicSquare
        let y3 = y1.cyclotomicSquare * y1
        let y4 = byNegatedSeed(y3)
        let y6 = byNegatedSeed(y4.cyclotomicSquare).conjugate
        let y8 = y6 * y4 * y3.conjugate
        let y9 = y8 * y1
        let y13 = y9.frobenius(1) * y8 * y4 * r
        let y14 = y8.frobenius(2) * y13
        return (r.conjugate * y9).frobenius(3) * y14
    }
}

extension AffinePoint where C == BN254.Second {
    /// The twist's image of the point whose coordinates are raised to the prime.
    var movedByPrime: Self {
        let factors = Field254.frobenius.powers[0]
        return Self(x.conjugate * factors[1], y.conjugate * factors[2])
    }

    /// Whether the order takes the point to infinity.
    ///
    /// Raising to the prime is multiplying by six times the seed's square there and nowhere else: the
    /// map solves *X*² - *tX* + *p* = 0 with *t* - 1 = 6*x*², and *p* + 1 - *t* is the order.
    var isInGroup: Bool {
        let (high, low) = BN254.seed.multipliedFullWidth(by: BN254.seed)
        let six = low.multipliedFullWidth(by: 6)
        return CurvePoint(movedByPrime)
            == CurvePoint(self).times([six.low, high &* 6 &+ six.high])
    }
}

/// A number in digits -1, 0 and 1, no two of them other than zero side by side.
enum SignedBits {
    /// The digits below the highest, highest first.
    static func of(_ number: [UInt64]) -> [Int8] {
        var rest = number + [0]
        var digits: [Int8] = []
        while rest.contains(where: { $0 != 0 }) {
            var digit: Int8 = 0
            if rest[0] & 1 == 1 {
                digit = rest[0] & 3 == 3 ? -1 : 1
                rest = digit > 0 ? Limbs.subtract(rest, 1) : Limbs.add(rest, 1)
            }
            digits.append(digit)
            rest = Limbs.shifted(rest, right: 1)
        }
        return Array(digits.reversed().dropFirst())
    }
}
