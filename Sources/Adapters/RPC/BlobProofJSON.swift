// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
internal import DataSquare

/// A blob's proof as one document: Protocol/schemas/blob-proof.schema.json.
///
/// ```text
/// {"format":"quadrat-blob-proof","version":1,
///  "height":7,"namespace":"…","commitment":"…","data_root":"…","shares":{"start":3,"end":9},
///  "commitment_proof":{…},                     celestia-node's
///  "block":{"header":{…},"commit":{…},"validators":[…]},
///  "path":{"direction":"later","blocks":[…]}   or "earlier" with "headers"; absent without a path
///  "blob":{…}}                                 only where it was asked for
/// ```
package enum BlobProofJSON {
    private static let format = "quadrat-blob-proof"
    private static let version = 1
    /// Values in the text of the longest path.
    package static let valuesMax = 1 << 23
    /// The longest text.
    package static let sizeMax = 256 << 20

    /// Writes a proof.
    package static func write(_ proof: BlobProof, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("format", format)
            writer.member("version", version)
            writer.member("height", proof.claims.height)
            writer.member("namespace", base64: proof.claims.namespace.bytes.array)
            writer.member("commitment", base64: proof.claims.commitment.bytes.array)
            writer.member("data_root", hex: proof.claims.dataRoot.array)
            writer.member("shares") { writer in
                writer.object {
                    $0.member("start", proof.claims.shares.lowerBound)
                    $0.member("end", proof.claims.shares.upperBound)
                }
            }
            writer.member("commitment_proof") { ProofJSON.write(proof.inclusion, to: &$0) }
            writer.member("block") { writer in
                writer.object { LightBlockJSON.writeMembers(proof.block, to: &$0) }
            }
            write(proof.path, to: &writer)
            if let blob = proof.blob {
                writer.member("blob") { BlobJSON.writeContent(blob, to: &$0) }
            }
        }
    }

    /// Reads a proof; nothing is verified but its form.
    package static func decode(_ value: JSONNode) throws(ParameterFault) -> BlobProof {
        let object = JSONObject(value, "blob proof")
        try object.requireFormat(format, version: version)
        let shares = JSONObject(try object.require("shares"), "shares")
        let start = try shares.integer("start", Int.self)
        let end = try shares.integer("end", Int.self)
        guard 0 <= start, start < end else { throw ParameterFault("shares \(start) to \(end)") }
        let claims = BlobProof.Claims(
            height: try object.integer("height", UInt64.self),
            namespace: try JSONBytes.namespace(try object.require("namespace")),
            commitment: ShareCommitment(try object.digest(base64: "commitment")),
            dataRoot: try object.requiredDigest("data_root"), shares: start..<end)
        var blob: Blob?
        if let value = object.optional("blob") { blob = try BlobJSON.decode(value) }
        return BlobProof(
            claims: claims,
            inclusion: try ProofJSON.commitmentProof(try object.require("commitment_proof")),
            block: try LightBlockJSON.decode(try object.require("block")),
            path: try path(object), blob: blob)
    }

    private static func write(_ path: BlobProof.Path, to writer: inout JSONWriter) {
        switch path {
        case .none: break
        case .later(let blocks):
            writer.member("path") { writer in
                writer.object { writer in
                    writer.member("direction", "later")
                    writer.member("blocks") { writer in
                        writer.array(blocks) { writer, block in
                            writer.object { LightBlockJSON.writeMembers(block, to: &$0) }
                        }
                    }
                }
            }
        case .earlier(let headers):
            writer.member("path") { writer in
                writer.object { writer in
                    writer.member("direction", "earlier")
                    writer.member("headers") { writer in
                        writer.array(headers) { HeaderJSON.write($1, .cometBFT, to: &$0) }
                    }
                }
            }
        }
    }

    private static func path(_ object: JSONObject) throws(ParameterFault) -> BlobProof.Path {
        guard let value = object.optional("path") else { return .none }
        let path = JSONObject(value, "path")
        switch try path.text("direction") {
        case "later":
            var blocks: [LightBlock] = []
            for element in try path.array("blocks", limit: BlobProof.blocksMax) {
                blocks.append(try LightBlockJSON.decode(element))
            }
            return .later(blocks)
        case "earlier":
            var headers: [BlockHeader] = []
            for element in try path.array("headers", limit: BlobProof.parentsMax) {
                headers.append(try HeaderJSON.blockHeader(element))
            }
            return .earlier(headers)
        case let other: throw ParameterFault("there is no direction '\(other.prefix(32))'")
        }
    }
}
