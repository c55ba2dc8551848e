// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Testing

/// Published answers for everything that signs or authenticates.
@Suite struct KnownAnswerTests {
    /// RFC 4231, test cases 1 to 4, 6 and 7.
    @Test func hmac() throws {
        let known: [(key: [UInt8], message: [UInt8], code: String)] = [
            (
                [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                Array(1...25), [UInt8](repeating: 0xcd, count: 50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131),
                Array(
                    ("This is a test using a larger than block-size key and a larger than "
                        + "block-size data. The key needs to be hashed before being used by the "
                        + "HMAC algorithm.").utf8),
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
            ),
        ]
        for test in known {
            #expect(HMACSHA256.authenticate(key: test.key, test.message).hex == test.code)
        }
    }

    /// The answers on RIPEMD-160's own page.
    @Test func ripemd160() {
        let known: [(String, String)] = [
            ("", "9c1185a5c5e9fc54612808977ee8f548b2258d31"),
            ("a", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe"),
            ("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
            ("message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"),
            ("abcdefghijklmnopqrstuvwxyz", "f71c27109c692c1b56bbdceb5b9d2865b3708dbc"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "12a053384a9c0c88e405a06c27dcf49ada62eb2b"
            ),
            (String(repeating: "1234567890", count: 8), "9b752e45573d4b39f4dbd3323cab82bf63326bfb"),
            (String(repeating: "a", count: 1_000_000), "52783243c1697bdbe16d37f97f68f08325dc1528"),
        ]
        for (text, digest) in known {
            #expect(RIPEMD160.hash(Array(text.utf8)).hex == digest)
        }
    }

    /// RFC 8032 §7.1, tests 1 to 3.
    @Test func ed25519() throws {
        let known = [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                    + "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
                    + "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
                    + "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
            ),
        ]
        for (seed, publicKey, message, signature) in known {
            let key = Ed25519PrivateKey(seed: try Bytes32(decoding: Hex.decode(seed)))
            let message = try Hex.decode(message)
            #expect(key.publicKey.bytes.hex == publicKey)
            let signed = key.sign(message)
            #expect(signed.hex == signature)
            #expect(key.publicKey.isValid(signed, for: message))
            #expect(key.publicKey.isStrictlyValid(signed, for: message))
            #expect(!key.publicKey.isValid(signed, for: message + [0]))
        }
    }

    /// The deterministic signatures that Bitcoin's libraries agree on (RFC 6979 with SHA-256).
    @Test func secp256k1() throws {
        let one = try Bytes32(decoding: [UInt8](repeating: 0, count: 31) + [1])
        let key = try #require(Secp256k1PrivateKey(bytes: one))
        #expect(
            key.publicKey.bytes.hex
                == "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
        let known = [
            (
                "Satoshi Nakamoto",
                "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
                    + "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
            ),
            (
                "All those moments will be lost in time, like tears in rain. Time to die...",
                "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
                    + "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"
            ),
        ]
        for (message, expected) in known {
            let digest = SHA256.hash(Array(message.utf8))
            let signed = key.signRecoverably(digest: digest)
            #expect(signed.signature.hex == expected)
            #expect(key.publicKey.isValid(signed.signature, digest: digest))
            #expect(
                Secp256k1PublicKey.recover(
                    signed.signature, recoveryID: signed.recoveryID, digest: digest)
                    == key.publicKey)
        }
    }

    /// A high s, a number that is no key, and bytes that are no point are all refused.
    @Test func secp256k1Refusals() throws {
        #expect(Secp256k1PrivateKey(bytes: Bytes32()) == nil)
        let order = try Hex.decode(
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
        #expect(Secp256k1PrivateKey(bytes: try Bytes32(decoding: order)) == nil)
        let key = try #require(Secp256k1PrivateKey(bytes: Bytes32(repeating: 7)))
        let digest = SHA256.hash([1, 2, 3])
        let signature = key.sign(digest: digest)
        #expect(key.publicKey.isValid(signature, digest: digest))
        var high = Array(signature.array[..<32])
        var borrow = 0
        var flipped = [UInt8](repeating: 0, count: 32)
        for index in (0..<32).reversed() {
            let difference = Int(order[index]) - Int(signature[32 + index]) - borrow
            borrow = difference < 0 ? 1 : 0
            flipped[index] = UInt8(truncatingIfNeeded: difference)
        }
        high += flipped
        #expect(!key.publicKey.isValid(try Bytes64(decoding: high), digest: digest))
        #expect(!Secp256k1PublicKey(FixedBytes<33>()).isValid(signature, digest: digest))
        #expect(Secp256k1PublicKey(FixedBytes<33>()).uncompressed == nil)
        #expect(
            Secp256k1PublicKey.recover(signature, recoveryID: 4, digest: digest) == nil)
    }
}
