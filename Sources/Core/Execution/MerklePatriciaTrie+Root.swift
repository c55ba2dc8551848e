// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// Hashing what changed, from the deepest level up.
extension MerklePatriciaTrie {
    /// The root of what is in the trie now.
    public mutating func rootHash() -> Bytes32 {
        guard root >= 0 else { return Self.emptyRoot }
        var levels: [[Int32]] = []
        collect(root, 0, &levels)
        for level in levels.indices.reversed() { hash(levels[level]) }
        let node = nodes[Int(root)]
        if node.referenceSize == 32 { return node.reference }
        return Keccak256.hash(Array(node.reference.array.prefix(Int(node.referenceSize))))
    }

    /// Nodes without a reference, by depth.
    private func collect(_ index: Int32, _ depth: Int, _ levels: inout [[Int32]]) {
        let place = Int(index)
        guard nodes[place].referenceSize == 0 else { return }
        if levels.count == depth { levels.append([]) }
        levels[depth].append(index)
        switch nodes[place].kind {
        case .leaf: break
        case .link: collect(nodes[place].children[0], depth + 1, &levels)
        case .branch:
            for slot in 0..<16 where nodes[place].children[slot] >= 0 {
                collect(nodes[place].children[slot], depth + 1, &levels)
            }
        }
    }

    /// Gives all nodes of a level their references.
    private mutating func hash(_ level: [Int32]) {
        var encodings: [UInt8] = []
        var lengths: [Int] = []
        var hashed: [Int32] = []
        for index in level {
            let start = encodings.count
            encode(nodes[Int(index)], to: &encodings)
            let size = encodings.count - start
            if size >= 32 {
                lengths.append(size)
                hashed.append(index)
            } else {
                for byte in 0..<size {
                    nodes[Int(index)].reference[byte] = encodings[start + byte]
                }
                nodes[Int(index)].referenceSize = UInt8(size)
                encodings.removeLast(size)
            }
        }
        let digests = Keccak256.hashEach(encodings, lengths: lengths)
        for (position, index) in hashed.enumerated() {
            guard let digest = Bytes32(digests[32 * position..<32 * position + 32]) else {
                preconditionFailure("a digest has 32 bytes")
            }
            nodes[Int(index)].reference = digest
            nodes[Int(index)].referenceSize = 32
        }
    }

    private func encode(_ node: TrieNode, to bytes: inout [UInt8]) {
        var writer = RLPWriter()
        writer.list { list in
            switch node.kind {
            case .leaf, .link:
                var path: [UInt8] = []
                node.path.write(isLeaf: node.kind == .leaf, to: &path)
                list.string(path)
                if node.kind == .leaf {
                    list.string(node.value)
                } else {
                    writeReference(node.children[0], to: &list)
                }
            case .branch:
                for slot in 0..<16 {
                    if node.children[slot] < 0 {
                        list.string([])
                    } else {
                        writeReference(node.children[slot], to: &list)
                    }
                }
                list.string(node.value)
            }
        }
        bytes += writer.bytes
    }

    private func writeReference(_ index: Int32, to list: inout RLPWriter) {
        let node = nodes[Int(index)]
        if node.referenceSize == 32 {
            list.fixed(node.reference)
        } else {
            list.raw(node.reference.array.prefix(Int(node.referenceSize)))
        }
    }
}
