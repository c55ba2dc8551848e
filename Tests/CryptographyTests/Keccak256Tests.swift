// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import TestSupport
import Testing

/// Keccak-256 against published answers, and its kernels against the definition.
@Suite struct Keccak256Tests {
    @Test func knownAnswers() {
        let known: [(String, String)] = [
            ("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            ("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
            (
                "The quick brown fox jumps over the lazy dog",
                "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15"
            ),
        ]
        for (text, digest) in known {
            #expect(Keccak256.hash(Array(text.utf8)).hex == digest)
            #expect(Keccak256Definition.hash(Array(text.utf8)).hex == digest)
        }
    }

    /// Every kernel of this processor, of one message, equals the definition.
    @Test(arguments: Keccak256.Level.allCases.filter(\.isSupported))
    func kernelsEqualTheDefinition(level: Keccak256.Level) {
        for count in Array(0...140) + [271, 272, 273, 1000] {
            let message = DeterministicBytes.make(seed: "keccak/\(count)", count: count)
            let digest = Keccak256Definition.hash(message)
            #expect(Keccak256.hash(message, level: level) == digest, "\(count) bytes")
            #expect(Keccak256.hash(message[...]) == digest)
        }
    }

    /// Many messages of different lengths at once equal each by itself.
    @Test(arguments: Keccak256.Level.allCases.filter(\.isSupported))
    func manyEqualEach(level: Keccak256.Level) {
        for count in 0...21 {
            let lengths = (0..<count).map { $0 * 53 % 300 }
            let messages = lengths.enumerated().map { index, length in
                DeterministicBytes.make(seed: "keccak/many/\(index)", count: length)
            }
            let digests = Keccak256.hashEach(
                messages.flatMap { $0 }, lengths: lengths, level: level)
            #expect(digests == messages.flatMap { Keccak256.hash($0, level: .portable).array })
        }
    }
}

/// P-256 against a signature of RFC 6979, A.2.5.
@Suite struct P256Tests {
    @Test func aKnownSignature() throws {
        let r = try Bytes32(
            decoding: try Hex.decode(
                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"))
        let s = try Bytes32(
            decoding: try Hex.decode(
                "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"))
        let point = try Bytes64(
            decoding: try Hex.decode(
                "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                    + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"))
        let digest = SHA256.hash(Array("sample".utf8))
        #expect(P256.isValid(r: r, s: s, digest: digest, point: point))
        #expect(!P256.isValid(r: s, s: r, digest: digest, point: point))
        #expect(!P256.isValid(r: r, s: s, digest: SHA256.hash([]), point: point))
        #expect(!P256.isValid(r: r, s: s, digest: digest, point: Bytes64()))
        #expect(!P256.isValid(r: Bytes32(), s: s, digest: digest, point: point))
    }
}
