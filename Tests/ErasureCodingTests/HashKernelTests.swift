// SPDX-License-Identifier: Apache-2.0

import Bytes
import CKernels
import Testing

/// SHA-256 at every level against the plain one, which is held to published digests.
@Suite struct HashKernelTests {
    static let levels = [CK_SHA256_PORTABLE, CK_SHA256_SHANI, CK_SHA256_AVX512]
        .filter { ck_sha256_supports($0) }

    private static func digests(
        _ level: ck_sha256_level, of bytes: [UInt8], length: Int, stride: Int, count: Int
    ) -> [UInt8] {
        var digests = [UInt8](repeating: 0, count: count * 32)
        ck_sha256_many(level, bytes, length, stride, count, &digests)
        return digests
    }

    /// The digests that FIPS 180-4's examples state.
    @Test func publishedDigests() {
        for level in Self.levels {
            let empty = Self.digests(level, of: [0], length: 0, stride: 0, count: 1)
            #expect(
                Hex.encode(empty)
                    == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
            let abc = Self.digests(level, of: Array("abc".utf8), length: 3, stride: 0, count: 1)
            #expect(
                Hex.encode(abc)
                    == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            let long = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
            #expect(
                Hex.encode(Self.digests(level, of: long, length: 56, stride: 0, count: 1))
                    == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        }
    }

    /// Every length up to four blocks, at odd distances, in batches of one to nine.
    @Test func levelsAgreeOnMessages() {
        var numbers = SeededNumbers(5)
        let bytes = numbers.bytes(4096)
        for length in 0...260 {
            for count in [1, 2, 3, 4, 5, 9] {
                let expected = Self.digests(
                    CK_SHA256_PORTABLE, of: bytes, length: length, stride: 101, count: count)
                for level in Self.levels.dropFirst() {
                    #expect(
                        Self.digests(level, of: bytes, length: length, stride: 101, count: count)
                            == expected, "\(level) \(length) \(count)")
                }
            }
        }
    }

    /// Leaves are 0x00 ‖ namespace ‖ share, nodes 0x01 ‖ left ‖ right, in batches of 1 to 40, from
    /// any alignment; nothing beside the digests is written.
    @Test func leavesAndNodes() {
        var numbers = SeededNumbers(6)
        for count in [1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 24, 25, 32, 40] {
            let shares = numbers.bytes(count * 512 + 64)
            let namespaces = numbers.bytes(count * 29)
            let shift = Int(numbers.next() % 64)
            var leaves: [UInt8] = []
            var nodes: [UInt8] = []
            for index in 0..<count {
                let start = shift + index * 512
                let leaf: [UInt8] =
                    [0] + namespaces[index * 29..<(index + 1) * 29] + shares[start..<start + 512]
                leaves += Self.digests(
                    CK_SHA256_PORTABLE, of: leaf, length: 542, stride: 0, count: 1)
                let pair: [UInt8] = [1] + shares[shift + index * 180..<shift + (index + 1) * 180]
                nodes += Self.digests(
                    CK_SHA256_PORTABLE, of: pair, length: 181, stride: 0, count: 1)
            }
            for level in Self.levels {
                var made = [UInt8](repeating: 0xA5, count: count * 32 + 8)
                let compressions = shares.withUnsafeBufferPointer { shares in
                    shares.baseAddress.map {
                        ck_nmt_leaves(level, $0 + shift, 512, namespaces, 29, count, &made)
                    }
                }
                #expect(compressions == 9 * count)
                #expect(Array(made.prefix(count * 32)) == leaves, "\(level) \(count)")
                #expect(made.suffix(8).allSatisfy { $0 == 0xA5 })
                shares.withUnsafeBufferPointer { shares in
                    guard let base = shares.baseAddress else { return }
                    ck_nmt_nodes(level, base + shift, count, &made, 32)
                }
                #expect(Array(made.prefix(count * 32)) == nodes, "\(level) \(count)")
                #expect(made.suffix(8).allSatisfy { $0 == 0xA5 })
            }
        }
    }
}
