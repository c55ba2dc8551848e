// SPDX-License-Identifier: Apache-2.0

import DataSquare
import TestSupport
import Testing

/// The tree's definition against the reference: roots, the node rule and the order of leaves.
@Suite struct NamespaceTreeVectors {
    /// Every tree has the reference's root, and leaves out of order are refused where it does so.
    @Test func everyTree() throws {
        var count = 0
        for test in try Vectors.family("nmt_trees").cases where test.optional("op") == nil {
            count += 1
            let spec = try TreeOfVector(test["tree"])
            guard try test["ok"].bool else {
                #expect(throws: NamespacedMerkleTree.OrderFault.self) { try spec.tree() }
                continue
            }
            #expect(try spec.tree().rootNode == test["root"].hex, "\(test.id)")
            if let first = test.optional("first_leaf_hash") {
                let leaf = try #require(spec.leaves.first)
                #expect(
                    try spec.rule.leaf(namespace: leaf.namespace, data: leaf.data) == first.hex)
            }
        }
        print("vectors: nmt_trees: \(count) trees")
        #expect(Vectors.isWhole(count, own: 62))
    }

    /// Two nodes give the reference's node, with parity passed over in maxima and without.
    @Test func everyNode() throws {
        var count = 0
        for test in try Vectors.family("nmt_trees").cases where test.optional("op") != nil {
            count += 1
            #expect(try test["op"].string == "hash_node")
            for (name, isIgnored) in [("ignore_max", true), ("no_ignore", false)] {
                let rule = NamespaceTreeRule(
                    namespaceSizeBytes: try test["ns_size"].integer,
                    isMaxNamespaceIgnored: isIgnored)
                let made = rule.node(try test["left"].hex, try test["right"].hex)
                let isMade = try test["\(name)_ok"].bool
                #expect(made == (isMade ? try test[name].hex : nil), "\(test.id)")
            }
        }
        print("vectors: nmt_trees: \(count) nodes")
        #expect(Vectors.isWhole(count, own: 11))
    }
}
