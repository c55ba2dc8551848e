// SPDX-License-Identifier: Apache-2.0

import Bytes
import CSodium
import Cryptography
import TestSupport
import Testing

/// Both rules of acceptance on the signatures where they differ, against the definition.
@Suite struct Ed25519RuleTests {
    static func sha512(_ input: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 64)
        crypto_hash_sha512(&digest, input, UInt64(input.count))
        return digest
    }

    static func definition(key: [UInt8], signature: [UInt8], message: [UInt8]) -> Bool {
        EdwardsDefinition.accepts(
            key: key, signature: signature,
            challenge: sha512(Array(signature[..<32]) + key + message))
    }

    /// Encodings of the eight points of small order: the eight canonical ones, then six others.
    static func smallOrder() throws -> [[UInt8]] {
        let eighth = try Hex.decode(
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
        var canonical: [[UInt8]] = []
        for multiple in 0..<8 as Range<UInt8> {
            canonical.append(try #require(EdwardsPoint(eighth)).multiple([multiple]).bytes)
        }
        var others: [[UInt8]] = []
        let high = [UInt8](repeating: 0xff, count: 30)
        for (low, top) in [
            (0x01, 0x80), (0xec, 0xff), (0xed, 0x7f), (0xed, 0xff), (0xee, 0x7f), (0xee, 0xff),
        ] as [(UInt8, UInt8)] {
            others.append(
                [low] + (low == 0x01 ? [UInt8](repeating: 0, count: 30) : high) + [top])
        }
        return canonical + others
    }

    /// ZIP 215 accepts all 196 pairs of small-order A and R with S = 0; the strict rule none.
    @Test func everySmallOrderPair() throws {
        let points = try Self.smallOrder()
        #expect(Set(points).count == 14)
        let message = Array("Zcash".utf8)
        for (index, key) in points.enumerated() {
            for (other, r) in points.enumerated() {
                let signature = try Bytes64(decoding: r + [UInt8](repeating: 0, count: 32))
                let publicKey = Ed25519PublicKey(try Bytes32(decoding: key))
                #expect(publicKey.isValid(signature, for: message))
                #expect(!publicKey.isStrictlyValid(signature, for: message))
                if (index + other) % 13 == 0 {
                    #expect(
                        Self.definition(key: key, signature: signature.array, message: message))
                }
            }
        }
    }

    /// Keys and nonces with a part of small order: the cofactored rule accepts what was signed.
    @Test func mixedOrders() throws {
        let torsion = try Self.smallOrder()
        let base = try #require(EdwardsPoint.base)
        var strict = 0
        for number in 0..<8 {
            let secret = EdwardsDefinition.modOrder(
                DeterministicBytes.make(seed: "secret/\(number)", count: 64))
            let nonce = EdwardsDefinition.modOrder(
                DeterministicBytes.make(seed: "nonce/\(number)", count: 64))
            let key = (base.multiple(secret) + (try #require(EdwardsPoint(torsion[number])))).bytes
            let r =
                (base.multiple(nonce)
                + (try #require(EdwardsPoint(torsion[(number * 3 + 1) % 8])))).bytes
            let message = Array("mixed \(number)".utf8)
            let k = EdwardsDefinition.modOrder(Self.sha512(r + key + message))
            let scalar = Self.multiplyAdd(k, secret, nonce)
            let publicKey = Ed25519PublicKey(try Bytes32(decoding: key))
            for change in 0..<3 {
                var signature = r + scalar
                if change > 0 { signature[change == 1 ? 3 : 40] ^= 1 }
                let value = try Bytes64(decoding: signature)
                let verdict = publicKey.isValid(value, for: message)
                #expect(verdict == (change == 0))
                #expect(
                    verdict
                        == Self.definition(key: key, signature: signature, message: message))
                if publicKey.isStrictlyValid(value, for: message) { strict += 1 }
            }
        }
        #expect(strict < 8)
    }

    /// S at or above the order is refused by both rules, though the equation holds.
    @Test func highScalars() throws {
        let key = Ed25519PrivateKey(seed: Bytes32(repeating: 1))
        let message: [UInt8] = [1, 2, 3]
        let signature = key.sign(message).array
        var carry = 0
        let high = (0..<32).map { index -> UInt8 in
            let sum = Int(signature[32 + index]) + Int(EdwardsDefinition.order[index]) + carry
            carry = sum >> 8
            return UInt8(truncatingIfNeeded: sum)
        }
        let changed = try Bytes64(decoding: signature[..<32] + high)
        #expect(!key.publicKey.isValid(changed, for: message))
        #expect(!key.publicKey.isStrictlyValid(changed, for: message))
        #expect(key.publicKey.isValid(try Bytes64(decoding: signature), for: message))
    }

    /// Ordinary signatures and single flipped bits get the same verdict from all three.
    @Test func ordinarySignatures() throws {
        for number in 0..<6 {
            let key = Ed25519PrivateKey(
                seed: SHA256.hash(Array("ordinary \(number)".utf8)))
            let message = DeterministicBytes.make(seed: "message \(number)", count: number * 37)
            let signature = key.sign(message)
            let encoded = key.publicKey.bytes.array
            for flipped in [-1, number * 7, 255, 256 + number * 31, 511] {
                var changed = signature
                if flipped >= 0 { changed[flipped / 8] ^= 1 << UInt8(flipped % 8) }
                let verdict = key.publicKey.isValid(changed, for: message)
                #expect(verdict == (flipped < 0))
                #expect(verdict == key.publicKey.isStrictlyValid(changed, for: message))
                #expect(
                    verdict
                        == Self.definition(
                            key: encoded, signature: changed.array, message: message))
            }
        }
        let noPoint = Ed25519PublicKey(Bytes32(repeating: 2))
        #expect(EdwardsPoint(noPoint.bytes.array) == nil)
        #expect(!noPoint.isValid(Bytes64(), for: []))
    }

    /// a · b + c modulo the order, bit by bit.
    static func multiplyAdd(_ a: [UInt8], _ b: [UInt8], _ c: [UInt8]) -> [UInt8] {
        var sums = [Int](repeating: 0, count: 64)
        for (i, x) in a.enumerated() {
            for (j, y) in b.enumerated() { sums[i + j] += Int(x) * Int(y) }
        }
        for (index, byte) in c.enumerated() { sums[index] += Int(byte) }
        var carry = 0
        let product = sums.map { sum -> UInt8 in
            carry += sum
            defer { carry >>= 8 }
            return UInt8(truncatingIfNeeded: carry)
        }
        return EdwardsDefinition.modOrder(product)
    }
}
