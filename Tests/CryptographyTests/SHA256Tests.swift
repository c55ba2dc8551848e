// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import TestSupport
import Testing

/// SHA-256 against published answers, and the stream against the whole.
@Suite struct SHA256Tests {
    /// FIPS 180-4's examples and a million letters.
    @Test func knownAnswers() throws {
        let known: [(String, String)] = [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopq"
                    + "klmnopqrlmnopqrsmnopqrstnopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ]
        for (text, digest) in known {
            #expect(SHA256.hash(Array(text.utf8)).hex == digest)
        }
    }

    /// Every split of a message hashes as the whole, and a finished stream starts anew.
    @Test func streamsEqualWholes() {
        let message = (0..<200).map { UInt8($0) }
        var stream = SHA256.Stream()
        for count in 0...200 {
            let whole = SHA256.hash(Array(message.prefix(count)))
            #expect(SHA256.hash(message[..<count]) == whole)
            for cut in 0...count {
                stream.update(message[..<cut])
                stream.update(message[cut..<count])
                #expect(stream.finish() == whole)
            }
            for byte in message.prefix(count) { stream.update(byte) }
            #expect(stream.finish() == whole)
        }
    }

    /// Every kernel of this processor, the many at once and the stream equal the definition.
    @Test(arguments: SHA256.Level.allCases.filter(\.isSupported))
    func kernelsEqualTheDefinition(level: SHA256.Level) {
        for count in Array(0...260) + [511, 512, 513, 1000, 4095, 4096] {
            let message = DeterministicBytes.make(seed: "sha256/\(count)", count: count)
            let digest = SHA256Definition.hash(message)
            #expect(SHA256.hash(message, level: level) == digest, "\(count) bytes")
            #expect(SHA256.hash(message) == digest)
        }
    }

    /// Messages that lie one after another have the digests that they have alone.
    @Test func manyEqualEach() {
        for length in [1, 55, 56, 63, 64, 65, 119, 120, 181, 542] {
            for count in Array(0...20) + [33, 100] {
                let all = DeterministicBytes.make(seed: "many", count: length * count)
                var each: [UInt8] = []
                for start in stride(from: 0, to: all.count, by: length) {
                    each.append(SHA256.hash(all[start..<start + length]))
                }
                #expect(SHA256.hashEach(all, ofLength: length) == each)
            }
        }
    }
}
