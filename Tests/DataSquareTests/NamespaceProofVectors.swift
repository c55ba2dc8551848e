// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import TestSupport
import Testing

/// Proofs of the reference, honest and altered: our verdict, and the bytes that we would send.
///
/// Cases marked lenient are altered proofs that the reference takes; we may refuse them, and do so
/// for the flag of ignored maxima, for leaves beside a proof of absence and for inclusion of nothing.
@Suite struct NamespaceProofVectors {
    private struct Tree {
        let spec: TreeOfVector
        let tree: NamespacedMerkleTree
    }

    private static func trees(_ family: VectorFamily) throws -> [Tree] {
        try family.root["trees"].array.map {
            let spec = try TreeOfVector($0)
            let tree = try spec.tree()
            #expect(try tree.rootNode == $0["root"].hex)
            return Tree(spec: spec, tree: tree)
        }
    }

    /// Our verdict on every proof is the reference's, in the form for any size of namespace and, for
    /// the square's kind of tree, in the product's form too.
    @Test func everyVerdict() throws {
        let family = try Vectors.family("nmt_proofs")
        let trees = try Self.trees(family)
        var counts = (all: 0, lenient: 0, refused: 0)
        for test in family.cases where test.optional("op") == nil {
            let tree = trees[try test["tree"].integer]
            let expected = try test["expected"].bool
            let isLenient = try test.optional("lenient")?.bool ?? false
            let verdict = try Self.verdict(on: test, tree)
            counts.all += 1
            counts.lenient += isLenient ? 1 : 0
            counts.refused += isLenient && !verdict ? 1 : 0
            #expect(
                verdict == expected || (isLenient && !verdict),
                "\(test.id) \(test.about)")
        }
        print(
            "vectors: nmt_proofs: \(counts.all) verdicts, \(counts.refused) of \(counts.lenient)",
            "lenient ones refused")
        #expect(Vectors.isWhole(counts.all, own: 4415))
    }

    /// Valid proofs come out of our own tree, with the bytes of the reference's message.
    @Test func everyProofMade() throws {
        let family = try Vectors.family("nmt_proofs")
        let trees = try Self.trees(family)
        var counts = (made: 0, encoded: 0)
        for test in family.cases where test.optional("proof_pb") != nil {
            let tree = trees[try test["tree"].integer]
            let proof = try Self.proof(test["proof"], rule: tree.spec.rule)
            let made =
                try test["verify"].string == "namespace"
                ? tree.tree.generalProof(ofNamespace: try test["namespace"].hex)
                : tree.tree.generalProof(of: proof.start..<proof.end)
            let id = try test["id"].string
            if try test["desc"].string == "valid" {
                #expect(made == proof, "\(id)")
                counts.made += 1
            }
            guard tree.spec.rule == .square else { continue }
            let bytes = try test["proof_pb"].hex
            let decoded = try NamespaceProof(protobuf: bytes)
            #expect(decoded.protobuf == bytes, "\(id)")
            #expect(decoded == (try Self.proof29(test["proof"])), "\(id)")
            counts.encoded += 1
        }
        print("vectors: nmt_proofs: \(counts.made) made, \(counts.encoded) encoded")
        #expect(Vectors.isWhole(counts.made, own: 325))
    }

    /// Ranges that cannot be proven are those that hold no leaf of the tree.
    @Test func everyRange() throws {
        let family = try Vectors.family("nmt_proofs")
        let trees = try Self.trees(family)
        var count = 0
        for test in family.cases where test.optional("op") != nil {
            guard try test["op"].string == "prove_range" else { continue }
            count += 1
            let start = try test["start"].integer
            let end = try test["end"].integer
            let leafCount = trees[try test["tree"].integer].tree.count
            let isProvable = start >= 0 && start < end && end <= leafCount
            #expect(isProvable == (try test["ok"].bool), "\(test.id)")
        }
        print("vectors: nmt_proofs: \(count) ranges")
        #expect(Vectors.isWhole(count, own: 150))
    }

    /// Subtree roots stand under a row's root exactly where the reference says so.
    @Test func everySubtreeRootInclusion() throws {
        let family = try Vectors.family("nmt_proofs")
        let trees = try Self.trees(family)
        var count = 0
        for test in family.cases where test.optional("op") != nil {
            guard try test["op"].string == "subtree_roots" else { continue }
            count += 1
            let tree = trees[try test["tree"].integer]
            #expect(tree.spec.rule == .square)
            let proof = try Self.proof29(test["proof"])
            let root = try test.optional("root")?.hex ?? tree.tree.rootNode
            let width = try test["subtree_width"].integer
            let roots = try test["subtree_roots"].array.map { try NamespacedHash(decoding: $0.hex) }
            let verdict = proof.verifySubtreeRootInclusion(
                roots, width: width, root: try NamespacedHash(decoding: root),
                leafCount: tree.tree.count)
            #expect(verdict == (try test["expected"].bool), "\(test.id)")
            guard try test["desc"].string == "valid" else { continue }
            let cuts = NamespaceRangeProof.cuts(
                of: proof.start..<proof.end, width: width, limit: 1024)
            let expected = try test["leaf_ranges"].array.map {
                let ends = try $0.array
                return try ends[0].integer..<ends[1].integer
            }
            #expect(cuts == expected)
            #expect(cuts?.map { tree.tree.subtreeRoot($0) } == roots)
        }
        print("vectors: nmt_proofs: \(count) subtree root inclusions")
        #expect(Vectors.isWhole(count, own: 188))
    }

    private static func verdict(on test: JSONTree, _ tree: Tree) throws -> Bool {
        let rule = tree.spec.rule
        let proof = try proof(test["proof"], rule: rule)
        let root = try test.optional("root")?.hex ?? tree.tree.rootNode
        let namespace = try test["namespace"].hex
        let leaves = try test["leaves"].array.map { leaf in
            var (own, data) = tree.spec.leaves[try leaf["i"].integer]
            if let offset = leaf.optional("xor_offset") {
                data[try offset.integer] ^= UInt8(try leaf["xor"].integer)
            }
            if let other = leaf.optional("ns") { own = try other.hex }
            return (namespace: own, data: data)
        }
        let isInclusion = try test["verify"].string == "inclusion"
        let isFlagRight =
            try test["proof"]["is_max_namespace_ignored"].bool == rule.isMaxNamespaceIgnored
        // The reference is handed leaves with their own namespace when it asks for completeness.
        let areLeavesOwn = isInclusion || leaves.allSatisfy { $0.namespace == namespace }
        let data = leaves.map { $0.data }
        let verdict =
            isInclusion
            ? proof.verifyInclusion(namespace: namespace, leaves: data, root: root)
            : proof.verifyNamespace(namespace, leaves: data, root: root)
        let general = isFlagRight && areLeavesOwn && verdict
        guard rule == .square else { return general }
        let special = areLeavesOwn && verdict29(test, isInclusion, namespace, data, root)
        #expect(special == general, "\(test.id): two forms, two verdicts")
        return special
    }

    /// The verdict of the product's form; what cannot even be written in it is refused.
    private static func verdict29(
        _ test: JSONTree, _ isInclusion: Bool, _ namespace: [UInt8], _ leaves: [[UInt8]],
        _ root: [UInt8]
    ) -> Bool {
        guard let proof = try? proof29(test["proof"]),
            let root = try? NamespacedHash(decoding: root),
            let bytes = FixedBytes<29>(namespace)
        else { return false }
        let namespace = Namespace(unchecked: bytes)
        return isInclusion
            ? proof.verifyInclusion(namespace: namespace, leaves: leaves, root: root)
            : proof.verifyNamespace(namespace, leaves: leaves, root: root)
    }

    private static func proof(
        _ proof: JSONTree, rule: NamespaceTreeRule
    ) throws -> NamespaceRangeProof {
        let leafHash = try proof["leaf_hash"].hex
        return NamespaceRangeProof(
            rule: rule, start: try proof["start"].integer, end: try proof["end"].integer,
            nodes: try proof["nodes"].array.map { try $0.hex },
            leafHash: leafHash.isEmpty ? nil : leafHash)
    }

    private static func proof29(_ proof: JSONTree) throws -> NamespaceProof {
        let leafHash = try proof["leaf_hash"].hex
        return NamespaceProof(
            start: try proof["start"].integer, end: try proof["end"].integer,
            nodes: try proof["nodes"].array.map { try NamespacedHash(decoding: $0.hex) },
            leafHash: leafHash.isEmpty ? nil : try NamespacedHash(decoding: leafHash),
            isMaxNamespaceIgnored: try proof["is_max_namespace_ignored"].bool)
    }
}
