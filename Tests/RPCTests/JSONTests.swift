// SPDX-License-Identifier: Apache-2.0

import Bytes
import RPC
import Testing

/// The bounded JSON reader and the ordered writer.
@Suite struct JSONTests {
    /// Every kind of value is read, and numbers and strings keep their meaning.
    @Test func readsEveryKind() throws {
        let value = try JSONParser.parse(
            Array(
                #" {"a":[1,-0,2.5e3,true,false,null,"x\u00e9\n\"\/"],"b":{},"c":[],"ü":"ß"} "#
                    .utf8))
        let elements = try #require(value.member("a")?.elements)
        #expect(elements.count == 7)
        #expect(elements[0].integer(UInt64.self) == 1)
        #expect(elements[1].integer(Int.self) == 0)
        #expect(elements[2].integer(Int.self) == nil)
        #expect(elements[3].boolean == true && elements[4].boolean == false)
        #expect(elements[5].isNull)
        #expect(elements[6].text == "xé\n\"/")
        #expect(value.member("b")?.kind == "object" && value.member("c")?.elements?.isEmpty == true)
        #expect(value.member("ü")?.text == "ß")
    }

    /// Integers are exact to the edge of 64 bits and never rounded.
    @Test func integersAreExact() throws {
        func number(_ text: String) throws -> JSONNode { try JSONParser.parse(Array(text.utf8)) }
        #expect(try number("18446744073709551615").integer(UInt64.self) == .max)
        #expect(try number("18446744073709551616").integer(UInt64.self) == nil)
        #expect(try number("-9223372036854775808").integer(Int64.self) == .min)
        #expect(try number("-1").integer(UInt64.self) == nil)
        #expect(try number("1e2").integer(UInt64.self) == nil)
        #expect(try number("1.0").integer(UInt64.self) == nil)
    }

