// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Cryptography

/// Numbers nobody can foresee who does not know the seed: SHA-256 over the seed and a counter.
///
/// Machines may not draw entropy; the host hands them a seed from the system's generator, and a
/// test hands them one of its own and gets the same choices every time.
package struct SeededGenerator: Sendable {
    private let seed: Bytes32
    private var counter: UInt64 = 0
    private var block: [UInt8] = []

    /// Starts a stream of numbers.
    package init(seed: Bytes32) {
        self.seed = seed
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        var value: UInt64 = 0
        for byte in bytes(8) { value = value << 8 | UInt64(byte) }
        return value
    }

    /// A number in 0 ..< bound, each equally likely.
    package mutating func next(below bound: Int) -> Int {
        precondition(bound > 0, "a choice needs something to choose from")
        let bound = UInt64(bound)
        let limit = UInt64.max - UInt64.max % bound
        while true {
            let value = next()
            if value < limit { return Int(value % bound) }
        }
    }

    /// The next `count` bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        while block.count < count {
            var input = seed.array
            input.append(bigEndian: counter)
            counter += 1
            block += SHA256.hash(input).array
        }
        defer { block.removeFirst(count) }
        return Array(block.prefix(count))
    }

    /// A seed for a generator of its own, so that one consumer's draws do not shift another's.
    package mutating func fork() -> SeededGenerator {
        guard let seed = Bytes32(bytes(32)) else { preconditionFailure("32 bytes are 32 bytes") }
        return SeededGenerator(seed: seed)
    }

    /// The elements in a random order.
    package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        for index in result.indices.dropFirst().reversed() {
            result.swapAt(index, next(below: index + 1))
        }
        return result
    }
}
