// SPDX-License-Identifier: Apache-2.0

/// SHAKE256 (FIPS 202), which the recorded frames name their long plaintexts by.
enum Shake256 {
    /// The first `count` bytes for `input`.
    static func make(_ input: [UInt8], count: Int) -> [UInt8] {
        let rate = 136
        var state = [UInt64](repeating: 0, count: 25)
        var padded = input + [0x1f]
        while padded.count % rate != 0 { padded.append(0) }
        padded[padded.count - 1] |= 0x80
        for start in stride(from: 0, to: padded.count, by: rate) {
            for index in 0..<rate {
                state[index / 8] ^= UInt64(padded[start + index]) << UInt64(index % 8 * 8)
            }
            permute(&state)
        }
        var output: [UInt8] = []
        while output.count < count {
            for index in 0..<rate {
                output.append(
                    UInt8(truncatingIfNeeded: state[index / 8] >> UInt64(index % 8 * 8)))
            }
            permute(&state)
        }
        return Array(output.prefix(count))
    }

    private static func permute(_ a: inout [UInt64]) {
        var feedback: UInt8 = 1
        for _ in 0..<24 {
            var parity = [UInt64](repeating: 0, count: 5)
            for index in 0..<25 { parity[index % 5] ^= a[index] }
            for x in 0..<5 {
                let mix = parity[(x + 4) % 5] ^ rotate(parity[(x + 1) % 5], 1)
                for y in 0..<5 { a[x + 5 * y] ^= mix }
            }
            var (x, y, last) = (1, 0, a[1])
            for step in 0..<24 {
                (x, y) = (y, (2 * x + 3 * y) % 5)
                let next = a[x + 5 * y]
                a[x + 5 * y] = rotate(last, (step + 1) * (step + 2) / 2)
                last = next
            }
            for y in 0..<5 {
                let row = (0..<5).map { a[$0 + 5 * y] }
                for x in 0..<5 {
                    a[x + 5 * y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
                }
            }
            for bit in 0..<7 {
                if feedback & 1 == 1 { a[0] ^= 1 << UInt64((1 << bit) - 1) }
                feedback = feedback & 0x80 != 0 ? feedback << 1 ^ 0x71 : feedback << 1
            }
        }
    }

    private static func rotate(_ value: UInt64, _ count: Int) -> UInt64 {
        let shift = UInt64(count % 64)
        return shift == 0 ? value : value << shift | value >> (64 - shift)
    }
}
