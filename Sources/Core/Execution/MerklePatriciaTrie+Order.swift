// SPDX-License-Identifier: Apache-2.0

/// Walking keys in their order, as ranges and snapshots need it.
extension MerklePatriciaTrie {
    /// All keys of whole bytes, in their order.
    public var keys: [[UInt8]] {
        var keys: [[UInt8]] = []
        collectKeys(root, .empty, &keys)
        return keys
    }

    private func collectKeys(_ index: Int32, _ path: NibblePath, _ keys: inout [[UInt8]]) {
        guard index >= 0 else { return }
        let node = nodes[Int(index)]
        switch node.kind {
        case .leaf: keys.append(path.appending(node.path).bytes)
        case .link: collectKeys(node.children[0], path.appending(node.path), &keys)
        case .branch:
            if !node.value.isEmpty { keys.append(path.bytes) }
            for slot in 0..<16 {
                collectKeys(node.children[slot], path.appending(NibblePath(nibble: slot)), &keys)
            }
        }
    }

    /// The first key after another, which need not be there itself.
    public func key(after key: [UInt8]) -> [UInt8]? {
        keys.first { key.lexicographicallyPrecedes($0) }
    }

    /// The last key before another, which need not be there itself.
    public func key(before key: [UInt8]) -> [UInt8]? {
        keys.last { $0.lexicographicallyPrecedes(key) }
    }
}

extension NibblePath {
    /// The bytes, two nibbles each.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var word = nibbles
        for _ in 0..<count / 2 {
            bytes.append(UInt8(truncatingIfNeeded: word.w3 >> 56))
            word = word << 8
        }
        return bytes
    }
}
