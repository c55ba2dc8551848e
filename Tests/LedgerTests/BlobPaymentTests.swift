// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Ledger
import Testing

/// A payment and its blobs must agree in everything.
@Suite struct BlobPaymentTests {
    /// Each way to disagree has its own fault and number.
    @Test func everyDisagreement() throws {
        var ledger = try LedgerExample()
        let signer = ledger.signers[0]
        let blobs = [try LedgerExample.blob(100), try LedgerExample.blob(600)]
        func fault(
            attached: [Blob]? = nil, _ change: (inout PayForBlobs) -> Void
        ) throws -> BlobPaymentFault? {
            var payment = PayForBlobs(signer: signer.bech32, blobs: blobs)
            change(&payment)
            let transaction = signer.sign(
                [TypedMessage(typeURL: PayForBlobs.typeURL, value: payment.protobuf)],
                sequence: 0, gasLimit: 200_000, fee: 800)
            let carried = try BlobTransaction(
                transaction: transaction.encode(), blobs: attached ?? blobs)
            guard case .blob(let fault) = ledger.fault(carried.encode()) else { return nil }
            #expect(LedgerFault.blob(fault).codespace == "blob")
            return fault
        }
        let reserved = Namespace.transactions.bytes.array
        #expect(try fault { $0.namespaces[1] = reserved } == .reservedNamespace)
        #expect(try fault { $0.namespaces[1][5] = 1 } == .invalidNamespace)
        #expect(try fault { $0.namespaces[1].removeLast() } == .invalidNamespace)
        #expect(try fault { $0.namespaces[1][28] ^= 1 } == .namespaceMismatch(index: 1))
        #expect(try fault { $0.blobSizes[0] = 99 } == .sizeMismatch(paid: 99, actual: 100))
        #expect(try fault { $0.blobSizes[0] = 0 } == .emptyBlob)
        #expect(try fault { $0.shareVersions[0] = 1 } == .shareVersion(1))
        #expect(try fault { $0.shareVersions[0] = 2 } == .shareVersion(2))
        #expect(try fault { $0.shareCommitments[1][0] ^= 1 } == .commitment(index: 1))
        #expect(try fault { $0.shareCommitments[1].removeLast() } == .commitment(index: 1))
        #expect(try fault { $0.blobSizes.removeLast() } == .componentMismatch)
        #expect(try fault { $0.shareVersions = [] } == .noBlobs)
        #expect(
            try fault(attached: [blobs[0]]) { _ in } == .countMismatch(paid: 2, attached: 1))
        let foreign = try LedgerExample.blob(100, signer: ledger.signers[1].address)
        #expect(
            try fault(attached: [foreign, blobs[1]]) {
                $0 = PayForBlobs(signer: $0.signer, blobs: [foreign, blobs[1]])
            }
                == .signer(index: 0))
        #expect(try fault { _ in } == nil)
        #expect(try ledger.account(0).sequence == 1)
    }

    /// Payments without blobs, blobs without payments, and payments among other messages.
    @Test func misplacedPayments() throws {
        var ledger = try LedgerExample()
        let signer = ledger.signers[0]
        let blob = try LedgerExample.blob(1)
        let paid = try signer.payForBlobs([blob], sequence: 0)
        #expect(ledger.fault(paid.transaction) == .blob(.withoutBlobs))
        let sent = signer.send(1, to: signer.address, sequence: 0)
        let laden = try BlobTransaction(transaction: sent.encode(), blobs: [blob])
        #expect(ledger.fault(laden.encode()) == .blob(.noPayment))
        let messages = try CosmosTransaction.decode(paid.transaction).body.messages
        let twice = signer.sign(
            messages + sent.body.messages, sequence: 0, gasLimit: 200_000, fee: 800)
        #expect(
            ledger.fault(
                try BlobTransaction(transaction: twice.encode(), blobs: [blob]).encode())
                == .blob(.severalMessages))
    }

    /// Blobs that no square of this chain can hold are refused before they are hashed.
    @Test func tooLargeForTheSquare() throws {
        var ledger = try LedgerExample()
        let blob = try LedgerExample.blob(478 + 482 * 255)
        let paid = try ledger.signers[0].payForBlobs([blob], sequence: 0, fee: 5000)
        #expect(
            ledger.fault(paid.encode()) == .blob(.tooLarge(shares: 257, limit: 256)))
    }

    /// The gas that clients reckon with, from Celestia's own examples.
    @Test func gas() throws {
        #expect(BlobFee.estimatedGas(forBlobs: [try LedgerExample.blob(1)]) == 79_796)
        #expect(BlobFee.estimatedGas(forBlobs: [try LedgerExample.blob(1 << 20)]) == 8_988_596)
        for count in [1, 2, 10, 50] {
            let ledger = try LedgerExample()
            let blobs = try (1...count).map { try LedgerExample.blob($0) }
            let paid = try ledger.signers[0].payForBlobs(blobs, sequence: 0)
            let read = try LedgerExample.transition.read(paid.encode())
            #expect(read.gasUsed <= read.gasLimit, "the usual estimate suffices")
        }
    }
}
