// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Foundation
import TestSupport
import Testing

/// A block of Celestia's main network: 274 transactions, one of which pays for a blob.
@Suite(.enabled(if: RealData.has("celestia-mainnet-block-408.json"))) struct BlobRealData {
    /// The block's transactions give a square of its width, which reads back to the same bytes.
    @Test func squareOfABlockAndBack() throws {
        let (raw, built) = try Self.block()
        #expect(built.square.width == 32)
        let contents = try SquareParser.contents(of: built.square)
        #expect(contents.blockTransactions == raw)
        #expect(contents.transactions.count == 273)
        print("real data: block 408: \(raw.count) transactions there and back")
    }

    /// The blob's commitment is the one that its sender signed.
    @Test func commitmentIsTheSignedOne() throws {
        let (_, built) = try Self.block()
        let contents = try SquareParser.contents(of: built.square)
        let transaction = try #require(contents.blobTransactions.first)
        let blob = try #require(transaction.blobs.first)
        #expect(blob.data.count == 169_275)
        let signed = try Self.commitment(signedIn: transaction.transaction)
        #expect(ShareCommitment(of: blob).bytes.array == signed)
    }

    /// The square's data root is the data hash of the block's header.
    @Test func dataRootIsTheHeaders() throws {
        let file = try JSONTree(
            contentsOf: try RealData.url("celestia-mainnet-block-408.json"))
        let (_, built) = try Self.block()
        let hash = try file["block"]["header"]["data_hash"].base64
        let header = ExtendedDataSquare(extending: built.square).commit()
        #expect(header.dataRoot.array == hash)
    }

    /// The transactions as the block carries them, and the square of app version 1.
    static func block() throws -> (raw: [[UInt8]], built: BuiltSquare) {
        let file = try JSONTree(
            contentsOf: try RealData.url("celestia-mainnet-block-408.json"))
        let raw = try file["block"]["data"]["txs"].array.map { try $0.base64 }
        let entries = try raw.map { bytes in
            try BlobTransaction.decodeIfMarked(bytes, reading: .historical).map(SquareEntry.blob)
                ?? .plain(bytes)
        }
        return (raw, try SquareBuilder.construct(entries, sizeMaximum: 64, appVersion: 1))
    }

    /// MsgPayForBlobs' first share commitment: transaction, body, message, value, field 4.
    private static func commitment(signedIn transaction: [UInt8]) throws -> [UInt8] {
        var message = transaction[...]
        for number in [1, 1, 2, 4] {
            var reader = ProtobufReader(message)
            var found: ArraySlice<UInt8>?
            while let field = try reader.next() {
                if field.number == number, found == nil { found = try field.bytes() }
            }
            message = try #require(found)
        }
        return Array(message)
    }
}
