// SPDX-License-Identifier: Apache-2.0

/// Contracts that are part of the rules: which a fork has, what they cost and what they answer.
///
/// The table below says for each whether this engine has it. One that a fork has and the engine
/// does not is `missing`: a run that meets it has no valid outcome at all, which whoever runs it
/// must ask for and refuse; it never counts as a failed or successful call. Specified in
/// Protocol/25-execution.md#no-guess.
final class Precompiles {
    /// What a call to one came to.
    enum Outcome {
        /// It cost this much and answered this.
        case success(cost: Int64, output: [UInt8])
        /// Out of gas, or refused input: all gas is gone.
        case failure
    }

    /// What is behind an address.
    private enum Contract {
        case ecrecover, sha256, ripemd160, identity, modexp, blake2f, p256Verify
        case bn254, pointEvaluation, bls12381
        case missing
    }

    let fork: Hardfork
    /// How many of the addresses from 1 on the fork has.
    private let count: UInt64
    /// The first that was called and is not there.
    private(set) var missing: Address?

    init(_ fork: Hardfork) {
        self.fork = fork
        count =
            switch fork {
            case .prague...: 17
            case .cancun...: 10
            case .istanbul...: 9
            case .byzantium...: 8
            default: 4
            }
    }

    /// Whether the fork has a contract there.
    @inline(__always) func isActive(_ address: Address) -> Bool {
        guard address.w1 == 0, address.w2 == 0 else { return false }
        return address.w0 &- 1 < count || address.w0 == 0x100 && fork >= .osaka
    }

    private static func contract(_ address: Address) -> Contract {
        switch address.w0 {
        case 0x01: .ecrecover
        case 0x02: .sha256
        case 0x03: .ripemd160
        case 0x04: .identity
        case 0x05: .modexp
        case 0x06, 0x07, 0x08: .bn254
        case 0x09: .blake2f
        case 0x0a: .pointEvaluation
        case 0x0b...0x11: .bls12381
        case 0x100: .p256Verify
        default: .missing
        }
    }

    /// Runs an active one.
    func run(_ address: Address, _ input: UnsafeRawBufferPointer, gas: Int64) -> Outcome {
        let words = Machine.words(UInt64(input.count))
        switch Self.contract(address) {
        case .ecrecover: return flat(3000, gas) { Self.ecrecover(input) }
        case .sha256: return flat(60 + 12 * words, gas) { Self.sha256(input) }
        case .ripemd160: return flat(600 + 120 * words, gas) { Self.ripemd160(input) }
        case .identity: return flat(15 + 3 * words, gas) { Array(input) }
        case .modexp: return modexp(input, gas: gas)
        case .blake2f: return Self.blake2f(input, gas: gas)
        case .p256Verify: return flat(6900, gas) { Self.p256Verify(input) }
        case .bn254: return bn254(address.w0, input, gas: gas)
        case .pointEvaluation: return pointEvaluation(input, gas: gas)
        case .bls12381: return bls12381(address.w0, input, gas: gas)
        case .missing:
            if missing == nil { missing = address }
            return .failure
        }
    }

    private func flat(_ cost: Int64, _ gas: Int64, _ body: () -> [UInt8]) -> Outcome {
        gas < cost ? .failure : .success(cost: cost, output: body())
    }

    /// Bytes of the input, with zeros behind its end.
    static func padded(
        _ input: UnsafeRawBufferPointer, _ start: Int, _ count: Int
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard start < input.count else { return bytes }
        let available = min(count, input.count - start)
        for index in 0..<available { bytes[index] = input[start + index] }
        return bytes
    }
}
