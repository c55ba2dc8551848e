// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
package import DataSquare

/// Proofs as celestia-node writes them; members that hold their zero are left out where Go does.
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

    /// Reads an NMT proof.
    package static func namespaceProof(_ value: JSONNode) throws(ParameterFault) -> NamespaceProof {
        guard case .object = value else { throw .mismatch(value, "nmt.Proof") }
        let object = JSONObject(value, "nmt.Proof")
        var nodes: [NamespacedHash] = []
        for element in try object.array("nodes", limit: NamespaceProof.nodesMax) {
            nodes.append(try node(element))
        }
        var leaf: NamespacedHash?
        if let value = object.optional("leaf_hash"), value.text != "" { leaf = try node(value) }
        return NamespaceProof(
            start: try place(object, "start"), end: try place(object, "end"), nodes: nodes,
            leafHash: leaf,
            isMaxNamespaceIgnored: object.optional("is_max_namespace_ignored")?.boolean ?? false)
    }

    /// Reads a blob's proof; nil stands for `null`.
    static func blobProof(_ value: JSONNode) throws(ParameterFault) -> [NamespaceProof]? {
        if value.isNull { return nil }
        guard let elements = value.elements else { throw .mismatch(value, "blob.Proof") }
        guard elements.count <= rowsMax else {
            throw ParameterFault("\(elements.count) proofs, the limit is \(rowsMax)")
        }
        var proofs: [NamespaceProof] = []
        for element in elements { proofs.append(try namespaceProof(element)) }
        return proofs
    }

    /// Reads a node: 90 bytes in base64.
    static func node(_ value: JSONNode) throws(ParameterFault) -> NamespacedHash {
        let bytes = try JSONBytes.base64(value, type: "[]uint8")
        do throws(DecodeFault) {
            return try NamespacedHash(decoding: bytes)
        } catch {
            throw ParameterFault(error.description)
        }
    }

    private static func place(_ object: JSONObject, _ name: String) throws(ParameterFault) -> Int {
        guard object.optional(name) != nil else { return 0 }
        let place = try object.integer(name, Int.self)
        guard place >= 0 else { throw ParameterFault("\(name) is negative") }
        return place
    }
}
