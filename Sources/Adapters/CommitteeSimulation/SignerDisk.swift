// SPDX-License-Identifier: Apache-2.0

internal import Agreement

/// What a crash leaves of records that were written and not yet durable.
///
/// Each lies behind its length and a checksum. A crash leaves some first bytes of them, and of those
/// the last may be wrong; what is read again is every record before the first that does not hold.
enum SignerDisk {
    /// What is read after a crash, and whether a piece of a record was left behind.
    struct Remains {
        let records: [AgreementRecord]
        let isTorn: Bool
    }

    static func crash(_ tail: [AgreementRecord], _ draw: inout Draw) -> Remains {
        guard !tail.isEmpty else { return Remains(records: [], isTorn: false) }
        var bytes: [UInt8] = []
        for record in tail { append(record.encoded, to: &bytes) }
        bytes.removeLast(bytes.count - draw.index(below: bytes.count + 1))
        if !bytes.isEmpty, draw.index(below: 4) == 0 {
            let place = bytes.count - 1 - draw.index(below: min(bytes.count, 64))
            bytes[place] ^= UInt8(1) << UInt8(draw.index(below: 8))
        }
        return read(bytes)
    }

    private static func append(_ record: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(UInt8(record.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: record.count))
        let sum = checksum(record[...])
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: sum >> (8 * UInt64(shift)))) }
        bytes += record
    }

    private static func read(_ bytes: [UInt8]) -> Remains {
        var records: [AgreementRecord] = []
        var at = 0
        while at < bytes.count {
            guard at + 10 <= bytes.count else { return Remains(records: records, isTorn: true) }
            let count = Int(bytes[at]) << 8 | Int(bytes[at + 1])
            var sum: UInt64 = 0
            for index in 0..<8 { sum |= UInt64(bytes[at + 2 + index]) << (8 * UInt64(index)) }
            let (begin, end) = (at + 10, at + 10 + count)
            guard end <= bytes.count, checksum(bytes[begin..<end]) == sum else {
                return Remains(records: records, isTorn: true)
            }
            do {
                records.append(try AgreementRecord(decoding: Array(bytes[begin..<end])))
            } catch {
                preconditionFailure("a record whose sum holds is read: \(error)")
            }
            at = end
        }
        return Remains(records: records, isTorn: false)
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(UInt64(bytes.count)) { Draw.mix($0 ^ UInt64($1) &* 0x9E37_79B9_7F4A_7C15) }
    }
}
