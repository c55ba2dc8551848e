// SPDX-License-Identifier: Apache-2.0

/// `Fp6` with a square root *w* of *v* added: numbers *a* + *bw*.
///
/// Pairings have their values here.
struct Fp12<Base: PrimeField>: Field {
    typealias Part = Fp2<Base>

    var a: Fp6<Base>
    var b: Fp6<Base>

    init(_ a: Fp6<Base>, _ b: Fp6<Base>) {
        self.a = a
        self.b = b
    }

    static var zero: Self { Self(.zero, .zero) }
    static var one: Self { Self(.one, .zero) }

    static func + (x: Self, y: Self) -> Self { Self(x.a + y.a, x.b + y.b) }
    static func - (x: Self, y: Self) -> Self { Self(x.a - y.a, x.b - y.b) }

    static func * (x: Self, y: Self) -> Self {
        let (aa, bb) = (x.a * y.a, x.b * y.b)
        return Self(aa + bb.timesRoot, (x.a + x.b) * (y.a + y.b) - aa - bb)
    }

    var squared: Self {
        let mixed = a * b
        return Self(
            (a + b) * (a + b.timesRoot) - mixed - mixed.timesRoot, mixed.doubled)
    }

    /// *a* - *bw*: the inverse, where the sixth power of the prime is.
    var conjugate: Self { Self(a, -b) }

    var inverse: Self {
        let divisor = (a.squared - b.squared.timesRoot).inverse
        return Self(a * divisor, -(b * divisor))
    }

    /// The product with a line as curves have it whose twist divides: *x* + (*y* + *zv*)*w*.
    func times(constant x: Part, root y: Part, _ z: Part) -> Self {
        let first = Fp6(a.a * x, a.b * x, a.c * x)
        let second = b.times(y, z)
        return Self(first + second.timesRoot, (a + b).times(x + y, z) - first - second)
    }

    /// The product with a line as curves have it whose twist multiplies: *x* + *yv* + *zvw*.
    func times(plain x: Part, _ y: Part, root z: Part) -> Self {
        let first = a.times(x, y)
        let second = b.times(second: z)
        return Self(first + second.timesRoot, (a + b).times(x, y + z) - first - second)
    }

    /// The square of what the first part of a final exponentiation has brought (Granger and Scott).
    var cyclotomicSquare: Self {
        func squares(_ x: Part, _ y: Part) -> (Part, Part) {
            let mixed = x * y
            return (
                (x + y) * (y.timesNonresidue + x) - mixed - mixed.timesNonresidue, mixed.doubled
            )
        }
        let (t0, t1) = squares(a.a, b.b)
        let (t2, t3) = squares(b.a, a.c)
        let (t4, t5) = squares(a.b, b.c)
        return Self(
            Fp6(
                t0.tripled - a.a.doubled, t2.tripled - a.b.doubled, t4.tripled - a.c.doubled),
            Fp6(
                t5.timesNonresidue.tripled + b.a.doubled, t1.tripled + b.b.doubled,
                t3.tripled + b.c.doubled))
    }

    /// The power by the prime, `count` times over.
    func frobenius(_ count: Int) -> Self {
        let constants = Base.frobenius.powers[count - 1]
        func moved(_ x: Part, _ place: Int) -> Part {
            let turned = count % 2 == 1 ? x.conjugate : x
            return place == 0 ? turned : turned * constants[place - 1]
        }
        return Self(
            Fp6(moved(a.a, 0), moved(a.b, 2), moved(a.c, 4)),
            Fp6(moved(b.a, 1), moved(b.b, 3), moved(b.c, 5)))
    }
}

/// What powers by the prime multiply the parts of a number by: ξ^(*j*(*p*^*n* - 1)/6).
struct Frobenius<Base: PrimeField>: Sendable {
    /// For *n* from 1 to 3 the factors for *j* from 1 to 5.
    let powers: [[Fp2<Base>]]

    init() {
        let exponent = Limbs.divided(Limbs.subtract(Base.modulus, 1), by: 6)
        let first = Fp2<Base>.one.timesNonresidue.power(exponent)
        // The exponents for p² and p³ are that for p times 1 + p and 1 + p + p².
        let second = first * first.conjugate
        powers = [first, second, first * second].map { factor in
            (1...5).reduce(into: [Fp2<Base>]()) { powers, _ in
                powers.append((powers.last ?? .one) * factor)
            }
        }
    }
}
