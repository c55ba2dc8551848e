// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Shares as a stranger may send them, against the reference's word.
@Suite struct ShareParseVectors {
    /// Every case is read or refused as the reference does, from separate shares and from one buffer.
    @Test func everyCase() throws {
        for test in try Vectors.family("share_parse").cases {
            let id = try test["id"].string
            let shares = try test["shares"].array.map { try Share(decoding: try $0.hex) }
            let flat = shares.flatMap(\.bytes)
            if try test["parse_blobs_ok"].bool {
                let blobs = try ShareParser.blobs(in: shares).map(\.blob)
                #expect(try ShareParser.blobs(inFlat: flat[...]).map(\.blob) == blobs, "\(id)")
                let expected = try test["blobs"].array
                #expect(blobs.count == expected.count, "\(id)")
                for (blob, expected) in zip(blobs, expected) { try check(blob, expected, id) }
            } else {
                #expect(throws: DecodeFault.self, "\(id)") { try ShareParser.blobs(in: shares) }
            }
            let parsed = try test["parse_sequences"]
            if try parsed["ok"].bool {
                let sequences = try ShareParser.sequences(in: shares)
                #expect(try ShareParser.sequences(inFlat: flat[...]) == sequences, "\(id)")
                let expected = try parsed["sequences"].array
                #expect(
                    sequences.map(\.shares.count)
                        == (try expected.map { try $0["shares"].integer }), "\(id)")
                #expect(
                    sequences.map { $0.namespace.bytes.array }
                        == (try expected.map { try $0["namespace"].hex }), "\(id)")
            } else {
                #expect(throws: DecodeFault.self, "\(id)") {
                    try ShareParser.sequences(in: shares)
                }
            }
        }
    }

    private func check(_ blob: Blob, _ expected: JSONTree, _ id: String) throws {
        #expect(blob.namespace.bytes.array == (try expected["namespace"].hex), "\(id)")
        #expect(Int(blob.shareVersion) == (try expected["share_version"].integer), "\(id)")
        #expect((blob.signer?.array ?? []) == (try expected["signer"].hex), "\(id)")
        #expect(blob.data.count == (try expected["data_len"].integer), "\(id)")
        #expect(SHA256.hash(blob.data).hex == (try expected["data_sha256"].string), "\(id)")
    }
}
