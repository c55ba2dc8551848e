// SPDX-License-Identifier: Apache-2.0

/// What contracts may ask of the curve bn254.
///
/// Inputs and outputs are those of the precompiled contracts 6, 7 and 8: coordinates of 32 bytes,
/// highest byte first, the imaginary part before the real one, and zeros for infinity. Specified in
/// EIP-196 and EIP-197.
public enum BN254Operations {
    /// The sum of two points: 128 bytes, filled up with zeros, to 64.
    public static func add(_ input: [UInt8]) throws(CurveFault) -> [UInt8] {
        var reader = PointReader(padded(input, 128))
        let first = CurvePoint(try point(&reader))
        let second = CurvePoint(try point(&reader))
        return encode((first + second).affine)
    }

    /// A point, so many times: 64 bytes and 32 of a number, filled up with zeros, to 64.
    public static func multiply(_ input: [UInt8]) throws(CurveFault) -> [UInt8] {
        var reader = PointReader(padded(input, 96))
        let base = CurvePoint(try point(&reader))
        return encode(base.times(reader.scalar()).affine)
    }

    /// Whether the pairings of all pairs multiply to one: pairs of 64 and 128 bytes.
    public static func pairingsMultiplyToOne(_ input: [UInt8]) throws(CurveFault) -> Bool {
        guard input.count % 192 == 0 else { throw .length(input.count) }
        var reader = PointReader(input)
        var pairs: [Pairing<BN254>.Pair] = []
        for _ in 0..<input.count / 192 {
            let first = try point(&reader)
            let second = try twistPoint(&reader)
            if let first, let second { pairs.append((first, second)) }
        }
        return pairs.isEmpty || Pairing<BN254>.isOne(pairs)
    }

    /// Longer inputs are cut, as the contracts' rule says.
    private static func padded(_ input: [UInt8], _ count: Int) -> [UInt8] {
        let kept = Array(input.prefix(count))
        return kept + [UInt8](repeating: 0, count: count - kept.count)
    }

    private static func number(_ reader: inout PointReader) throws(CurveFault) -> Field254 {
        guard let number = Field254(bigEndian: reader.next(32)) else { throw .coordinate }
        return number
    }

    private static func point(
        _ reader: inout PointReader
    ) throws(CurveFault) -> AffinePoint<BN254.First>? {
        let x = try number(&reader)
        let y = try number(&reader)
        if x.isZero, y.isZero { return nil }
        let point = AffinePoint<BN254.First>(x, y)
        guard point.isOnCurve else { throw .notOnCurve }
        return point
    }

    private static func pair(_ reader: inout PointReader) throws(CurveFault) -> Fp2<Field254> {
        let imaginary = try number(&reader)
        return Fp2(try number(&reader), imaginary)
    }

    private static func twistPoint(
        _ reader: inout PointReader
    ) throws(CurveFault) -> AffinePoint<BN254.Second>? {
        let x = try pair(&reader)
        let y = try pair(&reader)
        if x.isZero, y.isZero { return nil }
        let point = AffinePoint<BN254.Second>(x, y)
        guard point.isOnCurve else { throw .notOnCurve }
        guard point.isInGroup else { throw .notInGroup }
        return point
    }

    private static func encode(_ point: AffinePoint<BN254.First>?) -> [UInt8] {
        guard let point else { return [UInt8](repeating: 0, count: 64) }
        return point.x.bigEndian + point.y.bigEndian
    }
}
