// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Ledger
import Testing

/// How transactions change balances, sequences and the root, and why they are refused.
@Suite struct LedgerTransitionTests {
    /// A payment for blobs and a transfer do what they say, and nothing is lost.
    @Test func paymentsAndTransfers() throws {
        var ledger = try LedgerExample()
        let supply = ledger.state.supply
        let before = ledger.state.hash
        let blobs = [
            try LedgerExample.blob(100),
            try LedgerExample.blob(5000, signer: ledger.signers[0].address),
        ]
        let paid = try ledger.signers[0].payForBlobs(blobs, sequence: 0)
        #expect(ledger.fault(paid.encode()) == nil)
        let fee = BlobFee.estimate(forBlobs: blobs, price: .usualMinimum)
        #expect(try ledger.account(0).balance == 1_000_000 - fee)
        #expect(try ledger.account(0).sequence == 1 && ledger.state.collectedFees == fee)
        #expect(try ledger.account(0).key == ledger.signers[0].key.publicKey)

        let stranger = AccountAddress(Bytes20(repeating: 9))
        let sent = ledger.signers[0].send(400, to: stranger, sequence: 1)
        #expect(ledger.fault(sent.encode()) == nil)
        #expect(ledger.state.balance(of: stranger) == 400)
        #expect(ledger.state.account(stranger)?.number == 3)
        #expect(ledger.state.supply == supply && ledger.state.hash != before)
    }

    /// The same transactions give the same root on a state read from bytes, block by block.
    @Test func statesSurvive() throws {
        var ledger = try LedgerExample()
        for sequence in 0..<5 as Range<UInt64> {
            for index in 0..<3 {
                let recipient = AccountAddress(Bytes20(repeating: UInt8(sequence) * 3))
                let sent = ledger.signers[index].send(
                    10 + sequence, to: recipient, sequence: sequence)
                var copy = try LedgerState.decode(ledger.state.encode())
                #expect(copy.hash == ledger.state.hash)
                let read = try LedgerExample.transition.read(sent.encode())
                _ = try LedgerExample.transition.apply(read, to: &copy, height: Height(1))
                #expect(ledger.fault(sent.encode()) == nil)
                #expect(copy.hash == ledger.state.hash)
                #expect(copy.encode() == ledger.state.encode())
            }
        }
    }

