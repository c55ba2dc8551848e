// SPDX-License-Identifier: Apache-2.0

import Bytes
import TestSupport
import Testing

/// Bytes as text: published answers, and what must be refused.
@Suite struct TextCodecTests {
    /// Hexadecimal in both cases; odd counts, prefixes and other letters are refused.
    @Test func hex() throws {
        #expect(Hex.encode([0x00, 0x9f, 0xff]) == "009fff")
        #expect(Hex.encode([0x00, 0x9f, 0xff], uppercase: true) == "009FFF")
        #expect(try Hex.decode("009fFF") == [0x00, 0x9f, 0xff])
        #expect(try Hex.decode("") == [])
        for text in ["0", "0x00", "0g", " 00", "00 ", "é0", "０0", "0-"] {
            #expect(throws: DecodeFault.self, "\(text)") { try Hex.decode(text) }
        }
        let all = (0...255).map { UInt8($0) }
        #expect(try Hex.decode(Hex.encode(all)) == all)
    }

    /// RFC 4648 §10, in both alphabets.
    @Test func base64KnownAnswers() throws {
        let known = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
        for (plain, text) in known {
            #expect(Base64.encode(Array(plain.utf8)) == text)
            #expect(try Base64.decode(text) == Array(plain.utf8))
            let bare = text.filter { $0 != "=" }
            #expect(Base64.encode(Array(plain.utf8), alphabet: .url) == bare)
            #expect(try Base64.decode(bare, alphabet: .url) == Array(plain.utf8))
        }
        #expect(Base64.encode([0xfb, 0xff]) == "+/8=")
        #expect(Base64.encode([0xfb, 0xff], alphabet: .url) == "-_8")
    }

    /// Everything but the one canonical text is refused.
    @Test func base64Refusals() throws {
        for text in [
            "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "=", "==", "====", "Z===", "Zg==Zg==",
            "Zm9v\n", " Zm9v", "Zm-v", "Zm_v", "Zm9v====", "Z g=", "Zm=v", "éé",
        ] {
            #expect(throws: DecodeFault.self, "\(text)") { try Base64.decode(text) }
        }
        for text in ["Zg==", "Zh", "Zm9", "Z", "Zm9vZ", "Zm+v", "Zm/v", "Zg=", "="] {
            #expect(throws: DecodeFault.self, "\(text)") {
                try Base64.decode(text, alphabet: .url)
            }
        }
    }

    /// Every text of up to four digits either is canonical, or is refused.
    @Test func base64IsOneToOne() throws {
        let digits = Array("ABZaz09+/=-_".utf8)
        var accepted = 0
        for a in digits {
            for b in digits {
                for c in digits {
                    for d in digits {
                        let text = [a, b, c, d]
                        do throws(DecodeFault) {
                            let bytes = try Base64.decode(utf8: text[...])
                            #expect(Base64.encodeToUTF8(bytes) == text)
                            accepted += 1
                        } catch {
                            #expect(error.offset <= 4)
                        }
                    }
                }
            }
        }
        #expect(accepted > 9 * 9 * 9 * 9)
    }

    /// Any bytes survive every alphabet.
    @Test func everythingSurvives() throws {
        for count in 0...70 {
            let bytes = DeterministicBytes.make(seed: "text/\(count)", count: count)
            #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(
                try Base64.decode(Base64.encode(bytes, alphabet: .url), alphabet: .url) == bytes)
            #expect(try Base32.decode(Base32.encode(bytes)) == bytes)
            #expect(try Base58.decode(Base58.encode(bytes)) == bytes)
            let zeros = [UInt8](repeating: 0, count: count)
            #expect(try Base58.decode(Base58.encode(zeros)) == zeros)
        }
    }

    /// RFC 4648 §10 in lower case without padding; other digits and stray bits are refused.
    @Test func base32() throws {
        let known = [
            ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"),
            ("fooba", "mzxw6ytb"), ("foobar", "mzxw6ytboi"),
        ]
        for (plain, text) in known {
            #expect(Base32.encode(Array(plain.utf8)) == text)
            #expect(try Base32.decode(text) == Array(plain.utf8))
        }
        for text in ["m", "mz", "mzx", "mzxw6y", "MY", "my======", "m1", "m8", "mé"] {
            #expect(throws: DecodeFault.self, "\(text)") { try Base32.decode(text) }
        }
    }

    /// draft-msporny-base58 §5, leading zeros, and refusals.
    @Test func base58() throws {
        let known: [([UInt8], String)] = [
            ([], ""), ([0], "1"), ([0, 0, 1], "112"),
            (Array("Hello World!".utf8), "2NEpo7TZRRrLZSi2U"),
            (
                Array("The quick brown fox jumps over the lazy dog.".utf8),
                "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"
            ),
            (try Hex.decode("0000287fb4cd"), "11233QC4"),
        ]
        for (bytes, text) in known {
            #expect(Base58.encode(bytes) == text)
            #expect(try Base58.decode(text) == bytes)
        }
        for text in ["0", "O", "I", "l", " 2", "é"] {
            #expect(throws: DecodeFault.self, "\(text)") { try Base58.decode(text) }
        }
        let long = String(repeating: "z", count: Base58.limit)
        #expect(try Base58.decode(long).count < Base58.limit)
        #expect(throws: DecodeFault.self) { try Base58.decode(long + "z") }
    }

    /// BIP 173's valid and invalid strings.
    @Test func bech32() throws {
        for text in [
            "A12UEL5L", "a12uel5l",
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "?1ezyfcl",
        ] {
            let (prefix, bytes) = try Bech32.decode(text)
            #expect(Bech32.encode(prefix: prefix, bytes) == text.lowercased())
        }
        for text in [
            "\u{20}1nwldj5", "\u{7f}1axkwrx", "\u{80}1eym55h",
            "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx",
            "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "de1lg7wt\u{ff}", "A1G7SGD8",
            "10a06t8", "1qzzfhee", "a12UEL5L", "", "1", "celestia1",
        ] {
            #expect(throws: DecodeFault.self, "\(text)") { try Bech32.decode(text) }
        }
    }

    /// One changed letter never passes as bech32.
    @Test func bech32DetectsChanges() throws {
        let text = Bech32.encode(prefix: "celestia", DeterministicBytes.make(seed: "b", count: 20))
        let letters = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
        for place in 9..<text.count {
            for letter in letters {
                var changed = Array(text)
                guard changed[place] != letter else { continue }
                changed[place] = letter
                #expect(throws: DecodeFault.self) { try Bech32.decode(String(changed)) }
            }
        }
    }
}
