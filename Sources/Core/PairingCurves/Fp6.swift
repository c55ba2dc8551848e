// SPDX-License-Identifier: Apache-2.0

/// `Fp2` with a cube root *v* of ξ added: numbers *a* + *bv* + *cv*².
struct Fp6<Base: PrimeField>: Field {
    typealias Part = Fp2<Base>

    var a: Part
    var b: Part
    var c: Part

    init(_ a: Part, _ b: Part, _ c: Part) {
        self.a = a
        self.b = b
        self.c = c
    }

    static var zero: Self { Self(.zero, .zero, .zero) }
    static var one: Self { Self(.one, .zero, .zero) }

    static func + (x: Self, y: Self) -> Self { Self(x.a + y.a, x.b + y.b, x.c + y.c) }
    static func - (x: Self, y: Self) -> Self { Self(x.a - y.a, x.b - y.b, x.c - y.c) }

    /// Karatsuba's way: six products of parts.
    static func * (x: Self, y: Self) -> Self {
        let (aa, bb, cc) = (x.a * y.a, x.b * y.b, x.c * y.c)
        let bc = (x.b + x.c) * (y.b + y.c) - bb - cc
        let ab = (x.a + x.b) * (y.a + y.b) - aa - bb
        let ac = (x.a + x.c) * (y.a + y.c) - aa - cc
        return Self(aa + bc.timesNonresidue, ab + cc.timesNonresidue, ac + bb)
    }

    /// The product with *a* + *bv*.
    func times(_ first: Part, _ second: Part) -> Self {
        let (aa, bb) = (a * first, b * second)
        let bc = (b + c) * second - bb
        let ab = (a + b) * (first + second) - aa - bb
        let ac = (a + c) * first - aa
        return Self(aa + bc.timesNonresidue, ab, ac + bb)
    }

    /// The product with *bv*.
    func times(second: Part) -> Self {
        Self((c * second).timesNonresidue, a * second, b * second)
    }

    /// The product with *v*.
    var timesRoot: Self { Self(c.timesNonresidue, a, b) }

    var inverse: Self {
        let first = a.squared - (b * c).timesNonresidue
        let second = c.squared.timesNonresidue - a * b
        let third = b.squared - a * c
        let norm = a * first + (c * second + b * third).timesNonresidue
        let divisor = norm.inverse
        return Self(first * divisor, second * divisor, third * divisor)
    }
}
