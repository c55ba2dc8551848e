// SPDX-License-Identifier: Apache-2.0

/// The product of two numbers modulo a third, bit by bit: what the kernels are compared with.
package enum FieldDefinition {
    /// Numbers in limbs of 64 bits, low one first; factors are below the modulus, whose highest bit is
    /// not set.
    package static func product(
        _ a: [UInt64], _ b: [UInt64], modulus: [UInt64]
    ) -> [UInt64] {
        var sum = [UInt64](repeating: 0, count: modulus.count)
        for bit in (0..<64 * modulus.count).reversed() {
            sum = Self.sum(sum, sum, modulus)
            if b[bit / 64] >> UInt64(bit % 64) & 1 == 1 { sum = Self.sum(sum, a, modulus) }
        }
        return sum
    }

    /// The sum modulo the modulus.
    package static func sum(
        _ a: [UInt64], _ b: [UInt64], _ modulus: [UInt64]
    ) -> [UInt64] {
        var total = a
        var carry: UInt64 = 0
        for index in total.indices {
            let (first, isFirstOver) = total[index].addingReportingOverflow(b[index])
            let (second, isSecondOver) = first.addingReportingOverflow(carry)
            total[index] = second
            carry = isFirstOver || isSecondOver ? 1 : 0
        }
        return Limbs.isLess(total, modulus) ? total : difference(total, modulus)
    }

    private static func difference(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        var rest = a
        var borrow: UInt64 = 0
        for index in rest.indices {
            let (first, isFirstUnder) = rest[index].subtractingReportingOverflow(b[index])
            let (second, isSecondUnder) = first.subtractingReportingOverflow(borrow)
            rest[index] = second
            borrow = isFirstUnder || isSecondUnder ? 1 : 0
        }
        return rest
    }
}

/// The kernels' arithmetic on plain numbers, for whoever compares it with its definition.
package enum FieldKernel: CaseIterable, Sendable {
    case bn254
    case bls12381

    /// The field's prime, low limb first.
    package var modulus: [UInt64] {
        switch self {
        case .bn254: Field254.modulus
        case .bls12381: Field381.modulus
        }
    }

    /// The product of two numbers.
    package func product(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
        switch self {
        case .bn254: (Field254(canonical: a) * Field254(canonical: b)).canonical
        case .bls12381: (Field381(canonical: a) * Field381(canonical: b)).canonical
        }
    }

    /// The sum of two numbers, and the first less the second.
    package func sums(_ a: [UInt64], _ b: [UInt64]) -> (sum: [UInt64], difference: [UInt64]) {
        func both<F: PrimeField>(_: F.Type) -> ([UInt64], [UInt64]) {
            let (a, b) = (F(canonical: a), F(canonical: b))
            return ((a + b).canonical, (a - b).canonical)
        }
        switch self {
        case .bn254: return both(Field254.self)
        case .bls12381: return both(Field381.self)
        }
    }

    /// The product of *a* + *bi* and *c* + *di*, and the square of the first.
    package func pairProduct(
        _ a: [UInt64], _ b: [UInt64], _ c: [UInt64], _ d: [UInt64]
    ) -> (product: [[UInt64]], square: [[UInt64]]) {
        func both<F: PrimeField>(_: F.Type) -> ([[UInt64]], [[UInt64]]) {
            let x = Fp2(F(canonical: a), F(canonical: b))
            let y = Fp2(F(canonical: c), F(canonical: d))
            return ([x * y, x.squared].map { [$0.real.canonical, $0.imaginary.canonical] })
                .pair
        }
        switch self {
        case .bn254: return both(Field254.self)
        case .bls12381: return both(Field381.self)
        }
    }
}

extension [[[UInt64]]] {
    fileprivate var pair: ([[UInt64]], [[UInt64]]) { (self[0], self[1]) }
}
