// SPDX-License-Identifier: Apache-2.0

import Bytes
import TestSupport
import Testing

/// JSON as values: what is read, what is written, what is refused.
@Suite struct JSONTextTests {
    static func decode(_ text: String) throws(DecodeFault) -> JSONValue {
        try JSONValue.decode(Array(text.utf8), limit: 10_000)
    }

    /// Every kind of value, with blanks and escapes.
    @Test func reading() throws {
        let value = try Self.decode(
            #" { "a" : [ 1 , -2.5e+3, true,false , null, "x\n\"\u00e9\ud83d\ude00\/" ], "b":{} } "#)
        #expect(value["a"]?.elements?.count == 6)
        #expect(value["a"]?.elements?[0].integer() == 1)
        #expect(value["a"]?.elements?[1] == .number("-2.5e+3"))
        #expect(value["a"]?.elements?[2].boolean == true)
        #expect(value["a"]?.elements?[5].text == "x\n\"é😀/")
        #expect(value["b"] == [:] && value["c"] == nil)
        #expect(try Self.decode("0") == .number("0"))
        #expect(try Self.decode("[]") == [])
    }

    /// Whole numbers as numbers or as strings, only in plain decimal form and in range.
    @Test func integers() throws {
        for (text, value) in [("7", 7), ("\"-7\"", -7), ("0", 0), ("\"127\"", 127)] {
            #expect(try Self.decode(text).integer(Int8.self) == Int8(value))
        }
        for text in ["128", "\"+7\"", "\"07\"", "7.0", "7e0", "\"\"", "true", "\" 7\"", "-0", "[]"]
        {
            #expect(try Self.decode(text).integer(Int8.self) == nil, "\(text)")
        }
        #expect(try Self.decode("\"18446744073709551615\"").integer(UInt64.self) == .max)
    }

    /// Texts that are no JSON, or more than one, or too deep.
    @Test func refusals() {
        for text in [
            "", " ", "{", "}", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}", "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":2}", "1 2", "01", "-", "+1", ".5", "1.",
            "1e", "1e+", "0x1", "tru", "truex", "nul", "NaN", "Infinity", "\"", "\"a", "\"\\x\"",
            "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"",
            "\"\n\"", "'a'", "[1 2]", "//", "\u{feff}1", "\"\\ud800\\",
        ] {
            #expect(throws: DecodeFault.self, "\(text)") { try Self.decode(text) }
        }
        #expect(throws: DecodeFault.self) { try JSONValue.decode([0x22, 0xff, 0x22], limit: 9) }
        #expect(throws: DecodeFault.self) { try JSONValue.decode([0x31, 0x31], limit: 1) }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: DecodeFault.self) {
            try JSONValue.decode(Array(deep.utf8), limit: 200_000)
        }
        let inside = JSONValue.depthLimit - 1
        let text =
            String(repeating: "[", count: inside) + "1" + String(repeating: "]", count: inside)
        #expect(throws: Never.self) { try Self.decode(text) }
        #expect(throws: DecodeFault.self) { try Self.decode("[" + text + "]") }
    }

    /// Both layouts survive, and writing is always the same.
    @Test func writing() throws {
        let value: JSONValue = [
            "text": "a\"b\\c\n\u{1}é", "list": [.integer(1), true, .null, []],
            "number": .integer(-5), "empty": [:],
        ]
        let dense = String(decoding: value.encode(), as: UTF8.self)
        #expect(
            dense
                == #"{"text":"a\"b\\c\n\u0001é","list":[1,true,null,[]],"number":-5,"empty":{}}"#)
        #expect(try Self.decode(dense) == value)
        let wide = String(decoding: value.encode(indented: true), as: UTF8.self)
        #expect(try Self.decode(wide) == value)
        #expect(wide.hasPrefix("{\n  \"text\": ") && wide.hasSuffix("\"empty\": {}\n}\n"))
    }

    /// Random texts over JSON's own letters end in a value that survives, or in a fault.
    @Test func randomTexts() throws {
        let letters = Array(#"{}[]",:0123456789.eE+-\ntrufalse "#.utf8)
        var values = 0
        for number in 0..<4000 {
            let draw = DeterministicBytes.make(seed: "json/\(number)", count: number % 12)
            let text = draw.map { letters[Int($0) % letters.count] }
            do throws(DecodeFault) {
                let value = try JSONValue.decode(text, limit: 100)
                let copy = try JSONValue.decode(value.encode(), limit: 100)
                #expect(copy == value)
                values += 1
            } catch {
                #expect(error.offset <= text.count)
            }
        }
        #expect(values > 100)
    }
}
