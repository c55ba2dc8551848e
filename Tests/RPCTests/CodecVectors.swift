// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Foundation
import RPC
import TestSupport
import Testing

/// The JSON of proofs, roots and blobs, held to what the reference implementations wrote.
@Suite struct CodecVectors {
    /// NMT proofs are written as nmt writes them, zero members left out, and read back.
    ///
    /// Trees with namespaces of another size than 29 bytes have no place in the API.
    @Test func namespaceProofs() throws {
        var count = 0
        for vector in try Vectors.family("nmt_proofs").cases {
            guard let json = vector.optional("proof_json") else { continue }
            let parts = try vector["proof"]["nodes"].array + [vector["proof"]["leaf_hash"]]
            guard try parts.allSatisfy({ [0, 90].contains(try $0.hex.count) }) else { continue }
            let proof = try NamespaceProof(protobuf: vector["proof_pb"].hex)
            let expected = Array(try json.string.utf8)
            let text = JSONWriter.text { ProofJSON.write(proof, to: &$0) }
            #expect(try JSONComparison.differences(text, expected) == [], "\(vector.path)")
            #expect(try ProofJSON.namespaceProof(JSONParser.parse(expected)) == proof)
            count += 1
        }
        print("vectors: nmt_proofs: \(count) with JSON")
        #expect(count > 0)
    }

    /// The roots of a square are written as celestia-app writes them, byte for byte.
    @Test func roots() throws {
        var count = 0
        for vector in try Vectors.family("shwap").cases where try vector["op"].string == "dah_json"
        {
            let expected = Array(try vector["json"].string.utf8)
            let roots = try HeaderJSON.roots(try JSONParser.parse(expected))
            #expect(roots.dataRoot.array == (try vector["data_root"].hex))
            #expect(JSONWriter.text { HeaderJSON.write(roots, to: &$0) } == expected)
            count += 1
        }
        print("vectors: shwap: \(count) roots in JSON")
        #expect(count > 0)
    }

    /// Blobs in the form of their wire message are written byte for byte, and read back.
    @Test func blobs() throws {
        var count = 0
        for vector in try Vectors.family("blob_shares").cases {
            guard let json = vector.optional("blob_json") else { continue }
            let blob = try Blob(protobuf: vector["blob_proto"].hex)
            let expected = Array(try json.string.utf8)
            #expect(JSONWriter.text { BlobJSON.writeMessage(blob, to: &$0) } == expected)
            #expect(try BlobJSON.decodeMessage(try JSONParser.parse(expected)) == blob)
            let text = JSONWriter.text {
                BlobJSON.write(blob, commitment: ShareCommitment(of: blob), index: -1, to: &$0)
            }
            #expect(try BlobJSON.decode(try JSONParser.parse(text)) == blob)
            count += 1
        }
        print("vectors: blob_shares: \(count) in JSON")
        #expect(count > 0)
    }
}

/// Headers and proofs of live networks.
@Suite struct CodecRealData {
    /// Headers of test networks are read and written again without a difference.
    ///
    /// They are of the time when a commit's height was a plain number, and their first one has a
    /// null parent: both are put into today's form before they are compared.
    @Test(.enabled(if: RealData.isPresent)) func headers() throws {
        var count = 0
        for file in try RealData.files(in: "devnet-headers") where file.pathExtension == "json" {
            let value = try JSONParser.parse(Array(try Data(contentsOf: file)))
            for element in value.elements ?? [value] {
                let header = try HeaderJSON.decode(element)
                #expect(header.hash == header.commit.blockID.hash)
                let text = JSONWriter.text { HeaderJSON.write(header, to: &$0) }
                let differences = try JSONComparison.differences(
                    text, JSONComparison.text(element))
                #expect(
                    Set(differences).isSubset(of: ["$.commit.height", "$.header.last_block_id"]),
                    "\(differences)")
                #expect(try HeaderJSON.decode(try JSONParser.parse(text)) == header)
                count += 1
            }
        }
        print("real data: \(count) headers in JSON")
        #expect(RealData.isWhole(count, own: 130))
    }

    /// The roots of a recorded square are written as they were.
    @Test(.enabled(if: RealData.has("eds-k4/dah.json"))) func roots() throws {
        let bytes = Array(try Data(contentsOf: RealData.url("eds-k4/dah.json")))
        let value = try JSONParser.parse(bytes)
        let roots = try HeaderJSON.roots(value)
        let text = JSONWriter.text { HeaderJSON.write(roots, to: &$0) }
        #expect(try JSONComparison.differences(text, JSONComparison.text(value)) == [])
    }

    /// Commitment proofs of a live network are read, verified and written again as they were.
    @Test(.enabled(if: RealData.isPresent)) func commitmentProofs() throws {
        var count = 0
        for file in try RealData.files(in: "commitment-proofs") where file.pathExtension == "json" {
            let value = try JSONParser.parse(Array(try Data(contentsOf: file)))
            for element in try #require(value.elements) {
                let object = try #require(element.member("commitment_proof"))
                let proof = try ProofJSON.commitmentProof(object)
                let text = try #require(element.member("root")?.text)
                let root = try Bytes32(decoding: Base64.decode(text))
                _ = try proof.verify(commitment: proof.commitment, dataRoot: root)
                let back = JSONWriter.text { ProofJSON.write(proof, to: &$0) }
                #expect(try JSONComparison.differences(back, JSONComparison.text(object)) == [])
                count += 1
            }
        }
        print("real data: \(count) commitment proofs in JSON")
        #expect(RealData.isWhole(count, own: 20))
    }
}
