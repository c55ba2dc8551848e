// SPDX-License-Identifier: Apache-2.0

internal import CGMP

/// Powers modulo large numbers (EIP-198), priced anew by EIP-2565 and EIP-7883.
extension Precompiles {
    func modexp(_ input: UnsafeRawBufferPointer, gas: Int64) -> Outcome {
        let head = Self.padded(input, 0, 96)
        guard let base = UInt256(bigEndian: head[0..<32]),
            let exponent = UInt256(bigEndian: head[32..<64]),
            let modulus = UInt256(bigEndian: head[64..<96])
        else { return .failure }
        if fork >= .osaka {
            let limit = UInt256(UInt64(ExecutionLimits.powerSizeBytes))
            guard base <= limit, exponent <= limit, modulus <= limit else { return .failure }
        }
        guard let cost = modexpCost(input, base, exponent, modulus), cost <= gas else {
            return .failure
        }
        if base.isZero, modulus.isZero { return .success(cost: cost, output: []) }
        guard base.isSmall, exponent.isSmall, modulus.isSmall else { return .failure }
        if modulus.isZero { return .success(cost: cost, output: []) }
        let output = Self.power(input, Int(base.w0), Int(clamping: exponent.w0), Int(modulus.w0))
        return .success(cost: cost, output: output)
    }

    /// The price; nil when it is beyond any gas.
    private func modexpCost(
        _ input: UnsafeRawBufferPointer, _ base: UInt256, _ exponent: UInt256, _ modulus: UInt256
    ) -> Int64? {
        let larger = base < modulus ? modulus : base
        guard larger.isSmall else {
            // Only a number of zero bytes to the power of anything would be within reach.
            return nil
        }
        let iterations = iterationCount(input, base, exponent)
        let (work, isLarge) = complexity(larger).multiplied(by: iterations)
        let divisor: UInt64 = fork >= .osaka ? 1 : fork >= .berlin ? 3 : 20
        let floor: UInt64 = fork >= .osaka ? 500 : fork >= .berlin ? 200 : 0
        let cost = work / UInt256(divisor)
        guard !isLarge, cost.isSmall, cost.w0 < 1 << 62 else { return nil }
        return Int64(max(cost.w0, floor))
    }

    private func complexity(_ size: UInt256) -> UInt256 {
        if fork >= .osaka {
            if size <= UInt256(32) { return UInt256(16) }
            let words = (size &+ UInt256(7)) >> 3
            return words &* words << 1
        }
        if fork >= .berlin {
            let words = (size &+ UInt256(7)) >> 3
            return words &* words
        }
        if size <= UInt256(64) { return size &* size }
        if size <= UInt256(1024) {
            return size &* size / UInt256(4) &+ UInt256(96) &* size &- UInt256(3072)
        }
        return size &* size / UInt256(16) &+ UInt256(480) &* size &- UInt256(199_680)
    }

    /// The exponent's bits, of which all but the first 256 count eight (sixteen since EIP-7883)
    /// for each byte.
    private func iterationCount(
        _ input: UnsafeRawBufferPointer, _ base: UInt256, _ exponent: UInt256
    ) -> UInt256 {
        let limit = UInt256(32)
        let headSize = Int((exponent < limit ? exponent : limit).w0)
        var head = UInt256.zero
        if base.isSmall, base.w0 < UInt64(input.count) {
            let bytes = Self.padded(input, 96 + Int(base.w0), headSize)
            head = UInt256(bigEndian: bytes) ?? .zero
        }
        let bits = UInt256(UInt64(max(0, head.bitCount - 1)))
        let perByte: UInt64 = fork >= .osaka ? 16 : 8
        var count = bits
        if exponent > limit {
            let (rest, isLarge) = (exponent &- limit).multiplied(by: UInt256(perByte))
            count = isLarge ? .max : rest.adding(bits).overflow ? .max : rest &+ bits
        }
        return count.isZero ? .one : count
    }

    private static func power(
        _ input: UnsafeRawBufferPointer, _ base: Int, _ exponent: Int, _ modulus: Int
    ) -> [UInt8] {
        let b = padded(input, 96, base)
        // Beyond the input's end all is 0; an exponent of which nothing is there is 0.
        let present = max(0, min(exponent, input.count - 96 - base))
        let e = padded(input, 96 + base, present)
        let m = padded(input, saturating(96 + base, exponent), modulus)
        var output = [UInt8](repeating: 0, count: modulus)
        var (x, y, z, r) = (makeInteger(), makeInteger(), makeInteger(), makeInteger())
        defer {
            __gmpz_clear(&x)
            __gmpz_clear(&y)
            __gmpz_clear(&z)
            __gmpz_clear(&r)
        }
        __gmpz_import(&x, b.count, 1, 1, 1, 0, b)
        __gmpz_import(&y, e.count, 1, 1, 1, 0, e)
        __gmpz_import(&z, m.count, 1, 1, 1, 0, m)
        if present < exponent {
            var shifted = makeInteger()
            __gmpz_mul_2exp(&shifted, &y, UInt(8 * (exponent - present)))
            __gmpz_swap(&shifted, &y)
            __gmpz_clear(&shifted)
        }
        if z._mp_size == 0 { return output }
        __gmpz_powm(&r, &x, &y, &z)
        if r._mp_size == 0 { return output }
        let size = (__gmpz_sizeinbase(&r, 2) + 7) / 8
        output.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            _ = __gmpz_export(start + (modulus - size), nil, 1, 1, 1, 0, &r)
        }
        return output
    }

    private static func saturating(_ a: Int, _ b: Int) -> Int {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? Int.max : sum
    }

    private static func makeInteger() -> __mpz_struct {
        var value = __mpz_struct()
        __gmpz_init(&value)
        return value
    }
}
