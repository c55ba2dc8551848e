// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// 2048 bits that tell which logs a block cannot have (yellow paper, §4.3.1).
public struct Bloom: Hashable, Sendable {
    /// The 256 bytes, the highest bit first.
    public private(set) var bytes: FixedBytes<256>

    /// No bit set.
    public init() { bytes = FixedBytes<256>() }

    /// Takes 256 bytes as they are.
    public init(_ bytes: FixedBytes<256>) { self.bytes = bytes }

    /// The bits of all logs.
    public init(_ logs: [Log]) {
        self.init()
        for log in logs {
            insert(log.address.bytes)
            for topic in log.topics { insert(topic.bytes32.array) }
        }
    }

    /// Sets the three bits of an address or a topic.
    public mutating func insert(_ item: [UInt8]) {
        let digest = Keccak256.hash(item)
        for pair in 0..<3 {
            let bit = (Int(digest[2 * pair]) << 8 | Int(digest[2 * pair + 1])) & 2047
            bytes[255 - bit / 8] |= 1 << UInt8(bit % 8)
        }
    }

    /// Adds all bits of another.
    public mutating func formUnion(_ other: Bloom) {
        for index in 0..<256 { bytes[index] |= other.bytes[index] }
    }
}
