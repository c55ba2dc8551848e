// SPDX-License-Identifier: Apache-2.0

import Bytes
import TestSupport
import Testing

/// Bytes of fixed sizes, readers, varints and checked sums.
@Suite struct BinaryCodecTests {
    /// Sizes are checked where bytes come in, and order is that of the first byte that differs.
    @Test func fixedBytes() throws {
        #expect(FixedBytes<3>([1, 2]) == nil && FixedBytes<3>([1, 2, 3, 4]) == nil)
        #expect(throws: DecodeFault(.wrongSize(field: "key", expected: 3, actual: 2), at: 7)) {
            try FixedBytes<3>(decoding: [1, 2] as [UInt8], field: "key", at: 7)
        }
        let value = try FixedBytes<3>(decoding: [1, 2, 0xff] as [UInt8])
        #expect(value.array == [1, 2, 0xff] && value.hex == "0102ff" && "\(value)" == value.hex)
        let larger = try FixedBytes<3>(decoding: [1, 3, 0] as [UInt8])
        #expect(value < larger && !(larger < value) && !(value < value))
        #expect(FixedBytes<3>().isZero && !FixedBytes<3>(repeating: 1).isZero)
        #expect(Set([value, larger, value]).count == 2)
    }

    /// Integers in both orders survive, and the readers stop at the end.
    @Test func integers() throws {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt32(0x0102_0304))
        bytes.append(littleEndian: UInt32(0x0102_0304))
        bytes.append(bigEndian: Int64(-2))
        bytes.append(bigEndian: UInt8(9))
        #expect(
            bytes == [1, 2, 3, 4, 4, 3, 2, 1, 255, 255, 255, 255, 255, 255, 255, 254, 9])
        var reader = ByteReader(bytes)
        #expect(try reader.bigEndian(UInt32.self) == 0x0102_0304)
        #expect(try reader.littleEndian(UInt32.self) == 0x0102_0304)
        #expect(try reader.bigEndian(UInt64.self) == UInt64(bitPattern: -2))
        #expect(reader.offset == 16 && reader.remaining == 1 && !reader.isAtEnd)
        #expect(throws: DecodeFault(.truncated(needed: 2, available: 1), at: 16)) {
            try reader.bigEndian(UInt16.self)
        }
        #expect(throws: DecodeFault(.trailing(1), at: 16)) { try reader.finish() }
        #expect(try reader.byte() == 9)
        #expect(throws: DecodeFault(.truncated(needed: 1, available: 0), at: 17)) {
            try reader.byte()
        }
        #expect(throws: Never.self) { try reader.finish() }
        #expect(throws: DecodeFault.self) { try reader.slice(-1) }
        #expect(throws: DecodeFault.self) { try reader.slice(Int.max) }
    }

    /// Offsets count from the reader's own input, also in a slice.
    @Test func slices() throws {
        let bytes: [UInt8] = [9, 9, 2, 5, 6, 7]
        var reader = ByteReader(bytes[2...])
        #expect(Array(try reader.lengthPrefixed(limit: 2)) == [5, 6])
        #expect(reader.offset == 3 && Array(reader.rest()) == [7] && reader.isAtEnd)
        var limited = ByteReader(bytes[2...])
        #expect(throws: DecodeFault(.overLimit(field: "name", limit: 1, actual: 2))) {
            try limited.lengthPrefixed(limit: 1, field: "name")
        }
        var huge = ByteReader([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
        #expect(throws: DecodeFault.self) { try huge.lengthPrefixed(limit: .max) }
    }

    /// Every size of varint at its borders; the strict reader takes the shortest form only.
    @Test func varints() throws {
        for bits in 0...64 {
            for change in [-1, 0, 1] as [Int64] {
                let base: UInt64 = bits == 64 ? .max : 1 << UInt64(bits)
                let value = base &+ UInt64(bitPattern: change)
                var bytes: [UInt8] = []
                bytes.append(varint: value)
                #expect(bytes.count == Varint.size(value))
                var strict = ByteReader(bytes), lenient = ByteReader(bytes)
                #expect(try strict.varint() == value && strict.isAtEnd)
                #expect(try lenient.lenientVarint() == value && lenient.isAtEnd)
                for cut in 0..<bytes.count {
                    var short = ByteReader(Array(bytes.prefix(cut)))
                    #expect(throws: DecodeFault.self) { try short.varint() }
                    var shorter = ByteReader(Array(bytes.prefix(cut)))
                    #expect(throws: DecodeFault.self) { try shorter.lenientVarint() }
                }
                if bytes.count < 10 {
                    let padded = bytes.dropLast() + [bytes[bytes.count - 1] | 0x80, 0]
                    var padding = ByteReader([UInt8](padded))
                    #expect(throws: DecodeFault(.varint)) { try padding.varint() }
                    var allowed = ByteReader([UInt8](padded))
                    #expect(try allowed.lenientVarint() == value)
                }
            }
        }
        for bytes in [
            [UInt8](repeating: 0xff, count: 9) + [0x02], [UInt8](repeating: 0x80, count: 11),
            [UInt8](repeating: 0xff, count: 11),
        ] {
            var strict = ByteReader(bytes), lenient = ByteReader(bytes)
            #expect(throws: DecodeFault(.varint)) { try strict.varint() }
            #expect(throws: DecodeFault(.varint)) { try lenient.lenientVarint() }
        }
    }

    /// Sums, differences and products throw exactly where plain operators would trap.
    @Test func checkedArithmetic() {
        for a in Int8.min...Int8.max {
            for b in Int8.min...Int8.max {
                let (x, y) = (Int(a), Int(b))
                #expect((try? a.adding(b)).map(Int.init) == Self.fitting(x + y))
                #expect((try? a.subtracting(b)).map(Int.init) == Self.fitting(x - y))
                #expect((try? a.multiplied(by: b)).map(Int.init) == Self.fitting(x * y))
            }
        }
    }

    static func fitting(_ value: Int) -> Int? { Int8(exactly: value).map(Int.init) }

    /// Faults say in one line what was wrong and where.
    @Test func faultsRead() {
        #expect(
            DecodeFault(.truncated(needed: 4, available: 1), at: 3).description
                == "truncated at byte 3: 4 bytes needed, 1 left")
        #expect(DecodeFault(.trailing(2), at: 5).description == "2 bytes too many at byte 5")
        #expect(
            DecodeFault(.overLimit(field: "roots", limit: 1, actual: 2)).description
                == "roots is 2 at byte 0, the limit is 1")
        #expect(DecodeFault.malformed("odd", at: 1).description == "odd at byte 1")
    }
}
