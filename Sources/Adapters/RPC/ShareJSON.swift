// SPDX-License-Identifier: Apache-2.0

package import DataSquare

/// Squares and pieces of them as `share.*` carries them.
package enum ShareJSON {
    /// `{"share":…,"proof":{…},"proof_type":0|1}`, 0 for a proof to the row's root.
    package static func write(_ sample: VerifiedSample, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("share", base64: sample.share.bytes)
            writer.member("proof") { ProofJSON.write(sample.container.proof, to: &$0) }
            writer.member("proof_type", sample.container.axis.wireValue)
        }
    }

    /// `{"shares":[…],"side":"LEFT"}`: the half from which the other follows.
    package static func write(_ row: Row, to writer: inout JSONWriter) {
        let half = row.container
        writer.object { writer in
            writer.member("shares") { writer in
                writer.array(half.half) { $0.base64($1.bytes) }
            }
            writer.member("side", half.side == .left ? "LEFT" : "RIGHT")
        }
    }

    /// `{"data_square":[…],"codec":"Leopard"}`, row by row.
    package static func write(_ square: ExtendedDataSquare, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("data_square") { writer in
                writer.array { writer in
                    for row in 0..<square.width {
                        for column in 0..<square.width {
                            writer.base64(square.shareBytes(row: row, column: column))
                        }
                    }
                }
            }
            writer.member("codec", "Leopard")
        }
    }

    /// `[{"shares":[…],"proof":{…}}]`; a row without shares has `null` for them.
    package static func write(_ data: NamespaceData, to writer: inout JSONWriter) {
        writer.array(data.rows) { writer, row in
            writer.object { writer in
                writer.member("shares") { writer in
                    if row.shares.isEmpty { return writer.null() }
                    writer.array(row.shares) { $0.base64($1.bytes) }
                }
                writer.member("proof") { ProofJSON.write(row.proof, to: &$0) }
            }
        }
    }
}

extension ShareJSON {
    /// `{"Shares":[…],"Proof":{…}}`: what `share.GetRange` gives, its row roots in hexadecimal.
    package static func write(_ proof: ShareProof, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("Shares") { $0.array(proof.shares) { $0.base64($1.bytes) } }
            writer.member("Proof") { writer in
                writer.object { writer in
                    writer.member("data") { $0.array(proof.shares) { $0.base64($1.bytes) } }
                    writer.member("share_proofs") { writer in
                        writer.array(proof.shareProofs) { ProofJSON.writeCore($1, to: &$0) }
                    }
                    writer.member("namespace_id", base64: proof.namespace.identifier)
                    writer.member("row_proof") { ProofJSON.writeRange(proof.rowProof, to: &$0) }
                    writer.member("namespace_version", proof.namespace.version)
                }
            }
        }
    }
}
