// SPDX-License-Identifier: Apache-2.0

/// The compression function of BLAKE2b with a number of rounds that the caller pays for (EIP-152).
extension Precompiles {
    private static let startVector: [UInt64] = [
        0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1, 0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
    ]

    /// Which words of the message a round takes, ten rounds one after another (RFC 7693, §2.7).
    private static let schedule: [UInt8] = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ]

    /// Rounds (4), state (64), message (128), offset (16), last (1): 213 bytes exactly.
    static func blake2f(_ input: UnsafeRawBufferPointer, gas: Int64) -> Outcome {
        guard input.count == 213, let start = input.baseAddress, input[212] <= 1 else {
            return .failure
        }
        let rounds = start.loadUnaligned(as: UInt32.self).bigEndian
        guard gas >= Int64(rounds) else { return .failure }
        var output = [UInt8](repeating: 0, count: 64)
        output.withUnsafeMutableBytes { output in
            compress(start + 4, rounds: Int(rounds), isLast: input[212] == 1, into: output)
        }
        return .success(cost: Int64(rounds), output: output)
    }

    private static func compress(
        _ input: UnsafeRawPointer, rounds: Int, isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) {
        func word(_ index: Int) -> UInt64 {
            UInt64(littleEndian: input.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 32) { scratch in
            guard let v = scratch.baseAddress else { return }
            let m = v + 16
            for index in 0..<8 {
                v[index] = word(index)
                v[8 + index] = startVector[index]
            }
            for index in 0..<16 { m[index] = word(8 + index) }
            v[12] ^= word(24)
            v[13] ^= word(25)
            if isLast { v[14] = ~v[14] }
            mix(v, m, rounds)
            for index in 0..<8 {
                let value = word(index) ^ v[index] ^ v[8 + index]
                output.storeBytes(
                    of: value.littleEndian, toByteOffset: 8 * index, as: UInt64.self)
            }
        }
    }

    private static func mix(
        _ v: UnsafeMutablePointer<UInt64>, _ m: UnsafeMutablePointer<UInt64>, _ rounds: Int
    ) {
        schedule.withUnsafeBufferPointer { schedule in
            guard var s = schedule.baseAddress else { return }
            let first = s
            let end = s + 160
            for _ in 0..<rounds {
                quarter(v, 0, 4, 8, 12, m[Int(s[0])], m[Int(s[1])])
                quarter(v, 1, 5, 9, 13, m[Int(s[2])], m[Int(s[3])])
                quarter(v, 2, 6, 10, 14, m[Int(s[4])], m[Int(s[5])])
                quarter(v, 3, 7, 11, 15, m[Int(s[6])], m[Int(s[7])])
                quarter(v, 0, 5, 10, 15, m[Int(s[8])], m[Int(s[9])])
                quarter(v, 1, 6, 11, 12, m[Int(s[10])], m[Int(s[11])])
                quarter(v, 2, 7, 8, 13, m[Int(s[12])], m[Int(s[13])])
                quarter(v, 3, 4, 9, 14, m[Int(s[14])], m[Int(s[15])])
                s += 16
                if s == end { s = first }
            }
        }
    }

    @inline(__always) private static func quarter(
        _ v: UnsafeMutablePointer<UInt64>, _ a: Int, _ b: Int, _ c: Int, _ d: Int,
        _ x: UInt64, _ y: UInt64
    ) {
        v[a] = v[a] &+ v[b] &+ x
        v[d] = rotated(v[d] ^ v[a], 32)
        v[c] = v[c] &+ v[d]
        v[b] = rotated(v[b] ^ v[c], 24)
        v[a] = v[a] &+ v[b] &+ y
        v[d] = rotated(v[d] ^ v[a], 16)
        v[c] = v[c] &+ v[d]
        v[b] = rotated(v[b] ^ v[c], 63)
    }

    @inline(__always) private static func rotated(_ word: UInt64, _ amount: UInt64) -> UInt64 {
        word &>> amount | word &<< (64 &- amount)
    }
}
