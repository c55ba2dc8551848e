// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// Ethereum's trie: keys of up to 32 bytes with values under one root (yellow paper, appendix D).
///
/// Nodes live in one array and name each other by index; each keeps its reference until something
/// below it changes, so a new root costs what changed. Nodes of one depth are hashed together, as
/// many at once as the processor can. A copy shares nothing that later changes.
public struct MerklePatriciaTrie: Sendable {
    /// The root of a trie with nothing in it.
    public static let emptyRoot = Keccak256.hash([0x80])

    var nodes: [TrieNode] = []
    var vacant: [Int32] = []
    var root: Int32 = -1

    /// Nothing in it.
    public init() {}

    /// Whether nothing is in it.
    public var isEmpty: Bool { root < 0 }

    /// Sets the value of a key of at most 32 bytes; an empty value takes the key away.
    public mutating func update(_ key: some Collection<UInt8>, _ value: [UInt8]) {
        guard let path = NibblePath(key) else { preconditionFailure("keys have up to 32 bytes") }
        root = value.isEmpty ? remove(root, path) : insert(root, path, value)
    }

    /// Sets the value of a key of exactly 32 bytes that is already a number.
    mutating func update(digest: UInt256, _ value: [UInt8]) {
        let path = NibblePath(nibbles: digest, count: 64)
        root = value.isEmpty ? remove(root, path) : insert(root, path, value)
    }

    /// The value of a key, or nil.
    public func value(of key: some Collection<UInt8>) -> [UInt8]? {
        guard var path = NibblePath(key) else { return nil }
        var index = root
        while index >= 0 {
            let node = nodes[Int(index)]
            switch node.kind {
            case .leaf: return node.path == path ? node.value : nil
            case .link:
                guard path.common(node.path) == node.path.count else { return nil }
                path = path.dropFirst(node.path.count)
                index = node.children[0]
            case .branch:
                if path.count == 0 { return node.value.isEmpty ? nil : node.value }
                index = node.children[path.first]
                path = path.dropFirst(1)
            }
        }
        return nil
    }

    /// The root of a list, whose keys are the RLP of 0, 1, 2 and so on.
    public static func root(ofList values: [[UInt8]]) -> Bytes32 {
        var trie = MerklePatriciaTrie()
        for (index, value) in values.enumerated() {
            var key = RLPWriter()
            key.integer(UInt64(index))
            trie.update(key.bytes, value)
        }
        return trie.rootHash()
    }
}

/// One node of the trie.
struct TrieNode: Sendable {
    enum Kind: UInt8, Sendable {
        /// The end of a path and its value.
        case leaf
        /// A path to one child (an "extension").
        case link
        /// Up to sixteen children, and a value where a key ends here.
        case branch
    }

    var kind: Kind
    /// How others name it: 32 bytes of digest, or the encoding itself where that is shorter;
    /// 0 bytes when something below changed since.
    var referenceSize: UInt8 = 0
    var reference = Bytes32()
    var path = NibblePath.empty
    var value: [UInt8] = []
    /// A link's child is the first.
    var children = InlineArray<16, Int32>(repeating: -1)
}

/// Changing.
extension MerklePatriciaTrie {
    private mutating func make(_ node: TrieNode) -> Int32 {
        if let index = vacant.popLast() {
            nodes[Int(index)] = node
            return index
        }
        nodes.append(node)
        return Int32(nodes.count - 1)
    }

    private mutating func free(_ index: Int32) {
        nodes[Int(index)].value = []
        vacant.append(index)
    }

    private mutating func makeLeaf(_ path: NibblePath, _ value: [UInt8]) -> Int32 {
        var node = TrieNode(kind: .leaf)
        node.path = path
        node.value = value
        return make(node)
    }

    private mutating func makeLink(_ path: NibblePath, to child: Int32) -> Int32 {
        if path.count == 0 { return child }
        var node = TrieNode(kind: .link)
        node.path = path
        node.children[0] = child
        return make(node)
    }

    private mutating func insert(_ index: Int32, _ path: NibblePath, _ value: [UInt8]) -> Int32 {
        guard index >= 0 else { return makeLeaf(path, value) }
        let place = Int(index)
        nodes[place].referenceSize = 0
        let kind = nodes[place].kind
        if kind == .branch {
            if path.count == 0 {
                nodes[place].value = value
            } else {
                let child = insert(nodes[place].children[path.first], path.dropFirst(1), value)
                nodes[place].children[path.first] = child
            }
            return index
        }
        let own = nodes[place].path
        let common = path.common(own)
        if kind == .leaf, common == own.count, common == path.count {
            nodes[place].value = value
            return index
        }
        if kind == .link, common == own.count {
            let child = insert(nodes[place].children[0], path.dropFirst(common), value)
            nodes[place].children[0] = child
            return index
        }
        return split(index, common, path, value)
    }

    /// Makes a branch where a path leaves that of a leaf or a link.
    private mutating func split(
        _ index: Int32, _ common: Int, _ path: NibblePath, _ value: [UInt8]
    ) -> Int32 {
        let place = Int(index)
        let old = nodes[place]
        var branch = TrieNode(kind: .branch)
        if old.path.count == common {
            branch.value = old.value
            free(index)
        } else {
            let way = old.path.dropFirst(common)
            if old.kind == .link, way.count == 1 {
                branch.children[way.first] = old.children[0]
                free(index)
            } else {
                nodes[place].path = way.dropFirst(1)
                branch.children[way.first] = index
            }
        }
        if path.count == common {
            branch.value = value
        } else {
            let way = path.dropFirst(common)
            branch.children[way.first] = makeLeaf(way.dropFirst(1), value)
        }
        return makeLink(path.prefix(common), to: make(branch))
    }

    private mutating func remove(_ index: Int32, _ path: NibblePath) -> Int32 {
        guard index >= 0 else { return index }
        let place = Int(index)
        switch nodes[place].kind {
        case .leaf:
            guard nodes[place].path == path else { return index }
            free(index)
            return -1
        case .link:
            let own = nodes[place].path
            guard path.common(own) == own.count else { return index }
            let child = remove(nodes[place].children[0], path.dropFirst(own.count))
            nodes[place].children[0] = child
            nodes[place].referenceSize = 0
            guard nodes[Int(child)].kind != .branch else { return index }
            free(index)
            return prepend(own, to: child)
        case .branch:
            if path.count == 0 {
                nodes[place].value = []
            } else {
                let child = remove(nodes[place].children[path.first], path.dropFirst(1))
                nodes[place].children[path.first] = child
            }
            nodes[place].referenceSize = 0
            return collapsed(index)
        }
    }

    /// Puts nibbles before the path of a leaf or a link.
    private mutating func prepend(_ path: NibblePath, to child: Int32) -> Int32 {
        nodes[Int(child)].path = path.appending(nodes[Int(child)].path)
        nodes[Int(child)].referenceSize = 0
        return child
    }

    /// A branch that has one thing left becomes that.
    private mutating func collapsed(_ index: Int32) -> Int32 {
        let node = nodes[Int(index)]
        var only: Int?
        for slot in 0..<16 where node.children[slot] >= 0 {
            if only != nil || !node.value.isEmpty { return index }
            only = slot
        }
        guard let only else {
            free(index)
            return node.value.isEmpty ? -1 : makeLeaf(.empty, node.value)
        }
        let child = node.children[only]
        free(index)
        let way = NibblePath(nibble: only)
        if nodes[Int(child)].kind == .branch { return makeLink(way, to: child) }
        return prepend(way, to: child)
    }
}
