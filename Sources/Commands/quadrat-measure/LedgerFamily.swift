// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import Ledger

/// A ledger of many accounts: what a block of transfers costs it, and what of it goes to disk.
enum LedgerFamily {
    private static let accountCount = 100_000
    private static let transferCount = 100

    static func block(_ yardsticks: Yardsticks) -> [Measurement] {
        do {
            return try measured()
        } catch {
            preconditionFailure("a ledger of known accounts: \(error)")
        }
    }

    private static func measured() throws -> [Measurement] {
        guard let key = Secp256k1PrivateKey(bytes: SHA256.hash(Array("measure: sender".utf8)))
        else { preconditionFailure("a digest is a key but for one in 2^127") }
        let set = try ValidatorSet([
            Validator(
                key: .ed25519(Ed25519PrivateKey(seed: Bytes32()).publicKey), votingPower: 1)
        ])
        var genesis = Genesis(chainID: "measure", time: .zero, validatorSet: set)
        genesis.accounts = (0..<accountCount).map { number in
            GenesisAccount(address: address(number, key), balance: 1_000_000_000)
        }
        let transition = LedgerTransition(rules: LedgerRules(genesis))
        let signer = TransactionSigner(key: key, rules: transition.rules, accountNumber: 0)
        let state = try LedgerState(genesis)
        var pending = state
        var block: [ReadTransaction] = []
        for number in 0..<transferCount {
            let recipient = AccountAddress(address(1 + number * 997, key))
            let transaction = signer.send(1, to: recipient, sequence: UInt64(number))
            // The pool has verified the signature before.
            let read = try transition.check(
                try transition.read(transaction.encode()), on: pending, height: Height(1))
            _ = try transition.apply(read, to: &pending, height: Height(1))
            block.append(read)
        }
        var next = state
        var failure: LedgerFault?
        let time = ProcessorClock.median(samples: 31, prepare: { next = state }) {
            do throws(LedgerFault) {
                _ = try transition.apply(block: block, to: &next, height: Height(1))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        let stored = next.changes.reduce(0) { $0 + $1.key.count + ($1.value?.count ?? 0) }
        let name = "accounts=\(accountCount)/transfers=\(transferCount)"
        return [
            Measurement(name: "ledger.block/\(name)", value: time / 1e6, unit: "ms"),
            Measurement(name: "ledger.stored/\(name)", value: Double(stored), unit: "B"),
        ]
    }

    private static func address(_ number: Int, _ key: Secp256k1PrivateKey) -> Bytes20 {
        guard number > 0 else { return AccountAddress(of: key.publicKey).bytes }
        var seed = Array("measure: account ".utf8)
        seed.append(bigEndian: UInt64(number))
        var address = Bytes20()
        let digest = SHA256.hash(seed)
        for index in 0..<20 { address[index] = digest[index] }
        return address
    }
}
