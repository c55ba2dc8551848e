// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import TestSupport
import Testing

/// Blob transactions and index wrappers as bytes, against the reference's word.
@Suite struct BlobTxVectors {
    /// Every case is told apart, read or refused as the reference does.
    @Test func everyCase() throws {
        for test in try Vectors.family("blobtx").cases {
            let id = try test["id"].string
            let raw = try test["raw"].hex
            if let isWrapper = test.optional("is_index_wrapper") {
                try checkWrapper(test, raw, id, isWrapper: try isWrapper.bool)
                continue
            }
            let isMarked = try test["is_blob_tx"].bool
            guard try test["ok"].bool else {
                if isMarked {
                    #expect(throws: DecodeFault.self, "\(id)") {
                        try BlobTransaction.decodeIfMarked(raw, reading: .current)
                    }
                } else {
                    #expect(
                        try BlobTransaction.decodeIfMarked(raw, reading: .current) == nil, "\(id)")
                }
                continue
            }
            let value = try #require(
                try BlobTransaction.decodeIfMarked(raw, reading: .current), "\(id)")
            #expect(value.transaction == (try test["tx"].hex), "\(id)")
            #expect(value.blobs == (try test["blobs"].array.map(blob)), "\(id)")
            // What we write is canonical, whatever was read.
            let canonical = value.encode()
            #expect(try BlobTransaction.decode(canonical) == value, "\(id)")
            if raw != canonical {
                #expect(throws: DecodeFault.self, "\(id)") { try BlobTransaction.decode(raw) }
            }
        }
    }

    private func checkWrapper(
        _ test: JSONTree, _ raw: [UInt8], _ id: String, isWrapper: Bool
    ) throws {
        guard isWrapper else {
            #expect(try IndexWrapper.decodeIfMarked(raw) == nil, "\(id)")
            return
        }
        let value = try #require(try IndexWrapper.decodeIfMarked(raw), "\(id)")
        #expect(value.transaction == (try test["tx"].hex), "\(id)")
        let indexes = try test["share_indexes"].array.map { UInt32(try $0.integer) }
        #expect(value.shareIndexes == indexes, "\(id)")
        #expect(value.encode() == raw, "\(id)")
    }

    private func blob(_ test: JSONTree) throws -> Blob {
        let signer = try test["signer"].hex
        return try Blob(
            namespace: try Namespace(decoding: try test["namespace"].hex),
            data: try DeterministicBytes.bytes(of: try test["data"]),
            shareVersion: UInt8(try test["share_version"].integer),
            signer: signer.isEmpty ? nil : try Bytes20(decoding: signer))
    }
}
