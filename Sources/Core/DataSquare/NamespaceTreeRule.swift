// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// How a namespaced Merkle tree hashes, for any size of namespace: the definition, plain and slow.
///
/// A node is `minimum ‖ maximum ‖ SHA-256`. The square's trees use 29-byte namespaces and pass over
/// the parity namespace in maxima (`square`); other sizes exist so that everything which the
/// reference can do holds this one definition. Specified in
/// Protocol/04-namespaced-merkle-tree.md#nodes.
package struct NamespaceTreeRule: Hashable, Sendable {
    /// How long a namespace is, in bytes.
    package let namespaceSizeBytes: Int
    /// Whether the namespace of all ones is passed over in the maximum of a node.
    package let isMaxNamespaceIgnored: Bool

    /// The rule of rows, columns and share commitments.
    package static let square = Self(namespaceSizeBytes: 29, isMaxNamespaceIgnored: true)

    /// Names a rule.
    package init(namespaceSizeBytes: Int, isMaxNamespaceIgnored: Bool) {
        precondition(namespaceSizeBytes > 0, "a namespace has bytes")
        self.namespaceSizeBytes = namespaceSizeBytes
        self.isMaxNamespaceIgnored = isMaxNamespaceIgnored
    }

    /// How long a node is, in bytes.
    package var nodeSizeBytes: Int { 2 * namespaceSizeBytes + 32 }

    /// The root of a tree without leaves: zero namespaces and the digest of nothing.
    package var emptyRoot: [UInt8] {
        [UInt8](repeating: 0, count: 2 * namespaceSizeBytes) + SHA256.hash([UInt8]()).array
    }

    /// The node of one leaf: SHA-256(0x00 ‖ namespace ‖ data) under its namespace twice.
    package func leaf(namespace: [UInt8], data: [UInt8]) -> [UInt8] {
        precondition(
            namespace.count == namespaceSizeBytes, "a leaf's namespace has the rule's size")
        var input: [UInt8] = [0x00]
        input.reserveCapacity(1 + namespace.count + data.count)
        input += namespace
        input += data
        return namespace + namespace + SHA256.hash(input).array
    }

    /// The node above two well-formed ones: SHA-256(0x01 ‖ left ‖ right) under their range.
    ///
    /// Nil when the right one begins below the end of the left one: such a tree is not in order.
    package func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8]? {
        guard isWellFormed(left), isWellFormed(right) else { return nil }
        guard !Self.isLess(minimum(of: right), maximum(of: left)) else { return nil }
        let isRightParity = minimum(of: right).allSatisfy { $0 == 0xff }
        let greatest = isMaxNamespaceIgnored && isRightParity ? left : right
        var input: [UInt8] = [0x01]
        input.reserveCapacity(1 + 2 * nodeSizeBytes)
        input += left
        input += right
        return minimum(of: left) + maximum(of: greatest) + SHA256.hash(input).array
    }

    /// Whether a node has its size and its minimum is not above its maximum.
    package func isWellFormed(_ node: [UInt8]) -> Bool {
        node.count == nodeSizeBytes && !Self.isLess(maximum(of: node), minimum(of: node))
    }

    /// The least namespace below a node.
    package func minimum(of node: [UInt8]) -> ArraySlice<UInt8> {
        node[0..<namespaceSizeBytes]
    }

    /// The greatest namespace below a node.
    package func maximum(of node: [UInt8]) -> ArraySlice<UInt8> {
        node[namespaceSizeBytes..<2 * namespaceSizeBytes]
    }

    /// Bytewise order.
    package static func isLess(_ lhs: ArraySlice<UInt8>, _ rhs: ArraySlice<UInt8>) -> Bool {
        lhs.lexicographicallyPrecedes(rhs)
    }
}
