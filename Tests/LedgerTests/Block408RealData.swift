// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Ledger
import TestSupport
import Testing

/// The transactions of Celestia's block 408, which people signed in 2023.
@Suite(.enabled(if: RealData.has("celestia-mainnet-block-408.json"))) struct Block408RealData {
    static func transactions() throws -> [[UInt8]] {
        let file = try JSONTree(contentsOf: try RealData.url("celestia-mainnet-block-408.json"))
        return try file["block"]["data"]["txs"].array.map { try $0.base64 }
    }

    /// Every transaction is canonical, and each of its known messages too.
    @Test func everyTransactionSurvives() throws {
        var counts: [String: Int] = [:]
        for bytes in try Self.transactions() {
            let carrier = try BlobTransaction.decodeIfMarked(bytes, reading: .historical)
            let inner = carrier?.transaction ?? bytes
            let transaction = try CosmosTransaction.decode(inner)
            #expect(transaction.encode() == inner)
            #expect(transaction.authorization.protobuf == transaction.authorizationBytes)
            #expect(transaction.body.protobuf == transaction.bodyBytes)
            for message in transaction.body.messages {
                counts[message.typeURL, default: 0] += 1
                switch message.typeURL {
                case SendMessage.typeURL:
                    #expect(try SendMessage(protobuf: message.value).protobuf == message.value)
                case PayForBlobs.typeURL:
                    #expect(try PayForBlobs(protobuf: message.value).protobuf == message.value)
                default: break
                }
            }
        }
        print("block 408: \(counts.sorted { $0.key < $1.key })")
        #expect(counts[SendMessage.typeURL] == 227 && counts[PayForBlobs.typeURL] == 1)
    }

    /// The one that pays for a blob pays for exactly that blob, and its signature holds.
    @Test func thePaymentIsValid() throws {
        let rules = LedgerRules(chainID: "celestia", squareSizeMax: 64)
        let bytes = try #require(
            try Self.transactions().first {
                try BlobTransaction.decodeIfMarked($0, reading: .historical) != nil
            })
        let read = try LedgerTransition(rules: rules).read(bytes, reading: .historical)
        let key = try #require(try read.transaction.authorization.signers[0].key())
        #expect(AccountAddress(of: key) == read.signer)
        let signature = try Bytes64(decoding: read.transaction.signatures[0])
        for (number, holds) in [(194_866, true), (194_867, false)] as [(UInt64, Bool)] {
            let document = read.transaction.signDocument(
                chainID: "celestia", accountNumber: number)
            #expect(key.isValid(signature, digest: SHA256.hash(document)) == holds)
        }
        guard case .payForBlobs(let payment) = read.action else {
            Issue.record("no payment")
            return
        }
        #expect(payment.blobSizes == [169_275])
        #expect(read.gasUsed < read.gasLimit)
        print("block 408: gas \(read.gasUsed) of \(read.gasLimit), fee \(read.fee)")
    }

    /// Every sender of coins is the account of the key that came along.
    @Test func keysMatchSenders() throws {
        var checked = 0
        for bytes in try Self.transactions() {
            let carrier = try BlobTransaction.decodeIfMarked(bytes, reading: .historical)
            let transaction = try CosmosTransaction.decode(carrier?.transaction ?? bytes)
            guard let message = transaction.body.messages.first,
                message.typeURL == SendMessage.typeURL,
                let key = try transaction.authorization.signers[0].key()
            else { continue }
            let sender = try SendMessage(protobuf: message.value).sender
            #expect(AccountAddress(of: key).bech32(prefix: "celestia") == sender)
            checked += 1
        }
        print("block 408: \(checked) senders are their keys' accounts")
        #expect(checked > 200)
    }
}
