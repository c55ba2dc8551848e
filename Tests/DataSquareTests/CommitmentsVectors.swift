// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Share commitments and blob starts against the reference's word.
@Suite struct CommitmentsVectors {
    /// Every operation of the family gives what the reference gave.
    @Test func everyCase() throws {
        for test in try Vectors.family("commitments").cases {
            let id = try test["id"].string
            let threshold = try test["subtree_root_threshold"].integer
            switch try test["op"].string {
            case "commitment": try checkCommitment(test, id, threshold)
            case "next_share_index":
                let index = SubtreeAlignment.firstIndex(
                    notBefore: try test["cursor"].integer,
                    shareCount: try test["blob_shares"].integer, threshold: threshold)
                #expect(index == (try test["result"].integer), "\(id)")
            case let other: Issue.record("\(id): unknown operation \(other)")
            }
        }
    }

    private func checkCommitment(_ test: JSONTree, _ id: String, _ threshold: Int) throws {
        let blob = try BlobVectorCase.blob(test)
        let commitment = ShareCommitment(of: blob, threshold: threshold)
        #expect(commitment.bytes.hex == (try test["commitment"].string), "\(id)")
        guard let count = test.optional("share_count") else { return }
        #expect(blob.shareCount == (try count.integer), "\(id)")
        let width = SubtreeAlignment.width(shareCount: blob.shareCount, threshold: threshold)
        #expect(width == (try test["subtree_width"].integer), "\(id)")
        let runs = try test["tree_sizes"].array.map { try $0.array.map { try $0.integer } }
        let sizes = SubtreeAlignment.subtreeSizes(
            shareCount: blob.shareCount, threshold: threshold)
        #expect(sizes == runs.flatMap { Array(repeating: $0[0], count: $0[1]) }, "\(id)")
        let roots = SubtreeRoots.roots(of: blob, threshold: threshold)
        let digest = SHA256.hash(roots.flatMap { $0.bytes.array })
        #expect(digest.hex == (try test["subtree_roots_sha256"].string), "\(id)")
        #expect(roots.first?.bytes.array == (try test["first_subtree_root"].hex), "\(id)")
    }
}
