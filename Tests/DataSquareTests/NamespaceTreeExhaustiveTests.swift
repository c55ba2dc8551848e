// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Testing

/// Every small tree, every question to it, and every way to tamper with one node of the answer.
@Suite struct NamespaceTreeExhaustiveTests {
    /// A small namespace: the number in the last byte.
    private static func namespace(_ number: UInt8) -> Namespace {
        var bytes = FixedBytes<29>()
        bytes[28] = number
        return Namespace(unchecked: bytes)
    }

    private static func leaf(_ index: Int) -> [UInt8] { [UInt8(index), 7, 7] }

    private static func tree(_ numbers: [UInt8]) throws -> NamespacedMerkleTree {
        var tree = NamespacedMerkleTree()
        for (index, number) in numbers.enumerated() {
            try tree.push(namespace: namespace(number), data: leaf(index))
        }
        return tree
    }

    /// All ways to give `count` leaves even namespaces 2, 4, 6 in order.
    private static func assignments(_ count: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for first in 0...count {
            for second in first...count {
                found.append((0..<count).map { $0 < first ? 2 : $0 < second ? 4 : 6 })
            }
        }
        return found
    }

    /// In every tree of up to eight leaves, every range is proven, and by no other range's proof.
    @Test func everyRangeOfEveryTree() throws {
        var ranges = 0
        for count in 1...8 {
            let tree = try Self.tree([UInt8](repeating: 5, count: count))
            for start in 0..<count {
                for end in start + 1...count {
                    ranges += 1
                    let proof = tree.proof(of: start..<end)
                    let leaves = (start..<end).map { Self.leaf($0) }
                    for known in [nil, count] {
                        #expect(
                            proof.verifyInclusion(
                                namespace: Self.namespace(5), leaves: leaves, root: tree.root,
                                leafCount: known))
                    }
                    #expect(
                        !proof.verifyInclusion(
                            namespace: Self.namespace(5), leaves: leaves, root: tree.root,
                            leafCount: count + 1)
                            || NamespaceRangeFold.nodeCount(
                                range: start..<end, leafCount: count + 1) == proof.nodes.count
                    )
                    for other in 0..<count where other != start {
                        let shifted = NamespaceProof(
                            start: other, end: other + end - start, nodes: proof.nodes)
                        #expect(
                            !shifted.verifyInclusion(
                                namespace: Self.namespace(5), leaves: leaves, root: tree.root,
                                leafCount: count))
                    }
                }
            }
        }
        #expect(ranges == 120)
    }

    /// Every namespace of every tree is proven present, absent within or outside, and every
    /// alteration of one node, of the leaf's node, of the leaves or of the range is refused.
    @Test func everyNamespaceOfEveryTree() throws {
        var counts = (present: 0, absent: 0, outside: 0, altered: 0)
        for count in 1...8 {
            for numbers in Self.assignments(count) {
                let tree = try Self.tree(numbers)
                for asked in UInt8(1)...7 {
                    let proof = tree.proof(of: Self.namespace(asked))
                    let leaves = numbers.indices.filter { numbers[$0] == asked }.map(Self.leaf)
                    let question = Question(
                        namespace: Self.namespace(asked), leaves: leaves, root: tree.root,
                        leafCount: count)
                    #expect(question.accepts(proof))
                    counts.present += leaves.isEmpty ? 0 : 1
                    counts.absent += proof.isAbsenceWithin ? 1 : 0
                    counts.outside += proof.isOutside ? 1 : 0
                    for altered in Self.alterations(of: proof) {
                        counts.altered += 1
                        #expect(!question.accepts(altered), "\(numbers) \(asked) \(altered)")
                    }
                    Self.checkLeaves(question, proof)
                }
            }
        }
        print("exhaustive: namespaces: \(counts)")
        #expect(counts.present > 0 && counts.absent > 0 && counts.outside > 0)
    }

    private struct Question {
        var namespace: Namespace
        var leaves: [[UInt8]]
        let root: NamespacedHash
        let leafCount: Int

        func accepts(_ proof: NamespaceProof) -> Bool {
            proof.verifyNamespace(namespace, leaves: leaves, root: root, leafCount: leafCount)
        }
    }

    /// Withheld, repeated, swapped and altered leaves are refused, and so is another namespace.
    private static func checkLeaves(_ question: Question, _ proof: NamespaceProof) {
        var other = question
        other.leaves.append([1])
        #expect(!other.accepts(proof))
        guard !question.leaves.isEmpty else { return }
        other = question
        other.leaves.removeLast()
        #expect(!other.accepts(proof))
        other = question
        other.leaves[0][0] ^= 1
        #expect(!other.accepts(proof))
        if question.leaves.count > 1 {
            other = question
            other.leaves.swapAt(0, 1)
            #expect(!other.accepts(proof))
        }
        for number in UInt8(1)...7 where namespace(number) != question.namespace {
            other = question
            other.namespace = namespace(number)
            #expect(!other.accepts(proof))
        }
    }

    private static func alterations(of proof: NamespaceProof) -> [NamespaceProof] {
        var found: [NamespaceProof] = []
        func add(
            start: Int? = nil, end: Int? = nil, nodes: [NamespacedHash]? = nil,
            leafHash: NamespacedHash? = nil
        ) {
            found.append(
                NamespaceProof(
                    start: start ?? proof.start, end: end ?? proof.end,
                    nodes: nodes ?? proof.nodes, leafHash: leafHash ?? proof.leafHash))
        }
        for index in proof.nodes.indices {
            for place in [0, 28, 29, 57, 58, 89] {
                for bit in [UInt8(1), 2, 128] {
                    var nodes = proof.nodes
                    nodes[index] = flipped(nodes[index], place, bit)
                    add(nodes: nodes)
                }
            }
            var nodes = proof.nodes
            nodes.remove(at: index)
            add(nodes: nodes)
            nodes.insert(proof.nodes[index], at: index)
            nodes.insert(proof.nodes[index], at: index)
            add(nodes: nodes)
        }
        if let leafHash = proof.leafHash {
            for place in [0, 28, 29, 57, 58, 89] { add(leafHash: flipped(leafHash, place, 1)) }
        }
        if !proof.isOutside {
            add(start: proof.start + 1)
            add(end: proof.end + 1)
            add(end: proof.end - 1)
            add(start: proof.start + 1, end: proof.end + 1)
            if proof.start > 0 { add(start: proof.start - 1) }
            if !proof.isAbsenceWithin { add(leafHash: .empty) }
        }
        return found
    }

    private static func flipped(
        _ node: NamespacedHash, _ place: Int, _ bit: UInt8
    ) -> NamespacedHash {
        var bytes = node.bytes
        bytes[place] ^= bit
        return NamespacedHash(bytes)
    }

    /// A proof with fewer nodes than lie left of its start is refused, whatever it then leads to
    /// (GHSA-r9fq-g486-v8pg).
    @Test func tooFewNodesOnTheLeft() throws {
        let tree = try Self.tree([2, 2, 4, 4])
        // The whole tree's root, claimed to be two leaves that start at place 2 with no left node.
        let forged = NamespaceProof(start: 2, end: 4, nodes: [])
        let leaves = [Self.leaf(2), Self.leaf(3)]
        let subtree = tree.subtreeRoot(2..<4)
        for known in [nil, 2, 4] {
            #expect(
                !forged.verifyNamespace(
                    Self.namespace(4), leaves: leaves, root: subtree, leafCount: known))
            #expect(
                !forged.verifyInclusion(
                    namespace: Self.namespace(4), leaves: leaves, root: subtree, leafCount: known))
        }
    }

    /// Parity beside data is passed over: the root of a data row ends at its last data namespace,
    /// and a request for parity there is answered as outside.
    @Test func parityIsPassedOver() throws {
        var tree = try Self.tree([2, 4])
        try tree.push(namespace: .parity, data: [1])
        try tree.push(namespace: .parity, data: [2])
        #expect(tree.root.maximum == Self.namespace(4))
        #expect(tree.proof(of: .parity).isOutside)
        #expect(
            tree.proof(of: .parity).verifyNamespace(
                .parity, leaves: [], root: tree.root, leafCount: 4))
        let five = tree.proof(of: Self.namespace(5))
        #expect(five.isOutside)
        let three = tree.proof(of: Self.namespace(3))
        #expect(three.isAbsenceWithin && three.start == 1)
    }

    /// Places so large that arithmetic could overflow are refused, not trapped on.
    @Test func hugePlaces() throws {
        let tree = try Self.tree([2, 4])
        for (start, end) in [
            (0, Int.max), (Int.max - 1, Int.max), (Int.min, 0), (Int.min, Int.max),
            (1 << 62, (1 << 62) + 1), (-1, 0), (1, 0), (Int.max, Int.max),
        ] {
            let proof = NamespaceProof(start: start, end: end, nodes: [tree.root])
            for leaves in [[], [[UInt8(1)]]] {
                #expect(
                    !proof.verifyNamespace(Self.namespace(2), leaves: leaves, root: tree.root))
                #expect(
                    !proof.verifyInclusion(
                        namespace: Self.namespace(2), leaves: leaves, root: tree.root))
            }
            #expect(
                !proof.verifySubtreeRootInclusion([tree.root], width: 1, root: tree.root))
        }
    }
}
