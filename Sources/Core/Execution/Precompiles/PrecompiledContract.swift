// SPDX-License-Identifier: Apache-2.0

/// Precompiled contracts one at a time, as vectors test them.
public enum PrecompiledContract {
    /// What a call came to.
    public enum Outcome: Hashable, Sendable {
        /// It cost this much gas and answered this.
        case success(cost: UInt64, output: [UInt8])
        /// It took all gas.
        case failure
        /// The fork has no contract there.
        case inactive
        /// The fork has one and this engine does not.
        case missing
    }

    /// Calls the contract of a fork at an address.
    public static func run(
        _ address: Address, _ fork: Hardfork, input: [UInt8], gas: UInt64
    ) -> Outcome {
        let contracts = Precompiles(fork)
        guard contracts.isActive(address) else { return .inactive }
        let outcome = input.withUnsafeBytes {
            contracts.run(address, $0, gas: Int64(clamping: gas))
        }
        if contracts.missing != nil { return .missing }
        return switch outcome {
        case .success(let cost, let output): .success(cost: UInt64(cost), output: output)
        case .failure: .failure
        }
    }
}
