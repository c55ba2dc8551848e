// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Squares from transactions against the reference's word.
@Suite struct SquaresVectors {
    /// Every list of transactions gives the reference's square, layout, wrappers and data root, or
    /// none.
    @Test func everyCase() throws {
        for test in try Vectors.family("squares").cases {
            if test.optional("steps") != nil {
                try checkSteps(test)
            } else {
                try checkConstruction(test)
            }
        }
    }

    private func checkConstruction(_ test: JSONTree) throws {
        let id = try test["id"].string
        let entries = try test["txs"].array.map(entry)
        let maximum = try test["max_square_size"].integer
        let threshold = try test["subtree_root_threshold"].integer
        guard try test["ok"].bool else {
            #expect(throws: SquareBuildFault.self, "\(id)") {
                try SquareBuilder.construct(
                    entries, sizeMaximum: maximum, subtreeRootThreshold: threshold)
            }
            return
        }
        let built = try SquareBuilder.construct(
            entries, sizeMaximum: maximum, subtreeRootThreshold: threshold)
        #expect(built.square.width == (try test["square_size"].integer), "\(id)")
        let root = ExtendedDataSquare(extending: built.square).commit().dataRoot
        #expect(root.hex == (try test["data_root"].string), "\(id)")
        let digest = SHA256.hash(built.square.bytes)
        #expect(digest.hex == (try test["shares_sha256"].string), "\(id)")
        #expect(built.transactionRanges == (try ranges(try test["tx_share_ranges"])), "\(id)")
        #expect(
            built.blobRanges == (try test["blob_share_ranges"].array.map(ranges)), "\(id)")
        #expect(
            built.indexWrappers.map { SHA256.hash($0.encode()).hex }
                == (try test["wrapped_pfb_sha256"].array.map { try $0.string }), "\(id)")
        try checkRuns(of: built.square, try test["layout_runs"].array, id)
    }

    private func checkSteps(_ test: JSONTree) throws {
        let id = try test["id"].string
        var builder = try SquareBuilder(
            sizeMaximum: try test["max_square_size"].integer,
            subtreeRootThreshold: try test["subtree_root_threshold"].integer)
        for step in try test["steps"].array {
            if try step["kind"].string == "revert_last_blob_tx" {
                let reverted = builder.revertLastBlobTransaction()
                #expect(reverted, "\(id)")
            } else {
                let fits = try builder.append(try entry(step))
                #expect(fits == (try step["fits"].bool), "\(id)")
            }
            if let size = step.optional("current_size") {
                #expect(builder.shareCountEstimate == (try size.integer), "\(id)")
            }
        }
        let square = builder.build().square
        #expect(square.width == (try test["square_size"].integer), "\(id)")
        #expect(SHA256.hash(square.bytes).hex == (try test["shares_sha256"].string), "\(id)")
    }

    private func entry(_ test: JSONTree) throws -> SquareEntry {
        guard try test["kind"].string == "blob_tx" else {
            return .plain(try DeterministicBytes.bytes(of: try test["data"]))
        }
        let value = try BlobTransaction(
            transaction: try DeterministicBytes.bytes(of: try test["tx"]),
            blobs: try test["blobs"].array.map(BlobVectorCase.blob))
        if let digest = test.optional("raw_sha256") {
            let raw = value.encode()
            #expect(SHA256.hash(raw).hex == (try digest.string))
            #expect(raw.count == (try test["raw_len"].integer))
        }
        return .blob(value)
    }

    private func ranges(_ list: JSONTree) throws -> [Range<Int>] {
        try list.array.map {
            let ends = try $0.array
            return try ends[0].integer..<ends[1].integer
        }
    }

    /// Runs of shares of one namespace and kind, where each begins.
    private func checkRuns(
        of square: OriginalDataSquare, _ expected: [JSONTree], _ id: String
    ) throws {
        var runs: [String] = []
        var last: (Namespace, Bool)?
        for index in 0..<square.width * square.width {
            let share = try Share(decoding: square.shareBytes(at: index))
            let kind = (share.namespace, share.isPadding)
            if let last, last == kind { continue }
            last = kind
            runs.append("\(index) \(share.namespace) \(share.isPadding ? "padding" : "data")")
        }
        let wanted = try expected.map {
            "\(try $0["start"].integer) \(try $0["namespace"].string) \(try $0["kind"].string)"
        }
        #expect(runs == wanted, "\(id)")
    }
}
