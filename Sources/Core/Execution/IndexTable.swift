// SPDX-License-Identifier: Apache-2.0

/// Where entries of an array are, by the hash of their key: open addressing, cleared in one step.
///
/// A word holds a generation above and an index below; words of an older generation are vacant.
/// The owner keeps keys and hashes beside its entries. Freed by its owner, explicitly.
struct IndexTable {
    private(set) var words: UnsafeMutablePointer<UInt64>
    private(set) var mask: Int
    private(set) var generation: UInt64 = 1
    private(set) var count = 0

    init(capacity: Int) {
        words = .allocate(capacity: capacity)
        words.initialize(repeating: 0, count: capacity)
        mask = capacity &- 1
    }

    func free() { words.deallocate() }

    /// Forgets everything.
    mutating func clear() {
        count = 0
        generation &+= 1
        if generation >> 32 != 0 {
            words.update(repeating: 0, count: mask &+ 1)
            generation = 1
        }
    }

    /// Whether one more entry asks for a larger table.
    var isFull: Bool { count &* 2 > mask }

    /// Puts an index in the first vacant word of its hash.
    mutating func insert(_ hash: UInt64, _ index: Int) {
        var place = Int(truncatingIfNeeded: hash) & mask
        while words[place] >> 32 == generation { place = (place &+ 1) & mask }
        words[place] = generation << 32 | UInt64(truncatingIfNeeded: index)
        count &+= 1
    }

    /// Doubles the table; `hashes` answers for each index.
    mutating func grow(_ entries: Int, _ hashes: (Int) -> UInt64) {
        words.deallocate()
        let capacity = 2 &* (mask &+ 1)
        words = .allocate(capacity: capacity)
        words.initialize(repeating: 0, count: capacity)
        mask = capacity &- 1
        generation = 1
        count = 0
        for index in 0..<entries { insert(hashes(index), index) }
    }

    /// Folds two words into a hash; the seed keeps strangers from choosing collisions.
    @inline(__always) static func mix(_ a: UInt64, _ b: UInt64, _ seed: UInt64) -> UInt64 {
        let first = a ^ 0x9e37_79b9_7f4a_7c15 ^ seed
        let product = UInt128(first) &* UInt128(b ^ 0xd6e8_feb8_6659_fd93)
        return UInt64(truncatingIfNeeded: product) ^ UInt64(truncatingIfNeeded: product >> 64)
    }

    @inline(__always) static func hash(_ address: Address, _ seed: UInt64) -> UInt64 {
        mix(mix(address.w0, address.w1, seed), UInt64(address.w2) | 1 << 40, seed)
    }

    @inline(__always) static func hash(
        _ index: Int32, _ key: UInt256, _ seed: UInt64
    ) -> UInt64 {
        let low = mix(key.w0, key.w1, seed), high = mix(key.w2, key.w3, seed)
        return mix(low &+ UInt64(UInt32(bitPattern: index)), high ^ 0x2545_f491_4f6c_dd1d, seed)
    }
}
