// SPDX-License-Identifier: Apache-2.0

/// A prime field with a root of -1 added: numbers *a* + *bi*.
struct Fp2<Base: PrimeField>: Field {
    var real: Base
    var imaginary: Base

    init(_ real: Base, _ imaginary: Base) {
        self.real = real
        self.imaginary = imaginary
    }

    static var zero: Self { Self(.zero, .zero) }
    static var one: Self { Self(.one, .zero) }

    static func + (a: Self, b: Self) -> Self {
        Self(a.real + b.real, a.imaginary + b.imaginary)
    }

    static func - (a: Self, b: Self) -> Self {
        Self(a.real - b.real, a.imaginary - b.imaginary)
    }

    static func * (a: Self, b: Self) -> Self { Base.product(a, b) }
    static func * (a: Self, b: Base) -> Self { Self(a.real * b, a.imaginary * b) }
    var squared: Self { Base.square(self) }

    /// *a* - *bi*: also the power by the prime.
    var conjugate: Self { Self(real, -imaginary) }
    /// *a*² + *b*².
    var norm: Base { real.squared + imaginary.squared }
    var inverse: Self { conjugate * norm.inverse }
    /// The product with ξ.
    var timesNonresidue: Self { Base.timesNonresidue(self) }

    /// A root, if there is one.
    ///
    /// With *n*² = *a*² + *b*², the real part of a root is a root of (*a* + *n*)/2 or (*a* - *n*)/2.
    var squareRoot: Self? {
        if imaginary.isZero {
            if let root = real.squareRoot { return Self(root, .zero) }
            return (-real).squareRoot.map { Self(.zero, $0) }
        }
        guard let length = norm.squareRoot else { return nil }
        let half = Base(2).inverse
        for sum in [real + length, real - length] {
            guard let root = (sum * half).squareRoot, !root.isZero else { continue }
            let result = Self(root, imaginary * half * root.inverse)
            if result.squared == self { return result }
        }
        return nil
    }

    /// The sign as RFC 9380 has it.
    var isOdd: Bool { real.isOdd || (real.isZero && imaginary.isOdd) }
}
