// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// A value of the state with its one byte form: integers big-endian, all sizes fixed or counted.
///
/// Specified in Protocol/21-staking.md#entities; vectors hold the forms.
package protocol StakingEntity: Hashable, Sendable {
    init(from reader: inout ByteReader) throws(DecodeFault)
    func encode() -> [UInt8]
}

extension StakingEntity {
    /// Reads a value that fills `bytes`.
    static func decode(_ bytes: [UInt8]) throws(DecodeFault) -> Self {
        var reader = ByteReader(bytes)
        let value = try Self(from: &reader)
        try reader.finish()
        return value
    }
}

extension ByteReader {
    /// A byte that is 0 or 1.
    mutating func flag() throws(DecodeFault) -> Bool {
        let start = offset
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw .malformed("a flag is 0 or 1", at: start)
        }
    }

    /// A number of 18 places in 16 bytes.
    mutating func decimal() throws(DecodeFault) -> Decimal18 {
        Decimal18(raw: try bigEndian())
    }

    /// A rate of at most one in 8 bytes.
    mutating func rate() throws(DecodeFault) -> Decimal18 {
        let start = offset
        let raw: UInt64 = try bigEndian()
        let rate = Decimal18(raw: UInt128(raw))
        guard rate <= .one else { throw .malformed("a rate above one", at: start) }
        return rate
    }
}

extension [UInt8] {
    mutating func append(flag: Bool) { append(flag ? 1 : 0) }
    mutating func append(decimal: Decimal18) { append(bigEndian: decimal.raw) }
    /// At most one, so that it fits 8 bytes.
    mutating func append(rate: Decimal18) {
        append(bigEndian: UInt64(truncatingIfNeeded: rate.raw))
    }
}
