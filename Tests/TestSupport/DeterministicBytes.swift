// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// The byte streams that vectors name by seed and length (Protocol/vectors/README.md).
public enum DeterministicBytes {
    /// The first `count` bytes of SHA256(seed ‖ be64(0)) ‖ SHA256(seed ‖ be64(1)), and so on.
    public static func make(seed: String, count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 32)
        var block: UInt64 = 0
        while bytes.count < count {
            var input = Array(seed.utf8)
            input.append(bigEndian: block)
            bytes.append(contentsOf: SHA256.hash(input).array)
            block += 1
        }
        return Array(bytes.prefix(count))
    }

    /// The bytes of a vector's value: hexadecimal text, or a seed and a length.
    public static func bytes(of value: JSONTree) throws -> [UInt8] {
        if let seed = value.optional("seed") {
            return make(seed: try seed.string, count: try value["len"].integer)
        }
        return try value.hex
    }
}
