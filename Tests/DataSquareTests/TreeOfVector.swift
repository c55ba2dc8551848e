// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import TestSupport

/// A tree that a vector describes, with its leaves.
struct TreeOfVector {
    let rule: NamespaceTreeRule
    let leaves: [(namespace: [UInt8], data: [UInt8])]

    /// Reads a tree of the kind `leaves`, or the axis of a square.
    init(_ spec: JSONTree) throws {
        rule = NamespaceTreeRule(
            namespaceSizeBytes: try spec["ns_size"].integer,
            isMaxNamespaceIgnored: try spec["ignore_max_ns"].bool)
        if try spec["kind"].string == "leaves" {
            leaves = try spec["leaves"].array.map {
                ($0.optional("ns") == nil ? [] : try $0["ns"].hex, try Self.data($0))
            }
        } else {
            let square = try SquareOfVector(spec["ods"]).extended
            let axis: Axis = try spec["axis"].string == "row" ? .row : .column
            let index = try spec["index"].integer
            leaves = (0..<square.width).map { position in
                let place = Coordinate(axis, index, position: position)
                let share = [UInt8](square.shareBytes(at: place))
                let isOriginal = place.isOriginal(width: square.width)
                return (isOriginal ? Array(share.prefix(29)) : Namespace.parity.bytes.array, share)
            }
        }
    }

    private static func data(_ leaf: JSONTree) throws -> [UInt8] {
        if let data = leaf.optional("data") { return try data.hex }
        return try DeterministicBytes.bytes(of: leaf)
    }

    /// The tree; throws when the leaves are out of order.
    func tree() throws(NamespacedMerkleTree.OrderFault) -> NamespacedMerkleTree {
        var tree = NamespacedMerkleTree(rule: rule)
        for leaf in leaves { try tree.push(namespaceBytes: leaf.namespace, data: leaf.data) }
        return tree
    }
}
