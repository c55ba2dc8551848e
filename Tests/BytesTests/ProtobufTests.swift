// SPDX-License-Identifier: Apache-2.0

import Bytes
import TestSupport
import Testing

/// The protobuf writer's bytes and the reader's refusals.
@Suite struct ProtobufTests {
    /// The bytes that protobuf's own description gives, defaults left out.
    @Test func writing() {
        var writer = ProtobufWriter()
        writer.varint(1, 150)
        writer.string(2, "testing")
        writer.message(3) { $0.varint(1, 150) }
        writer.packed(4, [3, 270, 86_942])
        writer.signed(5, -1)
        writer.signedFixed64(6, -2)
        writer.bool(7, true)
        writer.bytes(16, FixedBytes<2>(repeating: 7))
        #expect(
            Hex.encode(writer.bytes)
                == "089601" + "120774657374696e67" + "1a03089601" + "2206038e029ea705"
                + "28ffffffffffffffffff01" + "31feffffffffffffff" + "3801" + "8201020707")
        var defaults = ProtobufWriter()
        defaults.varint(1, 0)
        defaults.signed(2, 0)
        defaults.bool(3, false)
        defaults.signedFixed64(4, 0)
        defaults.bytes(5, [])
        defaults.string(6, "")
        defaults.packed(7, [])
        #expect(defaults.bytes.isEmpty)
        defaults.presentVarint(1, 0)
        defaults.presentBytes(2, [])
        defaults.message(3) { _ in }
        #expect(defaults.bytes == [0x08, 0, 0x12, 0, 0x1a, 0])
    }

    /// What is written is read back, in order, with offsets.
    @Test func reading() throws {
        var writer = ProtobufWriter()
        writer.varint(1, .max)
        writer.signed(2, .min)
        writer.signedFixed64(3, -5)
        writer.string(4, "é")
        writer.packed(5, [1, 300])
        writer.varint(5, 7)
        writer.bytes(6, Bytes20(repeating: 3))
        var reader = ProtobufReader(writer.bytes)
        #expect(try reader.next()?.varint() == .max)
        #expect(try reader.next()?.signed() == .min)
        #expect(try reader.next()?.signedFixed64() == -5)
        #expect(try reader.next()?.string() == "é")
        var list: [UInt64] = []
        try reader.next()?.appendVarints(to: &list, limit: 3)
        try reader.next()?.appendVarints(to: &list, limit: 3)
        #expect(list == [1, 300, 7])
        #expect(try reader.next()?.fixed(Bytes20.self) == Bytes20(repeating: 3))
        #expect(try reader.next() == nil)
    }

    /// A field of another type, size or number than expected is refused.
    @Test func wrongTypes() throws {
        func field(_ bytes: [UInt8]) throws -> ProtobufField {
            var reader = ProtobufReader(bytes)
            return try #require(try reader.next())
        }
        let number = try field([0x08, 1]), text = try field([0x12, 1, 0xff])
        let wide = try field([0x08, 0x80, 0x80, 0x80, 0x80, 0x10])
        #expect(throws: DecodeFault(.wireType(field: 1))) { try number.bytes() }
        #expect(throws: DecodeFault(.wireType(field: 1))) { try number.signedFixed64() }
        #expect(throws: DecodeFault(.wireType(field: 2))) { try text.varint() }
        #expect(throws: DecodeFault.self) { try text.string() }
        #expect(throws: DecodeFault.self) { try text.fixed(Bytes20.self) }
        #expect(throws: DecodeFault.self) { try text.string(limit: 0) }
        #expect(throws: DecodeFault.self) { try wide.varint32() }
        #expect(try wide.varint() == 1 << 32)
        var list: [UInt64] = [1]
        #expect(throws: DecodeFault.self) { try number.appendVarints(to: &list, limit: 1) }
        let fixed = try field([0x0d, 1, 2, 3, 4])
        #expect(throws: DecodeFault.self) { try fixed.appendVarints(to: &list, limit: 9) }
        let packed = try field([0x0a, 3, 1, 2, 3])
        list = []
        #expect(throws: DecodeFault.self) { try packed.appendVarints(to: &list, limit: 2) }
        #expect(list.count == 2)
    }

    /// Groups, field zero, numbers out of range, and lengths beyond the end.
    @Test func hostileMessages() {
        let hostile: [[UInt8]] = [
            [0x0b], [0x0c], [0x0e, 0], [0x0f, 0], [0x00, 0], [0x02, 0], [0x08], [0x09, 1, 2, 3],
            [0x0d, 1, 2], [0x0a], [0x0a, 1], [0x0a, 5, 1, 2], [0xff],
            [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
            [0x80, 0x80, 0x80, 0x80, 0x10, 0],
            [0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0],
        ]
        for bytes in hostile {
            #expect(throws: DecodeFault.self, "\(bytes)") {
                var reader = ProtobufReader(bytes)
                while try reader.next() != nil {}
            }
        }
    }

    /// Random bytes end in a value or a fault, never in a trap.
    @Test func randomMessages() {
        var ended = 0
        for number in 0..<2000 {
            let bytes = DeterministicBytes.make(seed: "proto/\(number)", count: number % 40)
            var reader = ProtobufReader(bytes)
            do throws(DecodeFault) {
                while let field = try reader.next() {
                    if case .bytes(let nested) = field.content {
                        var inner = ProtobufReader(nested)
                        _ = try? inner.next()
                    }
                }
                ended += 1
            } catch {
                #expect(error.offset <= bytes.count)
            }
        }
        #expect(ended > 50)
    }
}
