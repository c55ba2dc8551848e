// SPDX-License-Identifier: Apache-2.0

import Bytes

/// A number modulo 2^255 - 19, in five limbs of 51 bits.
struct FieldNumber {
    private static let mask: UInt64 = 1 << 51 - 1
    private var limbs: [UInt64]

    init(_ small: UInt64) { limbs = [small, 0, 0, 0, 0] }

    private init(limbs: [UInt64]) { self.limbs = limbs }

    /// 32 bytes, least significant first; the top bit is not looked at.
    init(_ bytes: [UInt8]) {
        limbs = (0..<5).map { limb in
            (0..<51).reduce(0) { sum, bit in
                let place = limb * 51 + bit
                return sum | UInt64(bytes[place / 8] >> UInt8(place % 8) & 1) << UInt64(bit)
            }
        }
    }

    /// The one representation below the prime.
    var bytes: [UInt8] {
        var limbs = carried.carried.carried.limbs
        if limbs[0] >= Self.mask - 18, limbs[1...].allSatisfy({ $0 == Self.mask }) {
            limbs = [limbs[0] - (Self.mask - 18), 0, 0, 0, 0]
        }
        var bytes = [UInt8](repeating: 0, count: 32)
        for place in 0..<255 {
            bytes[place / 8] |=
                UInt8(limbs[place / 51] >> UInt64(place % 51) & 1) << UInt8(place % 8)
        }
        return bytes
    }

    private var carried: FieldNumber {
        var limbs = limbs
        for index in 0..<4 {
            limbs[index + 1] += limbs[index] >> 51
            limbs[index] &= Self.mask
        }
        limbs[0] += 19 * (limbs[4] >> 51)
        limbs[4] &= Self.mask
        return FieldNumber(limbs: limbs)
    }

    static func == (lhs: FieldNumber, rhs: FieldNumber) -> Bool { lhs.bytes == rhs.bytes }

    static func + (lhs: FieldNumber, rhs: FieldNumber) -> FieldNumber {
        FieldNumber(limbs: (0..<5).map { lhs.limbs[$0] + rhs.limbs[$0] }).carried
    }

    /// Four times the prime is added first, so that no limb goes below zero.
    static func - (lhs: FieldNumber, rhs: FieldNumber) -> FieldNumber {
        FieldNumber(
            limbs: (0..<5).map {
                lhs.limbs[$0] + 4 * ($0 == 0 ? mask - 18 : mask) - rhs.limbs[$0]
            }
        ).carried
    }

    static func * (lhs: FieldNumber, rhs: FieldNumber) -> FieldNumber {
        var sums = [UInt128](repeating: 0, count: 5)
        for i in 0..<5 {
            for j in 0..<5 {
                let product = UInt128(lhs.limbs[i]) * UInt128(rhs.limbs[j])
                sums[(i + j) % 5] += i + j < 5 ? product : 19 * product
            }
        }
        var limbs: [UInt64] = []
        var carry: UInt128 = 0
        for sum in sums {
            let whole = sum + carry
            limbs.append(UInt64(whole & UInt128(mask)))
            carry = whole >> 51
        }
        limbs[0] += UInt64(19 * carry)
        return FieldNumber(limbs: limbs).carried
    }

    /// To a power of which the bytes are given, most significant first.
    func power(_ exponent: [UInt8]) -> FieldNumber {
        var result = FieldNumber(1)
        for byte in exponent {
            for bit in stride(from: 7, through: 0, by: -1) {
                result = result * result
                if byte >> UInt8(bit) & 1 == 1 { result = result * self }
            }
        }
        return result
    }

    var inverse: FieldNumber {
        power([0x7f] + [UInt8](repeating: 0xff, count: 30) + [0xeb])
    }

    /// A root, as the prime is 5 modulo 8: n^((p+3)/8), perhaps times a root of minus one.
    var squareRoot: FieldNumber? {
        let root = power([0x0f] + [UInt8](repeating: 0xff, count: 30) + [0xfe])
        let rootOfMinusOne = FieldNumber(2).power(
            [0x1f] + [UInt8](repeating: 0xff, count: 30) + [0xfb])
        for candidate in [root, root * rootOfMinusOne] where candidate * candidate == self {
            return candidate
        }
        return nil
    }
}

