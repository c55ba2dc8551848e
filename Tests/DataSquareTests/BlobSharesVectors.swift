// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Blobs as shares, as messages and as digests, against the reference's word.
@Suite struct BlobSharesVectors {
    /// Every operation of the family gives what the reference gave.
    @Test func everyCase() throws {
        for test in try Vectors.family("blob_shares").cases {
            let id = try test["id"].string
            switch try test["op"].string {
            case "split": try checkSplit(test, id)
            case "sparse_shares_needed":
                let count = Blob.shareCount(
                    sizeBytes: try test["sequence_len"].integer,
                    hasSigner: try test["with_signer"].bool)
                #expect(count == (try test["shares"].integer), "\(id)")
            case "compact_shares_needed":
                let count = CompactShareSplitter.shareCount(
                    streamSizeBytes: try test["sequence_len"].integer)
                #expect(count == (try test["shares"].integer), "\(id)")
            case "namespace_padding":
                let share = Padding.share(
                    namespace: try Namespace(decoding: try test["namespace"].hex),
                    shareVersion: UInt8(try test["share_version"].integer))
                #expect(share.bytes == (try test["share"].hex), "\(id)")
                #expect(share.isPadding)
            case "tail_padding": #expect(Padding.tail.bytes == (try test["share"].hex))
            case "reserved_padding": #expect(Padding.reserved.bytes == (try test["share"].hex))
            case let other: Issue.record("\(id): unknown operation \(other)")
            }
        }
    }

    private func checkSplit(_ test: JSONTree, _ id: String) throws {
        guard try test["ok"].bool else {
            #expect(throws: (any Error).self, "\(id)") { try BlobVectorCase.blob(test) }
            return
        }
        let blob = try BlobVectorCase.blob(test)
        let shares = SparseShareSplitter.shares(of: blob)
        #expect(shares.count == (try test["share_count"].integer), "\(id)")
        #expect(blob.shareCount == shares.count, "\(id)")
        let digest = SHA256.hash(shares.flatMap(\.bytes))
        #expect(digest.hex == (try test["shares_sha256"].string), "\(id)")
        #expect(shares.first?.bytes == (try test["first_share"].hex), "\(id)")
        if let second = test.optional("second_share") {
            #expect(shares.last?.bytes == (try second.hex), "\(id)")
        }
        if let prefix = test.optional("last_share_prefix64") {
            #expect(Array(shares[shares.count - 1].bytes.prefix(64)) == (try prefix.hex), "\(id)")
        }
        #expect(blob.hash.hex == (try test["blob_hash"].string), "\(id)")
        let message = blob.protobuf
        #expect(SHA256.hash(message).hex == (try test["blob_proto_sha256"].string), "\(id)")
        if let whole = test.optional("blob_proto") { #expect(message == (try whole.hex)) }
        #expect(try Blob(protobuf: message) == blob, "\(id)")
        let parsed = try ShareParser.blobs(in: shares)
        #expect(parsed.map(\.blob) == [blob], "\(id)")
    }
}
