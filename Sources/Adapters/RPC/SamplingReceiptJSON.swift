// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
internal import DataSquare

/// A sampling receipt as one document: Protocol/schemas/sampling-receipt.schema.json.
///
/// ```text
/// {"format":"quadrat-sampling-receipt","version":1,
///  "height":7,"state":"available","wanted":16,"confidence_ppm":995262,"assumption":"…",
///  "block":{"header":{…},"commit":{…},"validators":[…]},
///  "dah":{"row_roots":[…],"column_roots":[…]},
///  "samples":[{"row":0,"col":3,"share":"…","proof":{…},"proof_type":0,"sha256":"…","peer":"…"}]}
/// ```
package enum SamplingReceiptJSON {
    private static let format = "quadrat-sampling-receipt"
    private static let version = 1
    /// The longest text: the widest square's roots, and as many answers as there may be.
    package static let sizeMax = 64 << 20
    /// Values in such a text.
    package static let valuesMax = 1 << 20

    /// Writes a receipt.
    package static func write(_ receipt: SamplingReceipt, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("format", format)
            writer.member("version", version)
            writer.member("height", receipt.height)
            writer.member("state", receipt.isAvailable ? "available" : "withheld")
            writer.member("wanted", receipt.wanted)
            writer.member("confidence_ppm", receipt.confidencePartsPerMillion)
            writer.member("assumption", SamplingReceipt.assumption)
            writer.member("block") { writer in
                writer.object { LightBlockJSON.writeMembers(receipt.block, to: &$0) }
            }
            writer.member("dah") { HeaderJSON.write(receipt.roots, to: &$0) }
            writer.member("samples") { writer in
                writer.array(receipt.answers) { writer, answer in
                    writer.object { write(answer, to: &$0) }
                }
            }
        }
    }

    /// Reads a receipt; nothing is verified but its form.
    package static func decode(_ value: JSONNode) throws(ParameterFault) -> SamplingReceipt {
        let object = JSONObject(value, "sampling receipt")
        try object.requireFormat(format, version: version)
        guard try object.text("assumption") == SamplingReceipt.assumption else {
            throw ParameterFault("its confidence rests on another assumption than is known")
        }
        var answers: [SamplingReceipt.Answer] = []
        for element in try object.array("samples", limit: SamplingReceipt.samplesMax) {
            answers.append(try answer(element))
        }
        return SamplingReceipt(
            height: try object.integer("height", UInt64.self),
            block: try LightBlockJSON.decode(try object.require("block")),
            roots: try HeaderJSON.roots(try object.require("dah")),
            wanted: try object.integer("wanted", Int.self),
            isAvailable: try isAvailable(try object.text("state")),
            confidencePartsPerMillion: try object.integer("confidence_ppm", Int.self),
            answers: answers)
    }

    private static func isAvailable(_ state: String) throws(ParameterFault) -> Bool {
        switch state {
        case "available": return true
        case "withheld": return false
        default: throw ParameterFault("there is no state '\(state.prefix(32))'")
        }
    }

    private static func write(_ answer: SamplingReceipt.Answer, to writer: inout JSONWriter) {
        writer.member("row", answer.coordinate.row)
        writer.member("col", answer.coordinate.column)
        writer.member("share", base64: answer.sample.share.bytes)
        writer.member("proof") { ProofJSON.write(answer.sample.proof, to: &$0) }
        writer.member("proof_type", answer.sample.axis.wireValue)
        writer.member("sha256", hex: answer.digest.array)
        writer.member("peer", answer.peer)
    }

    private static func answer(_ value: JSONNode) throws(ParameterFault) -> SamplingReceipt.Answer {
        let object = JSONObject(value, "sample")
        let peer = try object.text("peer")
        guard peer.utf8.count <= SamplingReceipt.peerMax else {
            throw ParameterFault("a peer's name is longer than \(SamplingReceipt.peerMax) bytes")
        }
        let proof = try ProofJSON.namespaceProof(try object.require("proof"))
        let bytes = try JSONBytes.base64(try object.require("share"), type: "[]uint8")
        let place = Coordinate(
            row: try object.integer("row", Int.self), column: try object.integer("col", Int.self))
        let axis = try axis(object)
        let digest = try object.requiredDigest("sha256")
        do throws(DecodeFault) {
            return SamplingReceipt.Answer(
                coordinate: place,
                sample: UnverifiedSample(
                    share: try Share(decoding: bytes), proof: proof, axis: axis),
                digest: digest, peer: peer)
        } catch {
            throw ParameterFault(error.description)
        }
    }

    private static func axis(_ object: JSONObject) throws(ParameterFault) -> Axis {
        switch try object.integer("proof_type", Int.self) {
        case 0: return .row
        case 1: return .column
        case let other: throw ParameterFault("there is no proof type \(other)")
        }
    }
}
