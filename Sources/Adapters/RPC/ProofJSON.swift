// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
package import DataSquare

/// Proofs as celestia-node writes them; members that hold their zero are left out where Go does.
///
/// Specified in Protocol/17-json-rpc.md#omitted.
package enum ProofJSON {
    /// The most proofs that a blob's proof has: one for each row of the widest square.
    package static let rowsMax = SquareSize.upperBound

    /// An NMT proof by the nmt library.
    package static func write(_ proof: NamespaceProof, to writer: inout JSONWriter) {
        writer.object { writer in
            writeRange(proof, to: &writer)
            if proof.isMaxNamespaceIgnored { writer.member("is_max_namespace_ignored", true) }
        }
    }

    /// The same by celestia-core, which has no word for parity.
    static func writeCore(_ proof: NamespaceProof, to writer: inout JSONWriter) {
        writer.object { writeRange(proof, to: &$0) }
    }

    private static func writeRange(_ proof: NamespaceProof, to writer: inout JSONWriter) {
        if proof.start != 0 { writer.member("start", proof.start) }
        if proof.end != 0 { writer.member("end", proof.end) }
        if !proof.nodes.isEmpty {
            writer.member("nodes") { writer in
                writer.array(proof.nodes) { $0.base64($1.bytes.array) }
            }
        }
        if let leaf = proof.leafHash { writer.member("leaf_hash", base64: leaf.bytes.array) }
    }

    /// A proof of a plain Merkle tree; the dialect decides on quotes around its integers.
    static func write(
        _ proof: MerkleProof, _ dialect: JSONDialect, omitsZero: Bool = false,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("total", proof.total, dialect)
            if proof.index != 0 || !omitsZero { writer.member("index", proof.index, dialect) }
            writer.member("leaf_hash", base64: proof.leafHash.array)
            writer.member("aunts") { writer in
                writer.array(proof.aunts) { $0.base64($1.array) }
            }
        }
    }

    /// The proof of a commitment: base64 roots, quoted integers, zeros left out.
    package static func write(_ proof: CommitmentProof, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("subtree_roots") { writer in
                writer.array(proof.subtreeRoots) { $0.base64($1.bytes.array) }
            }
            writer.member("subtree_root_proofs") { writer in
                writer.array(proof.subtreeRootProofs) { write($1, to: &$0) }
            }
            writer.member("namespace_id", base64: proof.namespace.identifier)
            writer.member("row_proof") { writer in
                writer.object { writer in
                    writer.member("row_roots") { writer in
                        writer.array(proof.rowProof.rowRoots) { $0.base64($1.bytes.array) }
                    }
                    writer.member("proofs") { writer in
                        writer.array(proof.rowProof.proofs) {
                            write($1, .cometBFT, omitsZero: true, to: &$0)
                        }
                    }
                    let (start, end) = (proof.rowProof.startRow, proof.rowProof.endRow)
                    if start != 0 { writer.member("start_row", start) }
                    if end != 0 { writer.member("end_row", end) }
                }
            }
            writer.member("namespace_version", proof.namespace.version)
        }
    }

    /// The rows of a range's proof: hexadecimal roots, quoted integers, nothing left out.
    static func writeRange(_ proof: RowProof, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("row_roots") { $0.array(proof.rowRoots) { $0.hex($1.bytes.array) } }
            writer.member("proofs") { writer in
                writer.array(proof.proofs) { write($1, .cometBFT, to: &$0) }
            }
            writer.member("start_row", proof.startRow)
            writer.member("end_row", proof.endRow)
        }
    }
}
