// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A node of a namespaced Merkle tree: 90 bytes that say which namespaces lie below, and a digest.
///
/// ```text
/// 0         29        58                          90
/// | minimum | maximum | SHA-256 of what is below  |
/// ```
/// Source: celestiaorg/nmt; specified in Protocol/04-namespaced-merkle-tree.md#nodes.
public struct NamespacedHash: Hashable, Sendable, CustomStringConvertible {
    /// How long a node is.
    public static let sizeBytes = 90

    /// The node as it is sent and hashed.
    public let bytes: FixedBytes<90>

    /// Takes a node's bytes; whether its namespaces are in order is for `isWellFormed` to say.
    public init(_ bytes: FixedBytes<90>) {
        self.bytes = bytes
    }

    /// Takes exactly 90 bytes.
    public init(decoding bytes: [UInt8]) throws(DecodeFault) {
        try self.init(decoding: bytes[...])
    }

    /// Takes exactly 90 bytes.
    public init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count == Self.sizeBytes else {
            throw DecodeFault(
                .wrongSize(
                    field: "namespaced hash", expected: Self.sizeBytes, actual: bytes.count))
        }
        // Copied as memory: a message has hundreds of nodes, and a loop over bytes costs more.
        var copy = FixedBytes<90>()
        unsafe withUnsafeMutableBytes(of: &copy) { unsafe $0.copyBytes(from: bytes) }
        self.bytes = copy
    }

    /// Joins the three parts.
    public init(minimum: Namespace, maximum: Namespace, digest: Bytes32) {
        var joined = FixedBytes<90>()
        for index in 0..<29 {
            joined[index] = minimum.bytes[index]
            joined[29 + index] = maximum.bytes[index]
        }
        for index in 0..<32 { joined[58 + index] = digest[index] }
        bytes = joined
    }

    /// The node of one leaf of a tree.
    public static func leaf(namespace: Namespace, data: [UInt8]) -> NamespacedHash {
        NamespacedHash(
            trusted: NamespaceTreeRule.square.leaf(namespace: namespace.bytes.array, data: data))
    }

    /// The node above two others, or nil when they are not in order of namespaces.
    public static func node(
        _ left: NamespacedHash, _ right: NamespacedHash
    ) -> NamespacedHash? {
        let rule = NamespaceTreeRule.square
        return rule.node(left.bytes.array, right.bytes.array).map(NamespacedHash.init(trusted:))
    }

    /// The root of a tree without leaves.
    public static let empty = NamespacedHash(trusted: NamespaceTreeRule.square.emptyRoot)

    /// The least namespace below.
    public var minimum: Namespace { Namespace(unchecked: part(from: 0)) }
    /// The greatest namespace below, parity passed over where anything else is there.
    public var maximum: Namespace { Namespace(unchecked: part(from: 29)) }
    /// The digest.
    public var digest: Bytes32 { part(from: 58) }

    /// Whether the minimum is not above the maximum.
    public var isWellFormed: Bool { !(maximum < minimum) }

    /// Whether `namespace` lies between minimum and maximum, both included.
    public func covers(_ namespace: Namespace) -> Bool {
        !(namespace < minimum) && !(maximum < namespace)
    }

    /// The node in hexadecimal.
    public var description: String { bytes.hex }

    /// A node that the rule itself has made.
    init(trusted node: [UInt8]) {
        guard let value = FixedBytes<90>(node) else {
            preconditionFailure("a node of the square's trees has 90 bytes")
        }
        bytes = value
    }

    private func part<let size: Int>(from start: Int) -> FixedBytes<size> {
        var copy = FixedBytes<size>()
        for index in 0..<size { copy[index] = bytes[start + index] }
        return copy
    }
}
