// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CSodium

/// Ed25519 verification by ZIP 215: [8][S]B = [8]R + [8][k]A.
///
/// Encodings of A and R need not be canonical, S must be below the group's order, and the equation
/// is multiplied by the cofactor 8, so that every correct verifier agrees on every signature.
/// libsodium's addition takes any point on the curve; its multiplication only takes points of
/// prime order, hence 8A is formed by doubling first, and multiples of the neutral point are known
/// without it. Source: zips.z.cash/zip-0215.
enum CofactoredVerification {
    static func accepts(_ signature: Bytes64, for message: [UInt8], by key: Bytes32) -> Bool {
        let encodedR = Array(signature.array[..<32])
        let scalar = Array(signature.array[32...])
        guard isBelowOrder(scalar),
            let eightA = timesEight(key.array), let eightR = timesEight(encodedR),
            let base = baseMultiple(scalar), let left = timesEight(base),
            let multiple = primeOrderMultiple(
                challenge(encodedR + key.array + message), of: eightA),
            let right = sum(eightR, multiple)
        else { return false }
        return left == right
    }

    /// The encoding of the neutral point (0, 1).
    private static let neutral = [1] + [UInt8](repeating: 0, count: 31)

    /// The order L of the base point, least significant byte first.
    private static let order: [UInt8] =
        [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
            0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        ] + [UInt8](repeating: 0, count: 15) + [0x10]

    private static func isBelowOrder(_ scalar: [UInt8]) -> Bool {
        for index in scalar.indices.reversed() where scalar[index] != order[index] {
            return scalar[index] < order[index]
        }
        return false
    }

    /// SHA-512 of `input` as a number below L.
    private static func challenge(_ input: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 64)
        crypto_hash_sha512(&digest, input, UInt64(input.count))
        var scalar = [UInt8](repeating: 0, count: 32)
        crypto_core_ed25519_scalar_reduce(&scalar, digest)
        return scalar
    }

    /// The sum in canonical encoding; nil when one of the two is no point.
    private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: 32)
        return crypto_core_ed25519_add(&result, left, right) == 0 ? result : nil
    }

    private static func timesEight(_ point: [UInt8]) -> [UInt8]? {
        guard let two = sum(point, point), let four = sum(two, two) else { return nil }
        return sum(four, four)
    }

    private static func baseMultiple(_ scalar: [UInt8]) -> [UInt8]? {
        if scalar.allSatisfy({ $0 == 0 }) { return neutral }
        var result = [UInt8](repeating: 0, count: 32)
        return crypto_scalarmult_ed25519_base_noclamp(&result, scalar) == 0 ? result : nil
    }

    /// A multiple of a point whose order is L or 1.
    private static func primeOrderMultiple(_ scalar: [UInt8], of point: [UInt8]) -> [UInt8]? {
        if point == neutral || scalar.allSatisfy({ $0 == 0 }) { return neutral }
        var result = [UInt8](repeating: 0, count: 32)
        return crypto_scalarmult_ed25519_noclamp(&result, scalar, point) == 0 ? result : nil
    }
}
