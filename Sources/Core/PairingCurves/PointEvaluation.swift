// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// Proofs that the polynomial of a blob has a value at a point.
///
/// Specified in EIP-4844, as the precompiled contract 10.
public enum PointEvaluation {
    /// What the contract returns: numbers of a blob, and the group's order.
    public static let output: [UInt8] =
        Limbs.encode([4096, 0, 0, 0]) + Limbs.encode(BLS12381.order)

    /// Verifies 192 bytes: the commitment's versioned hash, the point, the value, commitment and
    /// proof.
    public static func verify(_ input: [UInt8]) throws(CurveFault) -> [UInt8] {
        guard input.count == 192 else { throw .length(input.count) }
        var reader = PointReader(input)
        let hash = Array(reader.next(32))
        let place = try scalar(&reader)
        let value = try scalar(&reader)
        let commitment = Array(reader.next(48))
        guard [1] + SHA256.hash(commitment).array.dropFirst() == hash else {
            throw .versionedHash
        }
        let holds = try holds(
            commitment: point(commitment), place: place, value: value,
            proof: point(Array(reader.next(48))))
        guard holds else { throw .proof }
        return output
    }

    private static func scalar(_ reader: inout PointReader) throws(CurveFault) -> [UInt64] {
        let number = reader.scalar()
        guard Limbs.isLess(number, BLS12381.order) else { throw .scalar }
        return number
    }

    private static func point(
        _ bytes: [UInt8]
    ) throws(CurveFault) -> CurvePoint<BLS12381.First> {
        let point = try CompressedPoint.first(bytes)
        guard point?.isInGroup ?? true else { throw .notInGroup }
        return CurvePoint(point)
    }

    /// Whether *e*(*C* - *y* + *zπ*, 1) = *e*(*π*, τ), which says that *p*(*z*) = *y*.
    private static func holds(
        commitment: CurvePoint<BLS12381.First>, place: [UInt64], value: [UInt64],
        proof: CurvePoint<BLS12381.First>
    ) throws(CurveFault) -> Bool {
        let left = commitment + -CurvePoint(Self.one).times(value) + proof.times(place)
        var pairs: [Pairing<BLS12381>.Pair] = []
        if let point = left.affine { pairs.append((point, Self.twistOne)) }
        if let point = (-proof).affine { pairs.append((point, Self.secret)) }
        return pairs.isEmpty || Pairing<BLS12381>.isOne(pairs)
    }

    private static func known<Point>(_ point: Point??) -> Point {
        guard case .some(.some(let point)) = point else {
            preconditionFailure("a constant of the ceremony is a point")
        }
        return point
    }

    /// The generators, and the second one times the ceremony's secret.
    private static let one = known(
        try? CompressedPoint.first(
            hex(
                "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905"
                    + "a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb")))
    private static let twistOne = known(
        try? CompressedPoint.second(
            hex(
                "93e02b6052719f607dacd3a088274f65596bd0d09920b61a"
                    + "b5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
                    + "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02"
                    + "b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8")))
    private static let secret = known(
        try? CompressedPoint.second(
            hex(
                "b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa8"
                    + "1009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72"
                    + "185cbfee53492714734429b7b38608e23926c911cceceac9"
                    + "a36851477ba4c60b087041de621000edc98edada20c1def2")))

    private static func hex(_ text: String) -> [UInt8] {
        let digits = text.utf8.map { $0 > 0x60 ? $0 - 0x57 : $0 - 0x30 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

/// Points of BLS12-381 by one coordinate and flags in its first three bits: compressed, infinity, and
/// which of the two.
enum CompressedPoint {
    /// 48 bytes; nil is infinity.
    static func first(_ bytes: [UInt8]) throws(CurveFault) -> AffinePoint<BLS12381.First>? {
        guard let (isUpper, parts) = try split(bytes, parts: 1) else { return nil }
        let x = parts[0]
        guard let y = (x.squared * x + BLS12381.First.b).squareRoot else { throw .notOnCurve }
        return AffinePoint(x, y.isUpperHalf == isUpper ? y : -y)
    }

    /// 96 bytes, the imaginary part first; nil is infinity.
    static func second(_ bytes: [UInt8]) throws(CurveFault) -> AffinePoint<BLS12381.Second>? {
        guard let (isUpper, parts) = try split(bytes, parts: 2) else { return nil }
        let x = Fp2(parts[1], parts[0])
        guard let y = (x.squared * x + BLS12381.Second.b).squareRoot else { throw .notOnCurve }
        let sign = y.imaginary.isZero ? y.real.isUpperHalf : y.imaginary.isUpperHalf
        return AffinePoint(x, sign == isUpper ? y : -y)
    }

    private static func split(
        _ bytes: [UInt8], parts count: Int
    ) throws(CurveFault) -> (isUpper: Bool, parts: [Field381])? {
        guard bytes.count == 48 * count else { throw .length(bytes.count) }
        guard bytes[0] & 0x80 != 0 else { throw .encoding }
        var plain = bytes
        plain[0] &= 0x1f
        if bytes[0] & 0x40 != 0 {
            guard bytes[0] & 0x20 == 0, plain.allSatisfy({ $0 == 0 }) else { throw .encoding }
            return nil
        }
        var reader = PointReader(plain)
        var parts: [Field381] = []
        for _ in 0..<count {
            guard let part = Field381(bigEndian: reader.next(48)) else { throw .coordinate }
            parts.append(part)
        }
        return (bytes[0] & 0x20 != 0, parts)
    }
}