/// The curve of Ed25519 as RFC 8032 §5.1 and ZIP 215 have it, in projective coordinates.
struct EdwardsPoint {
    static let neutral = EdwardsPoint(x: FieldNumber(0), y: FieldNumber(1), z: FieldNumber(1))
    static let d =
        FieldNumber(0) - FieldNumber(121_665) * FieldNumber(121_666).inverse
    static let base = EdwardsPoint([0x58] + [UInt8](repeating: 0x66, count: 31))

    var x: FieldNumber
    var y: FieldNumber
    var z: FieldNumber

    init(x: FieldNumber, y: FieldNumber, z: FieldNumber) {
        (self.x, self.y, self.z) = (x, y, z)
    }

    /// ZIP 215: y is taken modulo p, and x = 0 may have either sign.
    init?(_ bytes: [UInt8]) {
        y = FieldNumber(bytes)
        z = FieldNumber(1)
        let square = y * y
        let quotient = (square - z) * (Self.d * square + z).inverse
        guard let root = quotient.squareRoot else { return nil }
        x = root.bytes[0] & 1 == bytes[31] >> 7 ? root : FieldNumber(0) - root
    }

    var bytes: [UInt8] {
        let inverse = z.inverse
        var bytes = (y * inverse).bytes
        bytes[31] |= ((x * inverse).bytes[0] & 1) << 7
        return bytes
    }

    static func == (lhs: EdwardsPoint, rhs: EdwardsPoint) -> Bool {
        lhs.x * rhs.z == rhs.x * lhs.z && lhs.y * rhs.z == rhs.y * lhs.z
    }

    static func + (lhs: EdwardsPoint, rhs: EdwardsPoint) -> EdwardsPoint {
        let a = lhs.z * rhs.z, c = lhs.x * rhs.x, e = lhs.y * rhs.y
        let b = a * a, f = d * c * e
        let cross = (lhs.x + lhs.y) * (rhs.x + rhs.y) - c - e
        return EdwardsPoint(
            x: a * (b - f) * cross, y: a * (b + f) * (e + c), z: (b - f) * (b + f))
    }

    /// A multiple by a number whose bytes are given, least significant first.
    func multiple(_ scalar: [UInt8]) -> EdwardsPoint {
        var result = EdwardsPoint.neutral
        for byte in scalar.reversed() {
            for bit in stride(from: 7, through: 0, by: -1) {
                result = result + result
                if byte >> UInt8(bit) & 1 == 1 { result = result + self }
            }
        }
        return result
    }
}

/// ZIP 215's rule, word by word.
enum EdwardsDefinition {
    /// The order of the base point, least significant byte first.
    static let order: [UInt8] =
        [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde,
            0x14,
        ] + [UInt8](repeating: 0, count: 15) + [0x10]

    static func isLess(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        for index in first.indices.reversed() where first[index] != second[index] {
            return first[index] < second[index]
        }
        return false
    }

    /// The rest of a number divided by the order, bit by bit.
    static func modOrder(_ number: [UInt8]) -> [UInt8] {
        var rest = [UInt8](repeating: 0, count: 32)
        for byte in number.reversed() {
            for bit in stride(from: 7, through: 0, by: -1) {
                var carry = byte >> UInt8(bit) & 1
                for index in rest.indices {
                    (rest[index], carry) = (rest[index] << 1 | carry, rest[index] >> 7)
                }
                if !isLess(rest, order) { rest = difference(rest, order) }
            }
        }
        return rest
    }

    static func difference(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        var borrow = 0
        return first.indices.map { index in
            let value = Int(first[index]) - Int(second[index]) - borrow
            borrow = value < 0 ? 1 : 0
            return UInt8(truncatingIfNeeded: value)
        }
    }

    /// [8][S]B = [8]R + [8][k]A with S below the order, k from `challenge` (SHA-512's 64 bytes).
    static func accepts(key: [UInt8], signature: [UInt8], challenge: [UInt8]) -> Bool {
        let scalar = Array(signature[32...])
        guard isLess(scalar, order), let base = EdwardsPoint.base, let a = EdwardsPoint(key),
            let r = EdwardsPoint(Array(signature[..<32]))
        else { return false }
        let right = r + a.multiple(modOrder(challenge))
        return base.multiple(scalar).multiple([8]) == right.multiple([8])
    }
}
