// SPDX-License-Identifier: Apache-2.0

/// A way through the trie: up to 64 half bytes, held inline.
struct NibblePath: Hashable, Sendable {
    /// The nibbles, the first in the most significant bits, zeros behind the last.
    private(set) var nibbles: UInt256
    /// How many there are.
    private(set) var count: Int

    init(nibbles: UInt256, count: Int) {
        self.nibbles = nibbles
        self.count = count
    }

    /// The two nibbles of each of at most 32 bytes; nil when there are more.
    init?(_ bytes: some Collection<UInt8>) {
        guard let word = UInt256(bigEndian: bytes) else { return nil }
        count = 2 * bytes.count
        nibbles = word << UInt64(256 - 8 * bytes.count)
    }

    static let empty = NibblePath(nibbles: .zero, count: 0)

    /// The first nibble.
    var first: Int { Int(nibbles.w3 >> 60) }

    /// What follows after `count` nibbles.
    func dropFirst(_ count: Int) -> NibblePath {
        NibblePath(nibbles: nibbles << UInt64(4 * count), count: self.count - count)
    }

    /// The first `count` nibbles.
    func prefix(_ count: Int) -> NibblePath {
        let mask = ~(UInt256.max >> UInt64(4 * count))
        return NibblePath(nibbles: nibbles & mask, count: count)
    }

    /// This one, a nibble, and another.
    func appending(_ other: NibblePath) -> NibblePath {
        NibblePath(
            nibbles: nibbles | other.nibbles >> UInt64(4 * count), count: count + other.count)
    }

    /// A path of one nibble.
    init(nibble: Int) {
        nibbles = UInt256(0, 0, 0, UInt64(nibble) << 60)
        count = 1
    }

    /// How many nibbles the two begin with alike.
    func common(_ other: NibblePath) -> Int {
        min(min(count, other.count), (nibbles ^ other.nibbles).leadingZeroBitCount / 4)
    }

    /// The hex-prefix encoding (yellow paper, appendix C).
    func write(isLeaf: Bool, to bytes: inout [UInt8]) {
        let flag: UInt8 = isLeaf ? 0x20 : 0
        var rest = self
        if count % 2 == 1 {
            bytes.append(flag | 0x10 | UInt8(first))
            rest = dropFirst(1)
        } else {
            bytes.append(flag)
        }
        var word = rest.nibbles
        for _ in 0..<rest.count / 2 {
            bytes.append(UInt8(truncatingIfNeeded: word.w3 >> 56))
            word = word << 8
        }
    }
}
