// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The binary hash tree of RFC 6962 §2.1: data roots, share commitments, headers, commits.
///
/// A leaf hashes as SHA-256(0x00 ‖ leaf), an inner node as SHA-256(0x01 ‖ left ‖ right), no leaves
/// as SHA-256 of nothing. Splitting at the largest power of two below the count, as the RFC does,
/// gives the same tree as pairing neighbours level by level and passing an odd last one up; and
/// the nodes of a level can be hashed together.
public enum MerkleTree {
    /// The root over `leaves`, in their order.
    public static func root(_ leaves: [[UInt8]]) -> Bytes32 {
        root(of: hashes(of: leaves))
    }

    /// The root over leaves that were hashed before.
    public static func root(leafHashes: [Bytes32]) -> Bytes32 {
        var level: [UInt8] = []
        level.reserveCapacity(leafHashes.count * SHA256.sizeBytes)
        for hash in leafHashes { level.append(hash) }
        return root(of: level)
    }

    /// The root over `leaves` and a proof for each.
    public static func proofs(_ leaves: [[UInt8]]) -> (root: Bytes32, proofs: [MerkleProof]) {
        var level = hashes(of: leaves)
        var proofs = leaves.indices.map {
            MerkleProof(total: leaves.count, index: $0, leafHash: node($0, of: level), aunts: [])
        }
        var height = 0
        while level.count > SHA256.sizeBytes {
            for index in proofs.indices {
                let sibling = index >> height ^ 1
                if sibling * SHA256.sizeBytes < level.count {
                    proofs[index].aunts.append(node(sibling, of: level))
                }
            }
            level = parents(of: level)
            height += 1
        }
        return (root(of: level), proofs)
    }

    /// The root over `leaves` and the proof of the one at `index`, which must be among them.
    public static func proof(
        of index: Int, in leaves: [[UInt8]]
    ) -> (root: Bytes32, proof: MerkleProof) {
        precondition(leaves.indices.contains(index), "a proof is of a leaf that is there")
        var level = hashes(of: leaves)
        var proof = MerkleProof(
            total: leaves.count, index: index, leafHash: node(index, of: level), aunts: [])
        var place = index
        while level.count > SHA256.sizeBytes {
            if (place ^ 1) * SHA256.sizeBytes < level.count {
                proof.aunts.append(node(place ^ 1, of: level))
            }
            level = parents(of: level)
            place >>= 1
        }
        return (root(of: level), proof)
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
        input.reserveCapacity(1 + 2 * SHA256.sizeBytes)
        input.append(1)
        input.append(left)
        input.append(right)
        return SHA256.hash(input)
    }

    /// The nodes of all leaves, one after another; leaves of one length are hashed together.
    private static func hashes(of leaves: [[UInt8]]) -> [UInt8] {
        guard let length = leaves.first?.count, leaves.count > 1,
            leaves.allSatisfy({ $0.count == length })
        else {
            var level: [UInt8] = []
            for leaf in leaves { level.append(leafHash(leaf)) }
            return level
        }
        var messages: [UInt8] = []
        messages.reserveCapacity(leaves.count * (length + 1))
        for leaf in leaves {
            messages.append(0)
            messages.append(contentsOf: leaf)
        }
        return SHA256.hashEach(messages, ofLength: length + 1)
    }

    private static func root(of level: [UInt8]) -> Bytes32 {
        guard !level.isEmpty else { return emptyRoot }
        var level = level
        while level.count > SHA256.sizeBytes { level = parents(of: level) }
        return node(0, of: level)
    }

    /// The level above; an odd last node is passed up as it is.
    private static func parents(of level: [UInt8]) -> [UInt8] {
        let pair = 2 * SHA256.sizeBytes
        let pairs = level.count / pair
        var messages: [UInt8] = []
        messages.reserveCapacity(pairs * (pair + 1))
        for start in stride(from: 0, to: pairs * pair, by: pair) {
            messages.append(1)
            messages.append(contentsOf: level[start..<start + pair])
        }
        return SHA256.hashEach(messages, ofLength: pair + 1) + level[(pairs * pair)...]
    }

    private static func node(_ index: Int, of level: [UInt8]) -> Bytes32 {
        let start = index * SHA256.sizeBytes
        guard let node = Bytes32(level[start..<start + SHA256.sizeBytes]) else {
            preconditionFailure("a node has 32 bytes")
        }
        return node
    }
}
