// SPDX-License-Identifier: Apache-2.0

/// Bits, shifts and bytes, with the meaning that the machine's instructions give them.
extension UInt256 {
    /// Bits set in both.
    @inlinable @inline(__always) public static func & (a: UInt256, b: UInt256) -> UInt256 {
        UInt256(a.w0 & b.w0, a.w1 & b.w1, a.w2 & b.w2, a.w3 & b.w3)
    }
    /// Bits set in one or both.
    @inlinable @inline(__always) public static func | (a: UInt256, b: UInt256) -> UInt256 {
        UInt256(a.w0 | b.w0, a.w1 | b.w1, a.w2 | b.w2, a.w3 | b.w3)
    }
    /// Bits set in one alone.
    @inlinable @inline(__always) public static func ^ (a: UInt256, b: UInt256) -> UInt256 {
        UInt256(a.w0 ^ b.w0, a.w1 ^ b.w1, a.w2 ^ b.w2, a.w3 ^ b.w3)
    }
    /// Bits not set.
    @inlinable public static prefix func ~ (a: UInt256) -> UInt256 {
        UInt256(~a.w0, ~a.w1, ~a.w2, ~a.w3)
    }

    /// Shifted towards the most significant bit; 0 from 256 bits on.
    @inlinable @inline(__always) public static func << (a: UInt256, shift: UInt64) -> UInt256 {
        guard shift < 256 else { return .zero }
        if shift >= 128 { return UInt256(low: 0, high: a.low << UInt128(shift &- 128)) }
        guard shift > 0 else { return a }
        let amount = UInt128(shift)
        return UInt256(
            low: a.low << amount, high: a.high << amount | a.low >> (128 &- amount))
    }

    /// Shifted towards the least significant bit; 0 from 256 bits on.
    @inlinable @inline(__always) public static func >> (a: UInt256, shift: UInt64) -> UInt256 {
        guard shift < 256 else { return .zero }
        if shift >= 128 { return UInt256(low: a.high >> UInt128(shift &- 128), high: 0) }
        guard shift > 0 else { return a }
        let amount = UInt128(shift)
        return UInt256(
            low: a.low >> amount | a.high << (128 &- amount), high: a.high >> amount)
    }

    /// Shifted towards the least significant bit, the sign coming in from above.
    @inlinable public func signedShiftRight(_ shift: UInt64) -> UInt256 {
        guard isNegative else { return self >> shift }
        guard shift < 256 else { return .max }
        return ~(~self >> shift)
    }

    /// SIGNEXTEND: the sign of byte `index`, counted from the least significant, fills all above.
    @inlinable public func signExtended(fromByte index: UInt256) -> UInt256 {
        guard index.isSmall, index.w0 < 31 else { return self }
        let shift = 248 &- 8 &* index.w0
        return (self << shift).signedShiftRight(shift)
    }

    /// BYTE: byte `index`, counted from the most significant; 0 from 32 on.
    @inlinable public func byte(_ index: UInt256) -> UInt256 {
        guard index.isSmall, index.w0 < 32 else { return .zero }
        return UInt256((self >> (248 &- 8 &* index.w0)).w0 & 0xff)
    }

    /// CLZ: the zero bits above the highest that is set.
    @inlinable public var leadingZeroBitCount: Int { 256 &- bitCount }

    /// Reads 32 bytes, the most significant first.
    @inlinable public init(loading bytes: UnsafeRawPointer) {
        self.init(
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
    }

    /// Writes 32 bytes, the most significant first.
    @inlinable public func store(bigEndian bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: w3.bigEndian, as: UInt64.self)
        bytes.storeBytes(of: w2.bigEndian, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: w1.bigEndian, toByteOffset: 16, as: UInt64.self)
        bytes.storeBytes(of: w0.bigEndian, toByteOffset: 24, as: UInt64.self)
    }
}
