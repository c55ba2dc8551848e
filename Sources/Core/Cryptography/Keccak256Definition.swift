// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Keccak-256 as the Keccak reference writes it down, for kernels to be compared with; not fast.
///
/// The sponge has rate 136 and capacity 64 bytes; rotations and round constants are computed from
/// their definitions (FIPS 202 §3.2), not copied from tables.
public enum Keccak256Definition {
    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Bytes32 {
        var padded = bytes + [0x01]
        padded += [UInt8](repeating: 0, count: (136 - padded.count % 136) % 136)
        padded[padded.count - 1] |= 0x80
        var state = [UInt64](repeating: 0, count: 25)
        for start in stride(from: 0, to: padded.count, by: 136) {
            for index in 0..<136 {
                state[index / 8] ^= UInt64(padded[start + index]) << (8 * UInt64(index % 8))
            }
            permute(&state)
        }
        let digest = (0..<32).map { UInt8(truncatingIfNeeded: state[$0 / 8] >> (8 * ($0 % 8))) }
        guard let digest = Bytes32(digest) else { preconditionFailure("32 bytes") }
        return digest
    }

    /// Keccak-f[1600]; the lane in column x and row y is number x + 5 y.
    static func permute(_ lanes: inout [UInt64]) {
        var register: UInt8 = 1
        for _ in 0..<24 {
            let columns = (0..<5).map { x in (0..<5).reduce(0) { $0 ^ lanes[x + 5 * $1] } }
            for index in 0..<25 {
                let x = index % 5
                lanes[index] ^= columns[(x + 4) % 5] ^ rotated(columns[(x + 1) % 5], 1)
            }
            var moved = lanes
            var (x, y) = (1, 0)
            for step in 0..<24 {
                let amount = (step + 1) * (step + 2) / 2 % 64
                let (nextX, nextY) = (y, (2 * x + 3 * y) % 5)
                moved[nextX + 5 * nextY] = rotated(lanes[x + 5 * y], amount)
                (x, y) = (nextX, nextY)
            }
            for row in 0..<5 {
                for x in 0..<5 {
                    lanes[x + 5 * row] =
                        moved[x + 5 * row]
                        ^ (~moved[(x + 1) % 5 + 5 * row] & moved[(x + 2) % 5 + 5 * row])
                }
            }
            for bit in 0..<7 {
                if register & 1 == 1 { lanes[0] ^= 1 << ((1 << UInt64(bit)) - 1) }
                register = register << 1 ^ (register >> 7 == 1 ? 0x71 : 0)
            }
        }
    }

    private static func rotated(_ value: UInt64, _ amount: Int) -> UInt64 {
        amount == 0 ? value : value << UInt64(amount) | value >> UInt64(64 - amount)
    }
}
