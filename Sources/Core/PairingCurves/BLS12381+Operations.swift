// SPDX-License-Identifier: Apache-2.0

/// What contracts may ask of the curve BLS12-381.
///
/// Inputs and outputs are those of the precompiled contracts 11 to 17: coordinates of 64 bytes, of
/// which the first 16 are zero, highest byte first, the real part before the imaginary one, and zeros
/// for infinity. Specified in EIP-2537.
public enum BLS12381Operations {
    /// The sum of two points of the curve: 256 bytes to 128.
    public static func addFirst(_ input: [UInt8]) throws(CurveFault) -> [UInt8] {
        guard input.count == 256 else { throw .length(input.count) }
        var reader = PointReader(input)
        let first = CurvePoint(try point(&reader))
        let second = CurvePoint(try point(&reader))
        return encode((first + second).affine)
    }

    /// The sum of two points of the twist: 512 bytes to 256.
    public static func addSecond(_ input: [UInt8]) throws(CurveFault) -> [UInt8] {
        guard input.count == 512 else { throw .length(input.count) }
        var reader = PointReader(input)
        let first = CurvePoint(try twistPoint(&reader))
        let second = CurvePoint(try twistPoint(&reader))
        return encode((first + second).affine)
    }

    /// The sum of points, each so many times: parts of 128 and 32 bytes to 128.
    public static func sumFirst(_ input: [UInt8]) throws(CurveFault) -> [UInt8] {
        guard !input.isEmpty, input.count % 160 == 0 else { throw .length(input.count) }
        var reader = PointReader(input)
        var terms: [(CurvePoint<BLS12381.First>, [UInt64])] = []
        for _ in 0..<input.count / 160 {
            let point = try groupPoint(&reader)
            terms.append((CurvePoint(point), reader.scalar()))
        }
        return encode(MultiScalarSum.of(terms).affine)
    }

    /// The sum of points of the twist, each so many times: parts of 256 and 32 bytes to 256.
    public static func sumSecond(_ input: [UInt8]) throws(CurveFault) -> [UInt8] {
        guard !input.isEmpty, input.count % 288 == 0 else { throw .length(input.count) }
        var reader = PointReader(input)
        var terms: [(CurvePoint<BLS12381.Second>, [UInt64])] = []
        for _ in 0..<input.count / 288 {
            let point = try groupTwistPoint(&reader)
            terms.append((CurvePoint(point), reader.scalar()))
        }
        return encode(MultiScalarSum.of(terms).affine)
    }

    /// Whether the pairings of all pairs multiply to one: pairs of 128 and 256 bytes.
    public static func pairingsMultiplyToOne(_ input: [UInt8]) throws(CurveFault) -> Bool {
        guard !input.isEmpty, input.count % 384 == 0 else { throw .length(input.count) }
        var reader = PointReader(input)
        var pairs: [Pairing<BLS12381>.Pair] = []
        for _ in 0..<input.count / 384 {
            let first = try groupPoint(&reader)
            let second = try groupTwistPoint(&reader)
            if let first, let second { pairs.append((first, second)) }
        }
        return pairs.isEmpty || Pairing<BLS12381>.isOne(pairs)
    }

    /// The point that a number is mapped to: 64 bytes to 128.
    public static func mapToFirst(_ input: [UInt8]) throws(CurveFault) -> [UInt8] {
        guard input.count == 64 else { throw .length(input.count) }
        var reader = PointReader(input)
        return encode(CurveMapping.first(try number(&reader)).affine)
    }

    /// The point of the twist that a pair of numbers is mapped to: 128 bytes to 256.
    public static func mapToSecond(_ input: [UInt8]) throws(CurveFault) -> [UInt8] {
        guard input.count == 128 else { throw .length(input.count) }
        var reader = PointReader(input)
        return encode(CurveMapping.second(try pair(&reader)).affine)
    }

    private static func number(_ reader: inout PointReader) throws(CurveFault) -> Field381 {
        guard reader.next(16).allSatisfy({ $0 == 0 }) else { throw .encoding }
        guard let number = Field381(bigEndian: reader.next(48)) else { throw .coordinate }
        return number
    }

    private static func pair(_ reader: inout PointReader) throws(CurveFault) -> Fp2<Field381> {
        let real = try number(&reader)
        return Fp2(real, try number(&reader))
    }

    private static func point(
        _ reader: inout PointReader
    ) throws(CurveFault) -> AffinePoint<BLS12381.First>? {
        let x = try number(&reader)
        let y = try number(&reader)
        if x.isZero, y.isZero { return nil }
        let point = AffinePoint<BLS12381.First>(x, y)
        guard point.isOnCurve else { throw .notOnCurve }
        return point
    }

    private static func groupPoint(
        _ reader: inout PointReader
    ) throws(CurveFault) -> AffinePoint<BLS12381.First>? {
        let point = try point(&reader)
        guard point?.isInGroup ?? true else { throw .notInGroup }
        return point
    }

    private static func twistPoint(
        _ reader: inout PointReader
    ) throws(CurveFault) -> AffinePoint<BLS12381.Second>? {
        let x = try pair(&reader)
        let y = try pair(&reader)
        if x.isZero, y.isZero { return nil }
        let point = AffinePoint<BLS12381.Second>(x, y)
        guard point.isOnCurve else { throw .notOnCurve }
        return point
    }

    private static func groupTwistPoint(
        _ reader: inout PointReader
    ) throws(CurveFault) -> AffinePoint<BLS12381.Second>? {
        let point = try twistPoint(&reader)
        guard point?.isInGroup ?? true else { throw .notInGroup }
        return point
    }

    private static func encode(_ number: Field381) -> [UInt8] {
        [UInt8](repeating: 0, count: 16) + number.bigEndian
    }

    private static func encode(_ point: AffinePoint<BLS12381.First>?) -> [UInt8] {
        guard let point else { return [UInt8](repeating: 0, count: 128) }
        return encode(point.x) + encode(point.y)
    }

    private static func encode(_ point: AffinePoint<BLS12381.Second>?) -> [UInt8] {
        guard let point else { return [UInt8](repeating: 0, count: 256) }
        return [point.x, point.y].flatMap { encode($0.real) + encode($0.imaginary) }
    }
}
