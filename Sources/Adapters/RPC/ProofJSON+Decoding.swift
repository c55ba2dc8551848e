// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
package import DataSquare

/// Reading what `ProofJSON` writes.
extension ProofJSON {
    /// Reads an NMT proof.
    package static func namespaceProof(_ value: JSONNode) throws(ParameterFault) -> NamespaceProof {
        guard case .object = value else { throw .mismatch(value, "nmt.Proof") }
        let object = JSONObject(value, "nmt.Proof")
        let nodes = try nodes(object, "nodes", limit: NamespaceProof.nodesMax)
        var leaf: NamespacedHash?
        if let value = object.optional("leaf_hash"), value.text != "" { leaf = try node(value) }
        return NamespaceProof(
            start: try place(object, "start"), end: try place(object, "end"), nodes: nodes,
            leafHash: leaf,
            isMaxNamespaceIgnored: object.optional("is_max_namespace_ignored")?.boolean ?? false)
    }

    /// Reads the proof of a commitment, with quoted or plain integers.
    package static func commitmentProof(
        _ value: JSONNode
    ) throws(ParameterFault) -> CommitmentProof {
        let object = JSONObject(value, "blob.CommitmentProof")
        let roots = try nodes(object, "subtree_roots", limit: SquareSize.sharesMax)
        var proofs: [NamespaceProof] = []
        for element in try object.array("subtree_root_proofs", limit: rowsMax) {
            proofs.append(try namespaceProof(element))
        }
        let identifier = try JSONBytes.base64(
            try object.require("namespace_id"), type: "[]uint8")
        let version = try object.integer("namespace_version", UInt8.self, default: 0)
        let rows = try rowProof(try object.require("row_proof"))
        do throws(DecodeFault) {
            return CommitmentProof(
                subtreeRoots: roots, subtreeRootProofs: proofs,
                namespace: try Namespace(version: version, identifier: identifier),
                rowProof: rows)
        } catch {
            throw ParameterFault("invalid namespace: \(error.description)")
        }
    }

    private static func rowProof(_ value: JSONNode) throws(ParameterFault) -> RowProof {
        let object = JSONObject(value, "proof.RowProof")
        var proofs: [MerkleProof] = []
        for element in try object.array("proofs", limit: rowsMax) {
            proofs.append(try merkleProof(element))
        }
        var root: Bytes32?
        if let value = object.optional("root"), value.text != "" { root = try digest(value) }
        return RowProof(
            rowRoots: try nodes(object, "row_roots", limit: rowsMax), proofs: proofs, root: root,
            startRow: try object.integer("start_row", Int.self, default: 0),
            endRow: try object.integer("end_row", Int.self, default: 0))
    }

    private static func merkleProof(_ value: JSONNode) throws(ParameterFault) -> MerkleProof {
        let object = JSONObject(value, "merkle.Proof")
        var aunts: [Bytes32] = []
        for element in try object.array("aunts", limit: MerkleProof.auntLimit) {
            aunts.append(try digest(element))
        }
        return MerkleProof(
            total: try object.integer("total", Int.self),
            index: try object.integer("index", Int.self, default: 0),
            leafHash: try digest(try object.require("leaf_hash")), aunts: aunts)
    }

    private static func nodes(
        _ object: JSONObject, _ name: String, limit: Int
    ) throws(ParameterFault) -> [NamespacedHash] {
        var nodes: [NamespacedHash] = []
        for element in try object.array(name, limit: limit) { nodes.append(try node(element)) }
        return nodes
    }

    private static func digest(_ value: JSONNode) throws(ParameterFault) -> Bytes32 {
        let bytes = try JSONBytes.base64(value, type: "[]uint8")
        guard let digest = Bytes32(bytes) else {
            throw ParameterFault("a digest has 32 bytes, not \(bytes.count)")
        }
        return digest
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