    /// Every fault of the account or the fee, with the words and numbers that clients look for.
    @Test func faultsThatClientsMatch() throws {
        var ledger = try LedgerExample()
        let signer = ledger.signers[0]
        func send(
            sequence: UInt64 = 0, gas: UInt64 = 100_000, fee: UInt64? = nil, by other: Int = 0
        ) -> [UInt8] {
            ledger.signers[other].send(
                1, to: signer.address, sequence: sequence, gasLimit: gas, fee: fee
            ).encode()
        }
        func expect(
            _ bytes: [UInt8], _ code: UInt32, _ text: String,
            _ location: SourceLocation = #_sourceLocation
        ) {
            let fault = ledger.fault(bytes)
            #expect(fault?.code == code, sourceLocation: location)
            #expect(
                fault?.description.hasSuffix(text) ?? false, "\(String(describing: fault))",
                sourceLocation: location)
            #expect(fault?.codespace == "sdk", sourceLocation: location)
        }
        expect(
            send(sequence: 1), 32,
            "account sequence mismatch, expected 0, got 1: incorrect account sequence")
        expect(
            send(fee: 99), 13,
            "insufficient fees; got: 99utia required: 100utia: insufficient fee")
        expect(send(fee: 1_000_001), 5, "insufficient funds")
        expect(send(gas: 30_000), 11, "out of gas")
        expect([1, 2, 3], 2, "tx parse error")
        expect([UInt8](repeating: 0, count: CosmosTransaction.sizeLimit + 1), 21, "tx too large")
        var other = signer
        other.accountNumber = 1
        expect(
            other.send(1, to: signer.address, sequence: 0).encode(), 4,
            "signature verification failed; please verify account number (0), sequence (0) and "
                + "chain-id (ledger-test): unauthorized")
        let stranger = try #require(Secp256k1PrivateKey(bytes: Bytes32(repeating: 77)))
        expect(
            TransactionSigner(key: stranger, rules: LedgerExample.rules, accountNumber: 0)
                .send(1, to: signer.address, sequence: 0).encode(), 9, "unknown address")
        let late = signer.sign(
            [TypedMessage(typeURL: SendMessage.typeURL, value: [])], sequence: 0,
            gasLimit: 100_000, fee: 400, timeoutHeight: 5)
        expect(late.encode(), 7, "invalid address")
        expect(
            signer.sign([], sequence: 0, gasLimit: 1, fee: 1).encode(), 18, "invalid request")
        expect(
            signer.sign(
                [TypedMessage(typeURL: "/cosmos.authz.v1beta1.MsgExec", value: [])], sequence: 0,
                gasLimit: 1, fee: 1
            ).encode(), 6, "unknown request")
        expect(signer.send(0, to: signer.address, sequence: 0).encode(), 10, "invalid coins")
        expect(
            signer.send(
                1, to: signer.address, sequence: 0, memo: String(repeating: "m", count: 257)
            ).encode(), 12, "memo too large")
        expect(
            signer.send(1, to: signer.address, sequence: 0).signed(by: []).encode(), 15,
            "no signatures supplied")
        #expect(ledger.state.hash == (try LedgerExample().state.hash))
    }

    /// A timeout height is the last at which a transaction counts.
    @Test func timeouts() throws {
        var ledger = try LedgerExample()
        let message = SendMessage(
            sender: ledger.signers[0].bech32, recipient: ledger.signers[1].bech32,
            amount: [Coin(denom: "utia", amount: 1)])
        let bytes = ledger.signers[0].sign(
            [TypedMessage(typeURL: SendMessage.typeURL, value: message.protobuf)], sequence: 0,
            gasLimit: 100_000, fee: 400, timeoutHeight: 5
        ).encode()
        #expect(ledger.fault(bytes, height: 6) == .timedOut(limit: 5, height: Height(6)))
        #expect(ledger.fault(bytes, height: 5) == nil)
    }

    /// A transfer of more than there is fails, but its fee and sequence count.
    @Test func failedTransfersPay() throws {
        var ledger = try LedgerExample()
        let bytes = ledger.signers[0].send(
            1_000_000, to: ledger.signers[1].address, sequence: 0, fee: 400
        ).encode()
        guard case .insufficientFunds(let available, let needed) = ledger.fault(bytes) else {
            Issue.record("it did not fail")
            return
        }
        #expect(available.amount == 999_600 && needed.amount == 1_000_000)
        #expect(try ledger.account(0).balance == 999_600 && ledger.account(0).sequence == 1)
        #expect(try ledger.account(1).balance == 1_000_000)
    }

    /// A block with one transaction that must not be in it changes nothing.
    @Test func blocksAreAllOrNothing() throws {
        var ledger = try LedgerExample()
        let before = ledger.state.hash
        let recipient = ledger.signers[1].address
        func read(_ sequence: UInt64) throws -> ReadTransaction {
            try LedgerExample.transition.read(
                ledger.signers[0].send(1, to: recipient, sequence: sequence).encode())
        }
        let good = [try read(0), try read(1)], bad = [try read(0), try read(2)]
        #expect(throws: LedgerFault.sequence(expected: 1, actual: 2)) {
            try LedgerExample.transition.apply(block: bad, to: &ledger.state, height: Height(1))
        }
        #expect(ledger.state.hash == before)
        let results = try LedgerExample.transition.apply(
            block: good, to: &ledger.state, height: Height(1))
        #expect(results.map(\.code) == [0, 0] && ledger.state.hash != before)
        #expect(TransactionResult.root(results) != TransactionResult.root([]))
    }

    /// One changed byte anywhere in a transaction makes it another or none.
    @Test func everyByteIsSigned() throws {
        let ledger = try LedgerExample()
        let bytes = ledger.signers[0].send(1, to: ledger.signers[1].address, sequence: 0).encode()
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                var copy = ledger
                #expect(copy.fault(changed) != nil, "byte \(index), bit \(bit)")
            }
        }
    }

    /// A transaction that was checked is known to be signed, but only for its chain and account.
    @Test func checkedOnceSignedForever() throws {
        let ledger = try LedgerExample()
        let transition = LedgerExample.transition
        let bytes = ledger.signers[0].send(1, to: ledger.signers[1].address, sequence: 0).encode()
        let read = try transition.read(bytes)
        let checked = try transition.check(read, on: ledger.state, height: Height(1))
        #expect(checked != read)
        #expect(try transition.check(checked, on: ledger.state, height: Height(1)) == checked)
        var first = ledger.state, second = ledger.state
        let one = try transition.apply(read, to: &first, height: Height(1))
        let two = try transition.apply(checked, to: &second, height: Height(1))
        #expect(one == two && first.hash == second.hash)

        var rules = LedgerExample.rules
        rules.chainID = "another"
        #expect(throws: LedgerFault.self) {
            try LedgerTransition(rules: rules).check(
                checked, on: ledger.state, height: Height(1))
        }
        var genesis = Genesis(
            chainID: "ledger-test", time: .zero,
            validatorSet: try ValidatorSet([
                Validator(
                    key: .ed25519(Ed25519PrivateKey(seed: Bytes32()).publicKey), votingPower: 1)
            ]))
        for signer in ledger.signers.reversed() {
            genesis.accounts.append(
                GenesisAccount(address: signer.address.bytes, balance: 1_000_000))
        }
        #expect(
            throws: LedgerFault.signature(
                accountNumber: 2, sequence: 0, chainID: "ledger-test")
        ) {
            try transition.check(checked, on: try LedgerState(genesis), height: Height(1))
        }
    }
}
