// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Ledger

/// A small chain with three funded accounts.
struct LedgerExample {
    static let rules = LedgerRules(
        chainID: "ledger-test", minimumGasPrice: GasPrice(millionths: 1000), squareSizeMax: 16)
    static let transition = LedgerTransition(rules: rules)

    var signers: [TransactionSigner] = []
    var state = LedgerState()

    init() throws {
        let committee = try ValidatorSet([
            Validator(
                key: .ed25519(Ed25519PrivateKey(seed: Bytes32()).publicKey), votingPower: 1)
        ])
        guard let time = Timestamp(seconds: 0) else { throw ExampleFault() }
        var genesis = Genesis(chainID: "ledger-test", time: time, validatorSet: committee)
        for number in 0..<3 as Range<UInt8> {
            guard let key = Secp256k1PrivateKey(bytes: Bytes32(repeating: number + 1)) else {
                throw ExampleFault()
            }
            let signer = TransactionSigner(
                key: key, rules: Self.rules, accountNumber: UInt64(number))
            signers.append(signer)
            genesis.accounts.append(
                GenesisAccount(address: signer.address.bytes, balance: 1_000_000))
        }
        state = try LedgerState(genesis)
    }

    static func blob(_ size: Int, signer: AccountAddress? = nil) throws -> Blob {
        try Blob(
            namespace: try Namespace(userID: Array("ledger".utf8)),
            data: (0..<size).map { UInt8(truncatingIfNeeded: $0 * 7) },
            shareVersion: signer == nil ? 0 : 1, signer: signer?.bytes)
    }

    func account(_ index: Int) throws -> Account {
        guard let account = state.account(signers[index].address) else { throw ExampleFault() }
        return account
    }

    /// The fault of reading and applying, or nil.
    mutating func fault(_ bytes: [UInt8], height: UInt64 = 1) -> LedgerFault? {
        do throws(LedgerFault) {
            let read = try Self.transition.read(bytes)
            return try Self.transition.apply(read, to: &state, height: Height(height)).fault
        } catch {
            return error
        }
    }
}

struct ExampleFault: Error {}