    /// The last member of a name counts, and case is looked at only to choose among names.
    @Test func membersAreFoundAsGoFindsThem() throws {
        let value = try JSONParser.parse(Array(#"{"Id":1,"id":2,"id":3,"ID":4,"n":null}"#.utf8))
        #expect(value.member("id")?.integer(Int.self) == 3)
        #expect(value.member("iD")?.integer(Int.self) == 4)
        #expect(value.member("n") == nil && value.member("m") == nil)
    }

    /// What breaks the grammar is refused, wherever it breaks.
    @Test(arguments: [
        "", " ", "{", "[", "\"", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
        "[1", "[1,", "[1,]", "[,1]", "{,}", "{1:2}", "{\"a\" 1}", "[1 2]", "01", "+1", "-", "1.",
        ".5", "1e", "1e+", "0x1", "tru", "nul", "True", "NaN", "'a'", "\"\\x\"", "\"\\u12\"",
        "\"\\u12g4\"", "\"\u{1}\"", "\"\n\"", "1 1", "{} {}", "[]]", "\u{feff}1", "\"\\",
        "\"abcdefgh\\", "{\"a\":1}x",
    ])
    func refuses(_ text: String) {
        #expect(throws: DecodeFault.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    /// Every text that a cut leaves of a valid one is refused, and none makes the reader trap.
    @Test func refusesEveryPrefix() throws {
        let text = Array(#"{"a":[1.5e-3,{"b":"\u00e4\\"},null,true],"c":"0123456789abcdef"}"#.utf8)
        _ = try JSONParser.parse(text)
        for count in 0..<text.count {
            #expect(throws: DecodeFault.self) { try JSONParser.parse(Array(text.prefix(count))) }
        }
    }

    /// Bytes that are not UTF-8 are refused inside strings.
    @Test(
        arguments: [
            [0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func refusesBrokenUTF8(_ bytes: [UInt8]) {
        #expect(throws: DecodeFault.self) { try JSONParser.parse([0x22] + bytes + [0x22]) }
    }

    /// A lone surrogate becomes the replacement character, a pair one character, as Go reads them.
    @Test func surrogates() throws {
        let pair = try JSONParser.parse(Array(#""\ud83d\ude00""#.utf8))
        #expect(pair.text == "😀")
        let lone = try JSONParser.parse(Array(#""a\ud83db""#.utf8))
        #expect(lone.text == "a\u{fffd}b")
    }

    /// Depth and number of values are limited; the limits themselves are allowed.
    @Test func limits() throws {
        let depth = JSONParser.depthLimit
        func nested(_ count: Int) -> [UInt8] {
            Array(
                (String(repeating: "[", count: count) + String(repeating: "]", count: count)).utf8)
        }
        _ = try JSONParser.parse(nested(depth + 1))
        #expect(throws: DecodeFault.self) { try JSONParser.parse(nested(depth + 2)) }
        #expect(throws: DecodeFault.self) {
            try JSONParser.parse(Array(String(repeating: "[", count: 1_000_000).utf8))
        }
        func flat(_ count: Int) -> [UInt8] {
            Array(("[" + String(repeating: "0,", count: count - 2) + "0]").utf8)
        }
        _ = try JSONParser.parse(flat(JSONParser.valueLimit))
        #expect(throws: DecodeFault.self) { try JSONParser.parse(flat(JSONParser.valueLimit + 1)) }
    }

    /// A special character ends the fast scan at every offset of its eight-byte words.
    @Test func stringsEndAtEveryOffset() throws {
        for count in 0..<40 {
            let plain = String(repeating: "A", count: count)
            for tail in ["", "\\\"", "é", "\\u0041"] {
                let text = Array("\"\(plain)\(tail)\(plain)\"".utf8)
                let value = try JSONParser.parse(text)
                let middle = tail == "\\\"" ? "\"" : tail == "\\u0041" ? "A" : tail
                #expect(value.text == plain + middle + plain)
            }
            #expect(throws: DecodeFault.self) {
                try JSONParser.parse(Array("\"\(plain)\u{1f}\(plain)\"".utf8))
            }
        }
    }

    /// Random bytes never make the reader trap.
    @Test func randomBytes() {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        let alphabet = Array(#"{}[]",:\u0123eE+-.truefalsnd é"#.utf8)
        for _ in 0..<20_000 {
            var text: [UInt8] = []
            for _ in 0..<Int(state % 24) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1
            _ = Result { try JSONParser.parse(text) }
        }
    }

    /// The writer puts commas where they belong and escapes what must be.
    @Test func writes() {
        let text = JSONWriter.text { writer in
            writer.object { writer in
                writer.member("a", 1)
                writer.member("b") {
                    $0.array {
                        $0.quoted(UInt64.max); $0.null(); $0.bool(true)
                    }
                }
                writer.member("c") { $0.object { _ in } }
                writer.member("d", "q\"\\\n\u{1}é")
                writer.member("e", base64: [1, 2, 3, 4])
                writer.member("f", hex: [0xab, 0xcd])
            }
        }
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"{"a":1,"b":["18446744073709551615",null,true],"c":{},"d":"q\"\\\n\u0001é","#
                + #""e":"AQIDBA==","f":"ABCD"}"#)
    }
}

/// The loops for large texts agree with the definition.
@Suite struct Base64BulkTests {
    /// Every length to 64 bytes is written and read as the definition has it.
    @Test func everyLength() throws {
        for count in 0...64 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count &* 11) }
            let text = JSONWriter.text { $0.base64(bytes) }
            #expect(String(decoding: text, as: UTF8.self) == "\"\(Base64.encode(bytes))\"")
            let slice = JSONWriter.text { $0.base64(([7] + bytes + [8])[1..<count + 1]) }
            #expect(slice == text)
            let value = try JSONParser.parse(Array("[".utf8) + text + Array("]".utf8))
            #expect(try BlobText.bytes(try #require(value.elements?[0])) == bytes)
        }
    }

    /// A digit that is none is refused at every place, as are cuts, stray bits and wrong padding.
    @Test func refusals() throws {
        let good = Array(Base64.encode([UInt8](0..<32)).utf8)
        func isRefused(_ text: [UInt8]) throws -> Bool {
            let value = try JSONParser.parse([0x22] + text + [0x22])
            do throws(ParameterFault) {
                _ = try BlobText.bytes(value)
                return false
            } catch {
                return true
            }
        }
        #expect(try !isRefused(good))
        for index in good.indices {
            for digit in ["!", "-", "_", " ", "="] as [Unicode.Scalar]
            where UInt8(ascii: digit) != good[index] {
                var text = good
                text[index] = UInt8(ascii: digit)
                #expect(try isRefused(text), "\(index) \(digit)")
            }
        }
        for count in 1..<good.count where count % 4 != 0 {
            #expect(try isRefused(Array(good.prefix(count))))
        }
        for text in ["AB==", "AAB=", "A===", "====", "AA=A", "AAAA====", "AA==AAAA"] {
            #expect(try isRefused(Array(text.utf8)), "\(text)")
        }
    }
}

/// Bytes as a blob's data carries them.
enum BlobText {
    static func bytes(_ value: JSONNode) throws(ParameterFault) -> [UInt8] {
        try JSONBytes.base64(value, type: "[]uint8")
    }
}
