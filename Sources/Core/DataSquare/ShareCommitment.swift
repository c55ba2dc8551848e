// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// What a blob's sender signs: a root over the blob's shares that does not depend on the square.
///
/// Specified in Protocol/06-share-commitments.md#commitment.
public struct ShareCommitment: Hashable, Sendable, CustomStringConvertible {
    /// How many subtree roots a commitment aims at before subtrees grow.
    public static let subtreeRootThreshold = SubtreeAlignment.rootThreshold

    /// The root.
    public let bytes: Bytes32

    /// Takes a commitment that somebody stated.
    public init(_ bytes: Bytes32) {
        self.bytes = bytes
    }

    /// Computes a blob's commitment; all of its shares are hashed.
    public init(of blob: Blob, threshold: Int = SubtreeAlignment.rootThreshold) {
        self.init(ofSubtreeRoots: SubtreeRoots.roots(of: blob, threshold: threshold))
    }

    /// Joins subtree roots, in order.
    public init(ofSubtreeRoots roots: [NamespacedHash]) {
        bytes = MerkleTree.root(roots.map { $0.bytes.array })
    }

    /// Lower-case hexadecimal.
    public var description: String { bytes.hex }
}
