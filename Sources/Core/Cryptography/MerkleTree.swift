// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The binary hash tree of RFC 6962 §2.1: data roots, share commitments, headers, commits.
///
/// A leaf hashes as SHA-256(0x00 ‖ leaf), an inner node as SHA-256(0x01 ‖ left ‖ right), no leaves
/// as SHA-256 of nothing. Splitting at the largest power of two below the count, as the RFC does,
/// gives the same tree as pairing neighbours level by level and passing an odd last one up.
public enum MerkleTree {
    /// The root over `leaves`, in their order.
    public static func root(_ leaves: [[UInt8]]) -> Bytes32 {
        root(leafHashes: leaves.map { leafHash($0) })
    }

    /// The root over leaves that were hashed before.
    public static func root(leafHashes: [Bytes32]) -> Bytes32 {
        var level = leafHashes
        while level.count > 1 { level = parents(of: level) }
        return level.first ?? emptyRoot
    }

    /// The root over `leaves` and a proof for each.
    public static func proofs(_ leaves: [[UInt8]]) -> (root: Bytes32, proofs: [MerkleProof]) {
        let leafHashes = leaves.map { leafHash($0) }
        var aunts = [[Bytes32]](repeating: [], count: leaves.count)
        var level = leafHashes
        var height = 0
        while level.count > 1 {
            for index in aunts.indices {
                let sibling = index >> height ^ 1
                if sibling < level.count { aunts[index].append(level[sibling]) }
            }
            level = parents(of: level)
            height += 1
        }
        let proofs = leafHashes.indices.map {
            MerkleProof(
                total: leaves.count, index: $0, leafHash: leafHashes[$0], aunts: aunts[$0])
        }
        return (level.first ?? emptyRoot, proofs)
    }

    /// The root of a tree without leaves.
    public static let emptyRoot = SHA256.hash([])

    /// The node of one leaf.
    public static func leafHash(_ leaf: [UInt8]) -> Bytes32 {
        var stream = SHA256.Stream()
        stream.update(0)
        stream.update(leaf)
        return stream.finish()
    }

    /// The node above two others.
    public static func innerHash(_ left: Bytes32, _ right: Bytes32) -> Bytes32 {
        var input: [UInt8] = []
        input.reserveCapacity(65)
        input.append(1)
        input.append(left)
        input.append(right)
        return SHA256.hash(input)
    }

    private static func parents(of level: [Bytes32]) -> [Bytes32] {
        var parents: [Bytes32] = []
        parents.reserveCapacity((level.count + 1) / 2)
        for left in stride(from: 0, to: level.count - 1, by: 2) {
            parents.append(innerHash(level[left], level[left + 1]))
        }
        if level.count % 2 == 1 { parents.append(level[level.count - 1]) }
        return parents
    }
}
