// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Shows which leaves of a row or column bear a namespace, or that none do.
///
/// Three results: *present* (a range with all leaves of the namespace), *absent within* (the first
/// leaf above it, at the place where it would be) and *outside* (no nodes at all; the root's own
/// range says it). The same form shows that some leaves are included, with nothing left out said.
/// Wire form: `proof.pb.Proof`. Specified in Protocol/04-namespaced-merkle-tree.md#proofs.
public struct NamespaceProof: Hashable, Sendable {
    /// The most nodes that a decoded proof may have; the widest square needs 20.
    public static let nodesMax = 128

    /// The first leaf, from 0.
    public let start: Int
    /// The place after the last leaf.
    public let end: Int
    /// The subtrees around the range, from left to right.
    public let nodes: [NamespacedHash]
    /// For absence within: the node of the leaf that stands where the namespace would be.
    public let leafHash: NamespacedHash?
    /// Whether parity was passed over in maxima, as it must be in a square's trees.
    public let isMaxNamespaceIgnored: Bool

    /// Takes the parts as they are; the verifying functions judge them.
    public init(
        start: Int, end: Int, nodes: [NamespacedHash], leafHash: NamespacedHash? = nil,
        isMaxNamespaceIgnored: Bool = true
    ) {
        self.start = start
        self.end = end
        self.nodes = nodes
        self.leafHash = leafHash
        self.isMaxNamespaceIgnored = isMaxNamespaceIgnored
    }

    /// The proof that a namespace is outside of a root's range.
    public static let outside = NamespaceProof(start: 0, end: 0, nodes: [])

    /// Whether the proof is of the form `outside`.
    public var isOutside: Bool { start == end && nodes.isEmpty && leafHash == nil }
    /// Whether the proof says that a namespace within the root's range has no leaf.
    public var isAbsenceWithin: Bool { leafHash != nil }

    /// Whether `leaves`, all of `namespace`, stand at `start ..< end` under `root`.
    ///
    /// Says nothing about other leaves of the namespace. Where it is known that the tree has
    /// `leafCount` leaves, the proof must have exactly the nodes that such a tree calls for.
    public func verifyInclusion(
        namespace: Namespace, leaves: [[UInt8]], root: NamespacedHash, leafCount: Int? = nil
    ) -> Bool {
        isMaxNamespaceIgnored
            && general.verifyInclusion(
                namespace: namespace.bytes.array, leavesGiven: leaves.count,
                root: root.bytes.array, leafCount: leafCount
            ) { AlignedSubtrees.pieces(of: leaves, from: start, namespace: namespace) }
    }

    /// Whether `leaves`, which may be none, are all that `root` has of `namespace`.
    ///
    /// Where it is known that the tree has `leafCount` leaves, the proof must fit such a tree.
    public func verifyNamespace(
        _ namespace: Namespace, leaves: [[UInt8]], root: NamespacedHash, leafCount: Int? = nil
    ) -> Bool {
        isMaxNamespaceIgnored
            && general.verifyNamespace(
                namespace.bytes.array, leavesGiven: leaves.count, root: root.bytes.array,
                leafCount: leafCount
            ) { AlignedSubtrees.pieces(of: leaves, from: start, namespace: namespace) }
    }

    /// Whether the subtree roots of a blob's part in a row stand at `start ..< end` under `root`.
    ///
    /// The range is cut from its start into pieces of at most `width` leaves, a power of two; each
    /// piece has one subtree root. Where it is known that the row has `leafCount` leaves, the proof
    /// must fit such a row.
    public func verifySubtreeRootInclusion(
        _ subtreeRoots: [NamespacedHash], width: Int, root: NamespacedHash, leafCount: Int? = nil
    ) -> Bool {
        isMaxNamespaceIgnored
            && general.verifySubtreeRoots(
                subtreeRoots.map { $0.bytes.array }, width: width, root: root.bytes.array,
                leafCount: leafCount)
    }

    /// The same proof in the form that the definition speaks of.
    private var general: NamespaceRangeProof {
        NamespaceRangeProof(
            rule: .square, start: start, end: end, nodes: nodes.map { $0.bytes.array },
            leafHash: leafHash?.bytes.array)
    }
}

/// `proof.pb.Proof { int64 start = 1; int64 end = 2; repeated bytes nodes = 3; bytes leaf_hash = 4;
/// bool is_max_namespace_ignored = 5 }`.
extension NamespaceProof {
    /// Decodes the message; negative places and nodes of another size than 90 are refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var start: Int64 = 0
        var end: Int64 = 0
        var nodes: [NamespacedHash] = []
        var leafHash: NamespacedHash?
        var isMaxNamespaceIgnored = false
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: start = try field.signed()
            case 2: end = try field.signed()
            case 3:
                guard nodes.count < Self.nodesMax else {
                    throw DecodeFault(
                        .overLimit(
                            field: "nodes", limit: Self.nodesMax, actual: nodes.count + 1),
                        at: field.offset)
                }
                nodes.append(try NamespacedHash(decoding: field.bytes()))
            case 4:
                let bytes = try field.bytes()
                leafHash = bytes.isEmpty ? nil : try NamespacedHash(decoding: bytes)
            case 5: isMaxNamespaceIgnored = try field.bool()
            default: break
            }
        }
        guard start >= 0, end >= 0 else { throw .malformed("a proof has a negative place") }
        self.init(
            start: Int(start), end: Int(end), nodes: nodes, leafHash: leafHash,
            isMaxNamespaceIgnored: isMaxNamespaceIgnored)
    }

    /// Decodes the message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 16 + 92 * (nodes.count + 1))
        writer.signed(1, Int64(start))
        writer.signed(2, Int64(end))
        for node in nodes { writer.bytes(3, node.bytes) }
        if let leafHash { writer.bytes(4, leafHash.bytes) }
        writer.bool(5, isMaxNamespaceIgnored)
        return writer.bytes
    }
}
