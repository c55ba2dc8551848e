// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Foundation
import TestSupport
import Testing

/// Blocks and squares of live networks, whichever lie there.
@Suite(.enabled(if: RealData.isPresent)) struct AnyBlockRealData {
    /// Every block's transactions give a square whose data root is its header's data hash, which
    /// reads back to the same transactions, and whose blobs have the commitments that were signed.
    @Test func everyBlock() throws {
        var count = 0
        for url in try RealData.entries(where: { $0.hasSuffix(".json") && $0.contains("block") }) {
            let block = try JSONTree(contentsOf: url)["block"]
            let version = try block["header"]["version"]["app"].unsigned
            let raw = try block["data"]["txs"].array.map { try $0.base64 }
            let entries = try raw.map { bytes in
                try BlobTransaction.decodeIfMarked(bytes, reading: .historical)
                    .map(SquareEntry.blob) ?? .plain(bytes)
            }
            let built = try SquareBuilder.construct(
                entries, sizeMaximum: version < 6 ? 128 : 512, appVersion: version)
            let header = ExtendedDataSquare(extending: built.square).commit()
            #expect(header.dataRoot.array == (try block["header"]["data_hash"].base64))
            #expect(try SquareParser.contents(of: built.square).blockTransactions == raw)
            count += 1
        }
        print("real data: \(count) blocks to their data hashes")
    }

    /// Every recorded square is an extension of its first quadrant and has its recorded roots.
    @Test func everySquare() throws {
        var count = 0
        for folder in try RealData.entries(where: { $0.hasPrefix("eds") }) {
            let shares = try JSONTree(contentsOf: folder.appending(path: "eds.json"))[
                "data_square"
            ].array
            let roots = try JSONTree(contentsOf: folder.appending(path: "dah.json"))
            var width = 2
            while width * width < shares.count { width *= 2 }
            let square = try ExtendedDataSquare(
                width: width, bytes: try shares.flatMap { try $0.base64 })
            #expect(square.isEncoded())
            let header = square.commit()
            #expect(
                header.rowRoots.map { $0.bytes.array }
                    == (try roots["row_roots"].array.map { try $0.base64 }))
            #expect(
                header.columnRoots.map { $0.bytes.array }
                    == (try roots["column_roots"].array.map { try $0.base64 }))
            count += 1
        }
        print("real data: \(count) recorded squares to their roots")
    }
}
