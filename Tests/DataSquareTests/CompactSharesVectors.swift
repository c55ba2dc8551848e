// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Transactions as shares, and back from any share, against the reference's word.
@Suite struct CompactSharesVectors {
    /// Every operation of the family gives what the reference gave.
    @Test func everyCase() throws {
        for test in try Vectors.family("compact_shares").cases {
            let id = try test["id"].string
            let transactions = try test["txs"].array.map { try DeterministicBytes.bytes(of: $0) }
            var splitter = CompactShareSplitter(
                namespace: try Namespace(decoding: try test["namespace"].hex))
            for transaction in transactions { splitter.append(transaction) }
            switch try test["op"].string {
            case "split": try checkSplit(test, id, splitter, transactions)
            case "parse_from": try checkParse(test, id, splitter.shares(), transactions)
            case let other: Issue.record("\(id): unknown operation \(other)")
            }
        }
    }

    private func checkSplit(
        _ test: JSONTree, _ id: String, _ splitter: CompactShareSplitter,
        _ transactions: [[UInt8]]
    ) throws {
        let shares = splitter.shares()
        #expect(shares.count == (try test["share_count"].integer), "\(id)")
        #expect(splitter.shareCount == shares.count, "\(id)")
        let digest = SHA256.hash(shares.flatMap(\.bytes))
        #expect(digest.hex == (try test["shares_sha256"].string), "\(id)")
        if let first = test.optional("first_share") {
            #expect(shares.first?.bytes == (try first.hex), "\(id)")
        }
        if let prefixes = test.optional("share_prefixes38") {
            for (share, prefix) in zip(shares, try prefixes.array) {
                #expect(Array(share.bytes.prefix(38)) == (try prefix.hex), "\(id)")
            }
        }
        let ranges = try test["tx_share_ranges"].array.map {
            let ends = try $0.array
            return try ends[0].integer..<ends[1].integer
        }
        #expect(splitter.shareRanges == ranges, "\(id)")
        #expect(try ShareParser.transactions(in: shares) == transactions, "\(id)")
    }

    private func checkParse(
        _ test: JSONTree, _ id: String, _ shares: [Share], _ transactions: [[UInt8]]
    ) throws {
        let part = Array(shares.dropFirst(try test["from_share"].integer))
        guard try test["ok"].bool else {
            #expect(throws: DecodeFault.self, "\(id)") {
                try ShareParser.unitsAsReference(in: part)
            }
            return
        }
        let units = try ShareParser.unitsAsReference(in: part)
        #expect(units.map(\.count) == (try test["result_lens"].array.map { try $0.integer }))
        let indexes = units.map { transactions.firstIndex(of: $0) ?? -1 }
        let expected = try test["result_tx_indexes"].array.map { try $0.integer }
        #expect(indexes == expected, "\(id)")
        // Our own reader gives every transaction that starts in these shares, and nothing else.
        let whole = try ShareParser.transactions(in: part)
        #expect(Array(transactions.suffix(whole.count)) == whole, "\(id)")
    }
}
