// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Execution
import Testing

/// Whole transactions on small states, and what went wrong elsewhere under its name.
@Suite struct TransactionExecutorTests {
    /// A state in which the key 0x46… has coins.
    static func state() throws -> (MemoryState, Address) {
        let state = MemoryState()
        let sender = try TransactionCodecTests.address(TransactionCodecTests.key(0x46))
        state.insert(
            sender, nonce: 7, balance: UInt256.one << 220, code: [], storage: [])
        return (state, sender)
    }

    static func execute(
        _ transaction: Transaction, _ state: MemoryState, _ fork: Hardfork
    ) throws -> TransactionOutcome {
        let block = BlockState(base: state)
        let executor = TransactionExecutor(
            state: block, environment: MachineTests.environment(fork))
        let recovered = try #require(RecoveredTransaction(transaction))
        let outcome = try executor.execute(
            recovered, gasLeft: 30_000_000, blobGasLeft: 6 * Transaction.gasPerBlob)
        state.apply(block.takeChanges())
        return outcome
    }

    static func signed(_ change: (inout Transaction) -> Void) throws -> Transaction {
        var transaction = try TransactionCodecTests.example(.dynamicFee)
        transaction.accessList = []
        transaction.data = []
        change(&transaction)
        transaction.signature = try TransactionCodecTests.sign(
            transaction.signingHash, TransactionCodecTests.key(0x46))
        return transaction
    }

    /// Coins move, gas is paid to the fee recipient, the nonce grows.
    @Test func aTransferMovesCoins() throws {
        let (state, sender) = try Self.state()
        let transaction = try Self.signed { $0.value = UInt256(5) }
        let outcome = try Self.execute(transaction, state, .osaka)
        #expect(outcome.succeeded && outcome.gasUsed == 21000)
        #expect(state.account(Address(0xaaaa))?.balance == UInt256(5))
        #expect(state.account(Address(0xfee))?.balance == UInt256(2 * 21000))
        let left = (UInt256.one << 220) &- UInt256(5 + 2 * 21000)
        #expect(state.account(sender) == AccountState(nonce: 8, balance: left))
    }

    /// What cannot stand is refused by its reason, and nothing changes.
    @Test func whatCannotStandIsRefused() throws {
        let (state, _) = try Self.state()
        let root = state.rootHash()
        let cases: [(TransactionFault, (inout Transaction) -> Void)] = [
            (.nonce(expected: 7, actual: 8), { $0.nonce = 8 }),
            (.funds, { $0.value = UInt256.one << 230 }),
            (.intrinsicGas(needed: 21000), { $0.gasLimit = 20999 }),
            (.tipAboveCap, { $0.maxPriorityFeePerGas = UInt256(301) }),
            (.nonceIsLargest, { $0.nonce = .max }),
        ]
        for (fault, change) in cases {
            #expect(throws: fault) {
                try Self.execute(try Self.signed(change), state, .osaka)
            }
            #expect(state.rootHash() == root)
        }
    }

    /// A contract that sends itself to nobody in the transaction that made it burns its coins; an
    /// older one keeps them since Cancun (EIP-6780).
    @Test func selfDestruction() throws {
        let suicide: [UInt8] = [0x30, 0xff]
        for fork in [Hardfork.shanghai, .cancun] {
            let (state, _) = try Self.state()
            state.insert(
                Address(0xaaaa), nonce: 1, balance: UInt256(9), code: suicide, storage: [])
            _ = try Self.execute(try Self.signed { $0.value = .zero }, state, fork)
            #expect((state.account(Address(0xaaaa)) == nil) == (fork < .cancun))
            let making = try Self.signed {
                $0.to = nil
                $0.nonce = 8
                $0.value = UInt256(3)
                $0.data = suicide
            }
            let created = try #require(try Self.execute(making, state, fork).created)
            #expect(state.account(created) == nil)
        }
    }

    /// bor #2270: one account's delegation changes twice in a transaction.
    ///
    /// What runs, and where its jumps may go, is that of the code which is there when the call is
    /// made.
    @Test func delegationsThatChangeRunTheirOwnCode() throws {
        let authority = try TransactionCodecTests.key(0x47)
        let account = try TransactionCodecTests.address(authority)
        // Alike in length; a jump to 4 is right in the second alone.
        let first: [UInt8] = [0x60, 4, 0x56, 0x60, 0x5b, 0x00]
        let second: [UInt8] = [0x60, 4, 0x56, 0x00, 0x5b, 0x00]
        for (last, succeeds) in [(0xb1 as UInt64, false), (0xb2, true)] {
            let (state, _) = try Self.state()
            state.insert(Address(0xb1), nonce: 1, balance: .zero, code: first, storage: [])
            state.insert(Address(0xb2), nonce: 1, balance: .zero, code: second, storage: [])
            var transaction = try TransactionCodecTests.example(.setCode)
            transaction.accessList = []
            transaction.value = .zero
            transaction.to = account
            transaction.authorizations = []
            for (nonce, target) in [(0 as UInt64, 0xb1 + 0xb2 - last), (1, last)] {
                var signing = RLPWriter()
                signing.list { list in
                    list.integer(0 as UInt64)
                    list.address(Address(target))
                    list.integer(nonce)
                }
                transaction.authorizations.append(
                    .init(
                        chainID: .zero, address: Address(target), nonce: nonce,
                        signature: try TransactionCodecTests.sign(
                            Keccak256.hash([0x05] + signing.bytes), authority)))
            }
            transaction.signature = try TransactionCodecTests.sign(
                transaction.signingHash, TransactionCodecTests.key(0x46))
            let outcome = try Self.execute(transaction, state, .prague)
            #expect(outcome.succeeded == succeeds)
            #expect(state.account(account)?.nonce == 2)
        }
    }

    /// A slot that is set and cleared again in later transactions leaves the root of before.
    @Test func clearedSlotsLeaveNothing() throws {
        let (state, _) = try Self.state()
        // Stores the first word of the input in slot 0.
        state.insert(
            Address(0xaaaa), nonce: 1, balance: .zero, code: [0x5f, 0x35, 0x5f, 0x55], storage: [])
        let before = state.storageRoot(Address(0xaaaa))
        for (nonce, value) in [(7 as UInt64, 9 as UInt8), (8, 0)] {
            let transaction = try Self.signed {
                $0.nonce = nonce
                $0.value = .zero
                $0.data = [UInt8](repeating: 0, count: 31) + [value]
            }
            #expect(try Self.execute(transaction, state, .osaka).succeeded)
            let isEmpty = state.storageRoot(Address(0xaaaa)) == before
            #expect(isEmpty == (value == 0))
        }
    }
}
