// SPDX-License-Identifier: Apache-2.0

/// Numbers of a simulated world, the same for the same seed: splitmix64.
struct Draw: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// A number in 0 ..< bound; the bias is below bound / 2^64.
    mutating func next(below bound: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: bound).high
    }

    mutating func index(below bound: Int) -> Int { Int(next(below: UInt64(bound))) }

    /// True so many times in a thousand.
    mutating func chance(perMille: UInt64) -> Bool { perMille > 0 && next(below: 1_000) < perMille }

    mutating func shuffled(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for index in order.indices.dropFirst().reversed() {
            order.swapAt(index, self.index(below: index + 1))
        }
        return order
    }

    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
