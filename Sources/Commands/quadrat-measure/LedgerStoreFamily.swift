// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import Foundation
internal import Ledger
internal import StateTree
internal import Storage

/// A ledger of a million accounts on disk: what a start and a block cost, beside the same in memory.
enum LedgerStoreFamily {
    private static let accountCount = 1_000_000
    private static let transferCount = 100
    private static let blockCount = 64

    static func store(_ yardsticks: Yardsticks) -> [Measurement] {
        do {
            let directory = FileManager.default.temporaryDirectory
                .appending(path: "quadrat-measure-\(ProcessInfo.processInfo.processIdentifier)")
            defer { try? FileManager.default.removeItem(at: directory) }
            return try measured(NodeStorage(directory.path))
        } catch {
            preconditionFailure("a ledger of known accounts: \(error)")
        }
    }

    private static func measured(_ storage: NodeStorage) throws -> [Measurement] {
        var payer = try Payer()
        let genesis = try LedgerState(payer.genesis)
        let inMemory = try starts(inMemory: genesis, storage)
        let memoryBlock = try blocks(genesis, &payer) { _, _ in }

        let first = try genesis.unstored(in: storage.stateNodes)
        try commit(first, after: 0, storage)
        payer = try Payer()
        let head = first.head
        var opened: LedgerState?
        let start = clock {
            opened = try? LedgerState(head, store: storage.stateNodes)
            _ = opened?.balance(of: AccountAddress(payer.genesis.accounts[77].address))
        }
        guard let opened else { preconditionFailure("what was stored is opened") }
        let diskBlock = try blocks(opened, &payer) { state, before in
            try commit(state, after: before, storage)
            state.stored(through: state.version)
        }
        let name = "accounts=\(accountCount)"
        let block = "\(name)/transfers=\(transferCount)"
        return [
            Measurement(name: "ledger-start/\(name)/all-entries", value: inMemory, unit: "ms"),
            Measurement(name: "ledger-start/\(name)/nodes", value: start, unit: "ms"),
            Measurement(
                name: "ledger-start/\(name)/ratio", value: inMemory / start, unit: "times"),
            Measurement(name: "ledger-block/\(block)/memory", value: memoryBlock, unit: "ms"),
            Measurement(name: "ledger-block/\(block)/nodes", value: diskBlock, unit: "ms"),
            Measurement(
                name: "ledger-block/\(block)/ratio", value: diskBlock / memoryBlock,
                unit: "times"),
        ]
    }

    /// A start that reads each entry from a record of its own and builds the tree anew.
    private static func starts(
        inMemory state: LedgerState, _ storage: NodeStorage
    ) throws -> Double {
        let entries = state.entries
        for start in stride(from: 0, to: entries.count, by: 50_000) {
            try storage.states.put(
                entries[start...].prefix(50_000).map { ("ledger/" + Hex.encode($0.key), $0.value) })
        }
        var hash = Bytes32()
        let time = try clock {
            let records = try storage.states.records(prefix: "ledger/", limit: .max)
            let read = try records.map {
                LedgerEntry(key: try Hex.decode(String($0.name.dropFirst(7))), value: $0.record)
            }
            hash = try LedgerState(read).hash
        }
        precondition(hash == state.hash, "the same entries")
        for start in stride(from: 0, to: entries.count, by: 50_000) {
            try storage.states.put(
                entries[start...].prefix(50_000).map { ("ledger/" + Hex.encode($0.key), nil) })
        }
        return time
    }

    /// The median block, with what `done` does behind it.
    private static func blocks(
        _ state: LedgerState, _ payer: inout Payer,
        _ done: (inout LedgerState, UInt64) throws -> Void
    ) throws -> Double {
        var state = state
        var times: [Double] = []
        for _ in 0..<blockCount {
            let block = try payer.block(transferCount, on: state)
            let before = state.version
            times.append(
                try clock {
                    _ = try payer.transition.apply(
                        block: block, to: &state, height: Height(1))
                    try done(&state, before)
                })
        }
        times.sort()
        return times[times.count / 2]
    }

    private static func commit(
        _ state: LedgerState, after version: UInt64, _ storage: NodeStorage
    ) throws {
        let nodes = state.nodes(after: version)
        var change = StateNodeChange()
        change.written = nodes.written
        change.removed = nodes.removed
        change.stale = nodes.stale
        change.oldestRead = version
        try storage.put(change, records: [("state.head", nodes.head.encode())])
    }

    /// Wall time in milliseconds, since disks are waited for.
    private static func clock(_ body: () throws -> Void) rethrows -> Double {
        let start = ProcessorClock.nanoseconds(of: CLOCK_MONOTONIC)
        try body()
        return (ProcessorClock.nanoseconds(of: CLOCK_MONOTONIC) - start) / 1e6
    }

    /// An account that sends to others, scattered over all.
    private struct Payer {
        let genesis: Genesis
        let transition: LedgerTransition
        private let signer: TransactionSigner
        private var sequence: UInt64 = 0

        init() throws {
            guard let key = Secp256k1PrivateKey(bytes: SHA256.hash(Array("measure: payer".utf8)))
            else { preconditionFailure("a digest is a key but for one in 2^127") }
            let set = try ValidatorSet([
                Validator(
                    key: .ed25519(Ed25519PrivateKey(seed: Bytes32()).publicKey), votingPower: 1)
            ])
            var genesis = Genesis(chainID: "measure", time: .zero, validatorSet: set)
            genesis.accounts = (0..<accountCount).map { number in
                var address = AccountAddress(of: key.publicKey).bytes
                if number > 0 {
                    let digest = SHA256.hash(Array("measure: account \(number)".utf8))
                    for index in 0..<20 { address[index] = digest[index] }
                }
                return GenesisAccount(address: address, balance: 1_000_000_000)
            }
            self.genesis = genesis
            transition = LedgerTransition(rules: LedgerRules(genesis))
            signer = TransactionSigner(key: key, rules: transition.rules, accountNumber: 0)
        }

        /// Transactions whose signatures the pool has verified before.
        mutating func block(_ count: Int, on state: LedgerState) throws -> [ReadTransaction] {
            var pending = state
            var block: [ReadTransaction] = []
            for _ in 0..<count {
                let number = 1 + Int(sequence &* 7_919 % UInt64(accountCount - 1))
                let transaction = signer.send(
                    1, to: AccountAddress(genesis.accounts[number].address), sequence: sequence)
                sequence += 1
                let read = try transition.check(
                    try transition.read(transaction.encode()), on: pending, height: Height(1))
                _ = try transition.apply(read, to: &pending, height: Height(1))
                block.append(read)
            }
            return block
        }
    }
}
