// SPDX-License-Identifier: Apache-2.0

import Bytes
import TestSupport
import Testing

/// RLP: what is written is read again, and nothing but the canonical form is read.
@Suite struct RLPTests {
    static func string(_ bytes: [UInt8]) -> [UInt8] {
        var writer = RLPWriter()
        writer.string(bytes)
        return writer.bytes
    }

    /// The examples of Ethereum's description of the encoding.
    @Test func knownAnswers() throws {
        #expect(Self.string(Array("dog".utf8)) == [0x83] + Array("dog".utf8))
        #expect(Self.string([]) == [0x80] && Self.string([0x0f]) == [0x0f])
        var writer = RLPWriter()
        writer.list { list in
            list.string(Array("cat".utf8))
            list.string(Array("dog".utf8))
        }
        #expect(writer.bytes == [0xc8, 0x83] + Array("cat".utf8) + [0x83] + Array("dog".utf8))
        let item = try RLPItem(decoding: writer.bytes)
        #expect(try item.list().map { Array(try $0.string()) }.last == Array("dog".utf8))
    }

    /// Strings around every change of the prefix.
    @Test func stringsComeBack() throws {
        for count in [0, 1, 2, 54, 55, 56, 57, 255, 256, 257, 65535, 65536] {
            let bytes = DeterministicBytes.make(seed: "rlp/\(count)", count: count)
            let encoding = Self.string(bytes)
            #expect(Array(try RLPItem(decoding: encoding).string()) == bytes)
            #expect(throws: DecodeFault.self) { try RLPItem(decoding: encoding + [0]) }
            #expect(throws: DecodeFault.self) { try RLPItem(decoding: encoding.dropLast()) }
        }
    }

    @Test func integersComeBack() throws {
        for value in [0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 56, .max] as [UInt64] {
            var writer = RLPWriter()
            writer.integer(value)
            #expect(try RLPItem(decoding: writer.bytes).integer(UInt64.self) == value)
        }
    }

    /// All inputs of up to two bytes, and longer ones that say a thing in a longer way.
    @Test func onlyTheCanonicalFormIsRead() throws {
        for first in 0...255 as ClosedRange<UInt8> {
            for rest in [[], [0x00], [0x7f], [0x80], [0xff]] as [[UInt8]] {
                let input = [first] + rest
                guard let item = try? RLPItem(decoding: input) else { continue }
                let again = item.isList ? input : Self.string(Array(item.content))
                #expect(again == input)
            }
        }
        let refused: [[UInt8]] = [
            [0x81, 0x7f], [0xb8, 0x01, 0xff],
            [0xb9, 0x00, 0x38] + [UInt8](repeating: 1, count: 56),
            [0xf8, 0x01, 0x01], [0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [],
        ]
        for input in refused {
            #expect(throws: DecodeFault.self) { try RLPItem(decoding: input) }
        }
        #expect(throws: DecodeFault.self) {
            try RLPItem(decoding: [0x82, 0x00, 0x01]).integer(UInt64.self)
        }
        #expect(throws: DecodeFault.self) { try RLPItem(decoding: [0xc2, 1, 2]).list(limit: 1) }
    }
}
