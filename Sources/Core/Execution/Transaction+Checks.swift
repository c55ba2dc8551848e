// SPDX-License-Identifier: Apache-2.0

/// What can be told of a transaction without any state.
extension Transaction {
    /// Gas of one blob.
    public static let gasPerBlob: UInt64 = 131_072

    /// Gas that it costs before anything runs, and the least that it pays in the end (EIP-7623).
    public func intrinsicGas(_ fork: Hardfork) -> (gas: UInt64, floor: UInt64) {
        let zeros = UInt64(data.lazy.filter { $0 == 0 }.count)
        let others = UInt64(data.count) - zeros
        var gas = 21000 + 4 * zeros + (fork >= .istanbul ? 16 : 68) * others
        if to == nil {
            if fork >= .homestead { gas += 32000 }
            if fork >= .shanghai { gas += 2 * UInt64((data.count + 31) / 32) }
        }
        for entry in accessList { gas += 2400 + 1900 * UInt64(entry.slots.count) }
        gas += 25000 * UInt64(authorizations.count)
        return (gas, fork >= .prague ? 21000 + 10 * (zeros + 4 * others) : 0)
    }

    /// Checks all that a fork says of transactions alone.
    public func check(_ fork: Hardfork, chainID: UInt64) throws(TransactionFault) {
        let needed: Hardfork =
            switch kind {
            case .legacy: .frontier
            case .accessList: .berlin
            case .dynamicFee: .london
            case .blob: .cancun
            case .setCode: .prague
            }
        guard fork >= needed else { throw .kind(kind) }
        if let own = self.chainID {
            guard fork >= .spuriousDragon else { throw .signature }
            guard own == chainID else { throw .chainID }
        }
        guard fork < .homestead || signature.s <= Signature.halfOrder else { throw .signature }
        guard nonce < .max else { throw .nonceIsLargest }
        guard fork < .osaka || gasLimit <= ExecutionLimits.transactionGas else { throw .gasLimit }
        let (gas, floor) = intrinsicGas(fork)
        guard gasLimit >= max(gas, floor) else { throw .intrinsicGas(needed: max(gas, floor)) }
        guard maxPriorityFeePerGas <= maxFeePerGas else { throw .tipAboveCap }
        guard !maxFeePerGas.multiplied(by: UInt256(gasLimit)).overflow else { throw .feeOverflow }
        if to == nil, fork >= .shanghai, data.count > ExecutionLimits.creationCodeSizeBytes {
            throw .creationCodeSize
        }
        try checkLists(fork)
    }

    private func checkLists(_ fork: Hardfork) throws(TransactionFault) {
        if kind == .blob {
            guard !blobHashes.isEmpty, blobHashes.allSatisfy({ $0.w3 >> 56 == 1 }) else {
                throw .blobs
            }
            guard fork < .osaka || blobHashes.count <= ExecutionLimits.transactionBlobs else {
                throw .blobs
            }
        }
        if kind == .setCode, authorizations.isEmpty { throw .authorizations }
    }

    /// What it uses of the block's blob gas.
    public var blobGas: UInt64 { Self.gasPerBlob * UInt64(blobHashes.count) }
}
