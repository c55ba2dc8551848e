// SPDX-License-Identifier: Apache-2.0

/// The binary logarithm of a random number, in fixed point, the same on every machine.
///
/// Weighted rendezvous hashing needs −log₂ of a number drawn from (0, 1]. A library's logarithm may
/// differ between machines in its last bit, and a committee that disagrees on one bit disagrees on
/// who holds what. Specified in Protocol/24-attestation.md#holders.
enum FixedLogarithm {
    /// Bits behind the point.
    static let fractionBits = 32

    /// −log₂((x + 1) / 2⁶⁴) in units of 2⁻³², rounded up; from 0 to 64·2³².
    static func distance(_ x: UInt64) -> UInt64 {
        guard x < UInt64.max else { return 0 }
        let y = x + 1
        let whole = 63 - y.leadingZeroBitCount
        // y = mantissa · 2^(whole − 63) with the mantissa's top bit set: log₂ y = whole + fraction.
        var mantissa = y << UInt64(63 - whole)
        var logarithm = UInt64(whole)
        for _ in 0..<fractionBits {
            let square = mantissa.multipliedFullWidth(by: mantissa)
            let doubles = square.high >> 63
            logarithm = logarithm << 1 | doubles
            mantissa = doubles == 1 ? square.high : square.high << 1 | square.low >> 63
        }
        return 64 << UInt64(fractionBits) - logarithm
    }
}
