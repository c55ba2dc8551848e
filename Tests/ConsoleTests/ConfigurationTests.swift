// SPDX-License-Identifier: Apache-2.0

import Console
import Testing

@Suite struct ConfigurationTests {
    /// Everything of TOML that is read, read as TOML 1.0 says.
    @Test func everyFormIsRead() throws {
        let configuration = try Configuration(
            decoding: Array(
                """
                # A comment.
                top = "a \\"b\\" \\\\ \\t \\u00e9 \\U0001F600" # another
                'quoted key' = 'C:\\new'
                  a.b = 1_000 \t
                [one]
                x = -7
                y = +0
                z = true
                [one.two]
                list = [ "p", # first
                  'q',

                  [1, 2], ]
                empty = []
                "odd.key" = false
                """.utf8))
        #expect(
            configuration.entries.map(\.key) == [
                "top", "quoted key", "a.b", "one.x", "one.y", "one.z", "one.two.list",
                "one.two.empty", "one.two.odd.key",
            ])
        #expect(
            configuration.entries.map(\.value) == [
                .text("a \"b\" \\ \t é 😀"), .text("C:\\new"), .integer(1000), .integer(-7),
                .integer(0), .flag(true),
                .list([.text("p"), .text("q"), .list([.integer(1), .integer(2)])]), .list([]),
                .flag(false),
            ])
        #expect(configuration.entries.map(\.line) == [2, 3, 4, 6, 7, 8, 10, 14, 15])
    }

    /// Carriage returns before line feeds are white space, and a file may be empty.
    @Test func lineEndsDoNotMatter() throws {
        let text = "a = 1\r\n[b]\r\nc = [1,\r\n2]\r\n"
        #expect(try Configuration(decoding: Array(text.utf8)).entries.map(\.line) == [1, 3])
        #expect(try Configuration(decoding: []).entries == [])
    }

    /// What is not read is refused with its line and a reason.
    @Test(arguments: [
        ("a", 1, "'=' is missing after 'a'"),
        ("\n= 1", 2, "a name is missing"),
        ("a =", 1, "a value is missing"),
        ("a = # x", 1, "a value is missing"),
        ("a = word", 1, "a text stands in quotes"),
        ("a = 1.5", 1, "'1.5' is no whole number of 64 bits"),
        ("a = 01", 1, "'01' is no whole number of 64 bits"),
        ("a = 1__0", 1, "'1__0' is no whole number of 64 bits"),
        ("a = 9223372036854775808", 1, "'9223372036854775808' is no whole number of 64 bits"),
        ("a = 1979-05-27", 1, "'1979-05-27' is no whole number of 64 bits"),
        ("a = 0x10", 1, "'0x10' is no whole number of 64 bits"),
        ("a = \"x", 1, "the quote at the end of a text is missing"),
        ("a = \"\"\"x\"\"\"", 1, "texts of several lines are not used here"),
        ("a = \"\\q\"", 1, "'\\q' means nothing in a text"),
        ("a = \"\\ud800\"", 1, "'\\u' needs the number of a character"),
        ("a = \"\\u+041\"", 1, "'\\u' needs the number of a character"),
        ("a = \"\u{1}\"", 1, "a control character stands in a text"),
        ("a = {b = 1}", 1, "inline tables are not used here; write [table]"),
        ("a = [1 2]", 1, "',' or ']' is missing in an array"),
        ("a = [\n1,\n", 3, "a value is missing"),
        ("a = [[[[[[[[[1]]]]]]]]]", 1, "arrays nest too deep"),
        ("a = 1 b = 2", 1, "something stands after the end of the line's value"),
        ("a = 1\na = 2", 2, "'a' is set twice"),
        ("[a]\nb = 1\n[a]", 3, "the table [a] stands twice"),
        ("[a", 1, "']' is missing after a table's name"),
        ("[[a]]", 1, "arrays of tables ([[…]]) are not used here"),
    ])
    func wrongLinesAreRefused(text: String, line: Int, message: String) {
        do throws(ConfigurationFault) {
            _ = try Configuration(decoding: Array(text.utf8))
            Issue.record("'\(text)' was read")
        } catch {
            #expect(error.message == message)
            #expect(error.line == line)
        }
    }

    /// No bytes at all make the reader stop the process: every prefix and every changed byte.
    @Test func everyChangedByteIsReadOrRefused() {
        let text = Array("[a.b]\nc = [\"d\\u0041\", 'e', -1_0] # f\r\ng.\"h\" = true\n".utf8)
        var refused = 0
        for place in text.indices {
            for byte: UInt8 in 0...255 {
                var changed = text
                changed[place] = byte
                for bytes in [changed, Array(changed[..<place])] {
                    do throws(ConfigurationFault) {
                        _ = try Configuration(decoding: bytes)
                    } catch {
                        #expect((1...4).contains(error.line))
                        refused += 1
                    }
                }
            }
        }
        #expect(refused > 1000)
    }
}
