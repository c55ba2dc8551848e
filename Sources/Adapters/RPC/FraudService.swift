// SPDX-License-Identifier: Apache-2.0

internal import Roles

/// `fraud.*`: proofs that a block was encoded wrongly, as celestia-node had them before v0.31.
enum FraudService {
    /// The one kind of proof.
    private static let badEncoding = "badencodingv0.1"

    static var methods: [RPCMethod] {
        [
            RPCMethod("fraud.Get", .read, kind) { call, kind in
                guard isKnown(kind, call) else { return }
                call.answer(.fraudProofs) {
                    guard case .fraudProofs(let proofs) = $0 else { return nil }
                    return { $0.array(proofs) { writer, proof in write(proof, to: &writer) } }
                }
            },
            RPCMethod("fraud.Subscribe", .read, kind, subscribes: true) { call, kind in
                guard isKnown(kind, call), let channel = call.channels?.openApart(call) else {
                    return
                }
                call.server.fraudChannels.removeAll { $0.isClosed }
                call.server.fraudChannels.append(channel)
            },
        ]
    }

    /// `{"proof_type","data"}`.
    static func write(_ proof: [UInt8], to writer: inout JSONWriter) {
        writer.object {
            $0.member("proof_type", badEncoding)
            $0.member("data", base64: proof)
        }
    }

    private static let kind = Parameter<String>.text("proofType", "fraud.ProofType")

    private static func isKnown(_ kind: String, _ call: RPCCall) -> Bool {
        if kind == badEncoding { return true }
        call.fail(.application("fraud: no proofs of type \(kind)"))
        return false
    }
}
