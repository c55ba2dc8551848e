// SPDX-License-Identifier: Apache-2.0

/// Two curves between which there is a pairing, of embedding degree 12.
protocol PairingFamily: Sendable {
    associatedtype Base: PrimeField
    /// The curve over the prime field.
    associatedtype First: Curve where First.Coordinate == Base
    /// Its twist over the field's extension.
    associatedtype Second: Curve where Second.Coordinate == Fp2<Base>
    /// Whether the twist's *b* is the curve's divided by ξ; else multiplied.
    static var twistDivides: Bool { get }
    /// The loop's length in digits -1, 0 and 1, highest first, without its leading one.
    static var loop: [Int8] { get }
    /// What comes behind the loop.
    static func finish(_ step: inout MillerStep<Self>, _ value: inout Fp12<Base>)
    /// The power by (*p*⁴ - *p*² + 1)/*r*, or by a multiple of it that the order does not divide.
    static func hardPart(_ value: Fp12<Base>) -> Fp12<Base>
}

/// A pairing of points: what multiplies where points add.
///
/// Points must be on their curves, and those of the twist in the group of the curve's order.
enum Pairing<Family: PairingFamily> {
    typealias Base = Family.Base
    typealias Pair = (first: AffinePoint<Family.First>, second: AffinePoint<Family.Second>)

    /// Whether the pairings of all pairs multiply to one.
    static func isOne(_ pairs: [Pair]) -> Bool {
        finalExponentiation(millerLoop(pairs)) == .one
    }

    /// The product of all pairs' functions, before the final exponentiation.
    static func millerLoop(_ pairs: [Pair]) -> Fp12<Base> {
        var steps = pairs.map { MillerStep<Family>($0.first, $0.second) }
        var value = Fp12<Base>.one
        for digit in Family.loop {
            value = value.squared
            for index in steps.indices {
                steps[index].double(into: &value)
                if digit != 0 { steps[index].add(isNegative: digit < 0, into: &value) }
            }
        }
        for index in steps.indices { Family.finish(&steps[index], &value) }
        return value
    }

    /// The power by (*p*¹² - 1)/*r*, up to a factor of the exponent.
    static func finalExponentiation(_ value: Fp12<Base>) -> Fp12<Base> {
        let unitary = value.conjugate * value.inverse
        return Family.hardPart(unitary.frobenius(2) * unitary)
    }
}

/// One pair's place in the loop.
///
/// The twist's point runs in coordinates (*x*/*z*, *y*/*z*); each step multiplies the value by the
/// line through it, at the curve's point (Costello, Lange and Naehrig, "Faster pairing computations
/// on curves with high-degree twists").
struct MillerStep<Family: PairingFamily> {
    typealias Part = Fp2<Family.Base>

    private let point: AffinePoint<Family.First>
    let start: AffinePoint<Family.Second>
    private var x: Part
    private var y: Part
    private var z = Part.one
    private let half = Family.Base(2).inverse

    init(_ point: AffinePoint<Family.First>, _ start: AffinePoint<Family.Second>) {
        self.point = point
        self.start = start
        (x, y) = (start.x, start.y)
    }

    /// Doubles the running point.
    mutating func double(into value: inout Fp12<Family.Base>) {
        let a = x * y * half
        let b = y.squared
        let c = z.squared
        let e = Family.Second.b * c.tripled
        let f = e.tripled
        let g = (b + f) * half
        let h = (y + z).squared - b - c
        let square = x.squared
        x = a * (b - f)
        y = g.squared - e.squared.tripled
        z = b * h
        multiply(&value, byY: -h, byX: square.tripled, constant: e - b)
    }

    /// Adds the starting point, or takes it away.
    mutating func add(isNegative: Bool, into value: inout Fp12<Family.Base>) {
        add(isNegative ? start.negated : start, into: &value)
    }

    /// Adds a point.
    mutating func add(
        _ other: AffinePoint<Family.Second>, into value: inout Fp12<Family.Base>
    ) {
        let theta = y - other.y * z
        let lambda = x - other.x * z
        let d = lambda.squared
        let e = lambda * d
        let g = x * d
        let h = e + z * theta.squared - g.doubled
        x = lambda * h
        y = theta * (g - h) - e * y
        z *= e
        multiply(
            &value, byY: lambda, byX: -theta, constant: theta * other.x - lambda * other.y)
    }

    private func multiply(
        _ value: inout Fp12<Family.Base>, byY: Part, byX: Part, constant: Part
    ) {
        let (atY, atX) = (byY * point.y, byX * point.x)
        value =
            Family.twistDivides
            ? value.times(constant: atY, root: atX, constant)
            : value.times(plain: constant, atX, root: atY)
    }
}

/// The power by a number of 64 bits of what is turned round by its conjugate.
extension Fp12 {
    func cyclotomicPower(_ exponent: UInt64) -> Self {
        var result = self
        for bit in (0..<(63 - exponent.leadingZeroBitCount)).reversed() {
            result = result.cyclotomicSquare
            if exponent >> UInt64(bit) & 1 == 1 { result *= self }
        }
        return result
    }
}
