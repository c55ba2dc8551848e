// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// SHA-256 as FIPS 180-4 writes it down, for the kernels to be compared with; it is not fast.
public enum SHA256Definition {
    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Bytes32 {
        var message = bytes + [0x80]
        message += [UInt8](repeating: 0, count: (120 - message.count % 64) % 64)
        message.append(bigEndian: UInt64(bytes.count) * 8)
        var state: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
            0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
        ]
        for start in stride(from: 0, to: message.count, by: 64) {
            compress(&state, message[start..<start + 64])
        }
        var digest: [UInt8] = []
        for word in state { digest.append(bigEndian: word) }
        guard let digest = Bytes32(digest) else { preconditionFailure("eight words") }
        return digest
    }

    /// §6.2.2: the schedule, 64 rounds, and the sum with the state before.
    private static func compress(_ state: inout [UInt32], _ block: ArraySlice<UInt8>) {
        var schedule: [UInt32] = []
        for start in stride(from: block.startIndex, to: block.endIndex, by: 4) {
            schedule.append(block[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        for index in 16..<64 {
            let old = schedule[index - 15], recent = schedule[index - 2]
            let first = rotated(old, 7) ^ rotated(old, 18) ^ old >> 3
            let second = rotated(recent, 17) ^ rotated(recent, 19) ^ recent >> 10
            schedule.append(schedule[index - 16] &+ first &+ schedule[index - 7] &+ second)
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for round in 0..<64 {
            let upper = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let choice = e & f ^ ~e & g
            let first = h &+ upper &+ choice &+ constants[round] &+ schedule[round]
            let lower = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let majority = a & b ^ a & c ^ b & c
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ lower &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = {
        var primes: [UInt32] = []
        var candidate: UInt32 = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { UInt32(truncatingIfNeeded: cubeRoot(of: $0)) }
    }()

    /// The largest r with r³ ≤ prime · 2^96, so that r is the root in units of 2^-32.
    private static func cubeRoot(of prime: UInt32) -> UInt64 {
        var root: UInt64 = 0
        for bit in stride(from: 34, through: 0, by: -1) {
            let next = root | 1 << UInt64(bit)
            let wide = UInt128(next)
            if wide * wide * wide <= UInt128(prime) << 96 { root = next }
        }
        return root
    }
}
