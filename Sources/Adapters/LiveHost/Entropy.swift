// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// The system's random bytes.
package enum Entropy {
    /// `count` bytes from the kernel's generator.
    package static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// A fresh seed.
    package static func seed() -> Bytes32 {
        guard let seed = Bytes32(bytes(32)) else { preconditionFailure("32 bytes are 32 bytes") }
        return seed
    }
}
