// SPDX-License-Identifier: Apache-2.0

/// From numbers of a field to points of BLS12-381: the simplified way of Shallue, van de Woestijne
/// and Ulas to a curve near by, and from there by an isogeny.
///
/// Specified in RFC 9380, sections 6.6.3 and 8.8, appendices E.2, E.3 and G.3.
enum CurveMapping {
    static func first(_ number: Field381) -> CurvePoint<BLS12381.First> {
        let (x, y) = IsogenyTables.first.nearPoint(
            number, isOdd: \.isOdd, squareRoot: \.squareRoot)
        let point = CurvePoint(IsogenyTables.first.map(x, y).map(AffinePoint<BLS12381.First>.init))
        return point.times([BLS12381.negatedSeed + 1])
    }

    static func second(_ number: Fp2<Field381>) -> CurvePoint<BLS12381.Second> {
        let (x, y) = IsogenyTables.second.nearPoint(
            number, isOdd: \.isOdd, squareRoot: \.squareRoot)
        return cleared(
            CurvePoint(IsogenyTables.second.map(x, y).map(AffinePoint<BLS12381.Second>.init)))
    }

    /// A point of the group: with *x* the seed and ψ the power by the prime,
    /// (*x*² - *x* - 1)*P* + (*x* - 1)ψ(*P*) + ψ²(2*P*).
    private static func cleared(
        _ point: CurvePoint<BLS12381.Second>
    ) -> CurvePoint<BLS12381.Second> {
        func moved(_ point: CurvePoint<BLS12381.Second>) -> CurvePoint<BLS12381.Second> {
            CurvePoint(point.affine?.movedByPrime)
        }
        let bySeed = -point.times([BLS12381.negatedSeed])
        let image = moved(point)
        let sum = bySeed + image
        // (x² - x)P + xψ(P) is the seed times sum, less the seed times P.
        return -sum.times([BLS12381.negatedSeed]) + -bySeed + -point + -image
            + moved(moved(point.doubled))
    }
}

/// A curve *y*² = *x*³ + *Ax* + *B* and an isogeny from it, as fractions of polynomials.
struct Isogeny<F: Field>: Sendable {
    let a: F
    let b: F
    /// What makes the two candidates for *x* differ by a number without a root.
    let z: F
    /// Coefficients, lowest power first.
    let xNumerator: [F]
    let xDenominator: [F]
    let yNumerator: [F]
    let yDenominator: [F]

    /// The point of the curve near by.
    func nearPoint(_ u: F, isOdd: (F) -> Bool, squareRoot: (F) -> F?) -> (F, F) {
        let zu = z * u.squared
        let sum = zu.squared + zu
        let x1 =
            sum.isZero ? b * (z * a).inverse : -b * a.inverse * (F.one + sum.inverse)
        for x in [x1, zu * x1] {
            guard let y = squareRoot((x.squared + a) * x + b) else { continue }
            return (x, isOdd(y) == isOdd(u) ? y : -y)
        }
        preconditionFailure("one of the two has a root")
    }

    /// The isogeny's image, or nil for infinity.
    func map(_ x: F, _ y: F) -> (F, F)? {
        func value(_ polynomial: [F]) -> F {
            polynomial.reversed().reduce(.zero) { $0 * x + $1 }
        }
        let (xBelow, yBelow) = (value(xDenominator), value(yDenominator))
        guard !xBelow.isZero, !yBelow.isZero else { return nil }
        return (value(xNumerator) * xBelow.inverse, y * value(yNumerator) * yBelow.inverse)
    }
}
