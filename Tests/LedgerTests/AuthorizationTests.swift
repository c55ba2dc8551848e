// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Testing

/// Who may sign what, and the exact borders of fee and gas.
@Suite struct AuthorizationTests {
    /// A transfer by account 0 whose authorization is changed before it is signed.
    static func bytes(
        _ ledger: LedgerExample, sequence: UInt64 = 0, signatures: Int = 1,
        _ change: (inout TransactionAuthorization) -> Void
    ) -> [UInt8] {
        let signer = ledger.signers[0]
        let plain = signer.send(1, to: ledger.signers[1].address, sequence: sequence)
        var authorization = plain.authorization
        change(&authorization)
        let transaction = CosmosTransaction(body: plain.body, authorization: authorization)
        let document = transaction.signDocument(chainID: "ledger-test", accountNumber: 0)
        let signature = signer.key.sign(digest: SHA256.hash(document)).array
        return transaction.signed(
            by: [[UInt8]](repeating: signature, count: signatures)
        ).encode()
    }

    /// The key may be left out once the ledger knows it, and never be another's.
    @Test func keys() throws {
        var ledger = try LedgerExample()
        #expect(
            ledger.fault(Self.bytes(ledger) { $0.signers[0].publicKey = nil })
                == .invalidKey("the signer's key is not known"))
        let other = ledger.signers[1].key.publicKey
        #expect(
            ledger.fault(
                Self.bytes(ledger) {
                    $0.signers[0] = TransactionSignerInfo(key: other, sequence: 0)
                }) == .invalidKey("the key is another account's"))
        let foreign = Self.bytes(ledger) {
            $0.signers[0].publicKey?.typeURL = "/cosmos.crypto.ed25519.PubKey"
        }
        #expect(ledger.fault(foreign)?.code == 8)
        #expect(ledger.fault(Self.bytes(ledger) { _ in }) == nil)
        #expect(
            ledger.fault(Self.bytes(ledger, sequence: 1) { $0.signers[0].publicKey = nil }) == nil)
        #expect(try ledger.account(0).sequence == 2)
    }

    /// One signer in the direct mode, one signature, no granter, no other payer.
    @Test func oneDirectSigner() throws {
        var ledger = try LedgerExample()
        let text = ledger.signers[1].bech32
        let refused: [[UInt8]] = [
            Self.bytes(ledger, signatures: 2) { _ in },
            Self.bytes(ledger) { $0.signers[0].mode = .single(127) },
            Self.bytes(ledger) { $0.signers[0].mode = .single(0) },
            Self.bytes(ledger) { $0.signers[0].mode = .multiple },
            Self.bytes(ledger) { $0.signers.append($0.signers[0]) },
            Self.bytes(ledger) { $0.signers = [] },
            Self.bytes(ledger) { $0.fee.granter = text },
            Self.bytes(ledger) { $0.fee.payer = text },
        ]
        for bytes in refused { #expect(ledger.fault(bytes)?.code == 18) }
        #expect(ledger.fault(Self.bytes(ledger) { $0.fee.payer = "x" })?.code == 7)
        let own = ledger.signers[0].bech32
        #expect(ledger.fault(Self.bytes(ledger) { $0.fee.payer = own }) == nil)
    }

    /// Fees in other coins, in several, or none.
    @Test func coins() throws {
        var ledger = try LedgerExample()
        for coins in [
            [Coin(denom: "other", amount: 400)],
            [Coin(denom: "utia", amount: 400), Coin(denom: "utia", amount: 1)],
            [Coin(denom: "utia", amount: 0)],
        ] {
            #expect(ledger.fault(Self.bytes(ledger) { $0.fee.amount = coins })?.code == 10)
        }
        #expect(ledger.fault(Self.bytes(ledger) { $0.fee.amount = [] })?.code == 13)
    }

    /// What is used may be used up: gas, fee and balance are compared with at least, not more.
    @Test func borders() throws {
        var ledger = try LedgerExample()
        let signer = ledger.signers[0]
        func send(gas: UInt64, fee: UInt64) -> [UInt8] {
            signer.send(1, to: signer.address, sequence: 0, gasLimit: gas, fee: fee).encode()
        }
        let used = try LedgerExample.transition.read(send(gas: 50_000, fee: 1000)).gasUsed
        #expect(
            ledger.fault(send(gas: used - 1, fee: 1000))
                == .outOfGas(wanted: used - 1, used: used))
        let least = LedgerExample.rules.minimumGasPrice.fee(forGas: used)
        guard case .feeTooLow(_, let required) = ledger.fault(send(gas: used, fee: least - 1))
        else {
            Issue.record("a fee below the least is taken")
            return
        }
        #expect(required.amount == least)
        var copy = ledger
        #expect(copy.fault(send(gas: used, fee: least)) == nil)
        let all = send(gas: used + 100, fee: 1_000_000)
        guard case .insufficientFunds(let available, let needed) = ledger.fault(all) else {
            Issue.record("the whole balance was not taken as a fee")
            return
        }
        #expect(available.amount == 0 && needed.amount == 1)
        #expect(try ledger.account(0).balance == 0 && ledger.account(0).sequence == 1)
    }

    /// A node may ask for more than the network, but a block only for the network's price.
    @Test func localPrice() throws {
        var ledger = try LedgerExample()
        let bytes = ledger.signers[0].send(
            1, to: ledger.signers[1].address, sequence: 0, price: GasPrice(millionths: 1000)
        ).encode()
        let read = try LedgerExample.transition.read(bytes)
        #expect(throws: LedgerFault.self) {
            try LedgerExample.transition.check(
                read, on: ledger.state, height: Height(1), price: GasPrice(millionths: 1001))
        }
        #expect(ledger.fault(bytes) == nil)
    }
}
