// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// Neighbouring entries of a state, by rising path, which prove themselves under its root.
///
/// Beside the entries it has the nodes left of the first and right of the last one, so that the
/// root can be computed; nothing can be left out in between. All chunks but the first begin with
/// the hashes of the entry before, so that nothing can be left out between chunks either.
/// Specified in Protocol/23-state-tree.md#snapshot-chunk.
public struct StateChunk: Hashable, Sendable {
    /// The most bytes of a chunk.
    public static let sizeBytesMax = 1_048_576
    /// Of these, what all but the entries may take.
    public static let frameSizeBytesMax = 16_458

    /// The entry before the first: where it stands, and what its value hashes to.
    public struct Predecessor: Hashable, Sendable {
        /// SHA-256 of its key.
        public let path: Bytes32
        /// SHA-256 of its value.
        public let valueHash: Bytes32
    }

    /// The way from an outermost leaf to the root.
    struct Border: Hashable, Sendable {
        /// How many nodes are above the leaf.
        let depth: Int
        /// Those beside the way on the outer side, from the root downwards.
        let outside: [Bytes32]
    }

    /// The entry before the first, in all chunks but the first.
    public let predecessor: Predecessor?
    /// The entries, at least one.
    public let entries: [StateEntry]
    let left: Border
    let right: Border

    /// Whether no entry follows, which `verify` makes certain.
    ///
    /// A key path to a member of a value generic crashes the compiler (Swift 6.3.1), hence closures.
    public var isLast: Bool { right.outside.allSatisfy { $0.isZero } }
    /// The path of the last entry.
    public var end: Bytes32 { StateEntry.path(of: entries[entries.count - 1].key) }

    /// Checks that these are all entries of the state between their ends.
    ///
    /// - Throws: `malformed`, saying what is wrong.
    public func verify(root: Bytes32) throws(DecodeFault) {
        var leaves: [(path: Bytes32, hash: Bytes32)] = []
        leaves.reserveCapacity(entries.count + 1)
        if let predecessor {
            let hash = StateEntry.leafHash(
                path: predecessor.path, valueHash: predecessor.valueHash)
            leaves.append((predecessor.path, hash))
        } else if !left.outside.allSatisfy({ $0.isZero }) {
            throw .malformed("entries before the first chunk")
        }
        for entry in entries {
            let path = StateEntry.path(of: entry.key)
            guard leaves.last.map({ $0.path < path }) ?? true else {
                throw .malformed("entries out of order")
            }
            leaves.append(
                (path, StateEntry.leafHash(path: path, valueHash: SHA256.hash(entry.value))))
        }
        guard let first = leaves.first, let last = leaves.last else {
            throw .malformed("a chunk without entries")
        }
        let rebuilding = ChunkRoot(
            first: first.path, last: last.path, left: left, right: right)
        guard try rebuilding.root(of: leaves[...], depth: 0, isFirst: true, isLast: true) == root
        else { throw .malformed("entries that are not those of the root") }
    }
}

/// The root over a chunk's leaves and what its borders say about the rest.
private struct ChunkRoot {
    let first: Bytes32
    let last: Bytes32
    let leftDepth: Int
    let rightDepth: Int
    /// By depth.
    let before: [Bytes32]
    let behind: [Bytes32]

    init(first: Bytes32, last: Bytes32, left: StateChunk.Border, right: StateChunk.Border) {
        self.first = first
        self.last = last
        leftDepth = left.depth
        rightDepth = right.depth
        before = Self.spread(left, of: first, side: true)
        behind = Self.spread(right, of: last, side: false)
    }

    /// Nodes by their depth; those of the inner side are not asked for.
    private static func spread(
        _ border: StateChunk.Border, of path: Bytes32, side: Bool
    ) -> [Bytes32] {
        var rest = border.outside[...]
        return (0..<border.depth).map {
            path.bit($0) == side ? rest.popFirst() ?? Bytes32() : Bytes32()
        }
    }

    /// The node over `leaves`; `isFirst` and `isLast` say which borders run through it.
    func root(
        of leaves: ArraySlice<(path: Bytes32, hash: Bytes32)>, depth: Int, isFirst: Bool,
        isLast: Bool
    ) throws(DecodeFault) -> Bytes32 {
        guard isFirst || isLast else { return StateTreeDefinition.root(of: leaves, depth: depth) }
        if isFirst && depth >= leftDepth || isLast && depth >= rightDepth {
            guard leaves.count == 1, let only = leaves.first,
                !isFirst || depth == leftDepth, !isLast || depth == rightDepth
            else { throw .malformed("a border that ends above several entries") }
            return only.hash
        }
        let split = leaves.firstIndex { $0.path.bit(depth) } ?? leaves.endIndex
        let left: Bytes32
        if isFirst && first.bit(depth) {
            left = before[depth]
        } else {
            left = try root(
                of: leaves[..<split], depth: depth + 1, isFirst: isFirst,
                isLast: isLast && !last.bit(depth))
        }
        let right: Bytes32
        if isLast && !last.bit(depth) {
            right = behind[depth]
        } else {
            right = try root(
                of: leaves[split...], depth: depth + 1, isFirst: isFirst && first.bit(depth),
                isLast: isLast)
        }
        return StateEntry.innerHash(left, right)
    }
}

/// The chunk as it is sent.
extension StateChunk {
    /// `1 ‖ has predecessor ‖ [path ‖ value hash] ‖ count u32 ‖ entries ‖ left ‖ right`; a border is
    /// `depth u16 ‖ nodes`.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = [1, predecessor == nil ? 0 : 1]
        if let predecessor {
            bytes.append(predecessor.path)
            bytes.append(predecessor.valueHash)
        }
        bytes.append(bigEndian: UInt32(entries.count))
        for entry in entries { entry.encode(to: &bytes) }
        for border in [left, right] {
            bytes.append(bigEndian: UInt16(border.depth))
            for node in border.outside { bytes.append(node) }
        }
        return bytes
    }

    /// Reads a chunk; `verify` then judges it.
    public static func decode(_ bytes: [UInt8]) throws(DecodeFault) -> StateChunk {
        guard bytes.count <= sizeBytesMax else {
            throw DecodeFault(.overLimit(field: "chunk", limit: sizeBytesMax, actual: bytes.count))
        }
        var reader = ByteReader(bytes)
        guard try reader.byte() == 1 else { throw .malformed("an unknown format of a chunk") }
        let mark = try reader.byte()
        guard mark <= 1 else { throw .malformed("an unknown mark", at: 1) }
        let predecessor =
            mark == 0
            ? nil : Predecessor(path: try reader.fixed(), valueHash: try reader.fixed())
        let count: UInt32 = try reader.bigEndian()
        // An entry takes four bytes at least.
        guard count > 0, Int(count) <= reader.remaining / 4 else {
            throw .malformed("a number of entries that the chunk cannot have", at: reader.offset)
        }
        var entries: [StateEntry] = []
        for _ in 0..<count { entries.append(try StateEntry(from: &reader)) }
        let first = predecessor?.path ?? StateEntry.path(of: entries[0].key)
        let last = StateEntry.path(of: entries[entries.count - 1].key)
        let left = try border(&reader, of: first, side: true)
        let right = try border(&reader, of: last, side: false)
        try reader.finish()
        return StateChunk(predecessor: predecessor, entries: entries, left: left, right: right)
    }

    private static func border(
        _ reader: inout ByteReader, of path: Bytes32, side: Bool
    ) throws(DecodeFault) -> Border {
        let at = reader.offset
        let depth = Int(try reader.bigEndian(UInt16.self))
        guard depth <= 256 else {
            throw DecodeFault(.overLimit(field: "depth", limit: 256, actual: depth), at: at)
        }
        var outside: [Bytes32] = []
        for level in 0..<depth where path.bit(level) == side {
            outside.append(try reader.fixed())
        }
        return Border(depth: depth, outside: outside)
    }
}

extension StateTree {
    /// The chunk behind a path, or the first one; nil when no entry follows.
    ///
    /// It takes as many entries as fit, so every holder of a state makes the same chunks of it.
    ///
    /// - Throws: as `value`; `store` when the path given is not that of an entry.
    public func chunk(after last: Bytes32?) throws(StateTreeFault) -> StateChunk? {
        var predecessor: StateChunk.Predecessor?
        if let last {
            guard let leaf = try leaf(at: last) else {
                throw .store("no entry has the path \(last), which a chunk should follow")
            }
            predecessor = .init(path: leaf.path, valueHash: leaf.valueHash)
        }
        var entries: [StateEntry] = []
        var room = StateChunk.sizeBytesMax - StateChunk.frameSizeBytesMax
        try forEachLeaf(after: last) { (leaf: TreeLeaf) throws(StateTreeFault) -> Bool in
            let entry = try leaf.entry(in: store)
            room -= entry.encodedSize
            guard room >= 0 else { return false }
            entries.append(entry)
            return true
        }
        guard let first = entries.first, let end = entries.last else { return nil }
        return StateChunk(
            predecessor: predecessor, entries: entries,
            left: try border(of: last ?? StateEntry.path(of: first.key), side: true),
            right: try border(of: StateEntry.path(of: end.key), side: false))
    }

    private func border(
        of path: Bytes32, side: Bool
    ) throws(StateTreeFault) -> StateChunk.Border {
        let siblings = try siblings(of: path)
        return StateChunk.Border(
            depth: siblings.count,
            outside: siblings.indices.filter { path.bit($0) == side }.map { siblings[$0] })
    }
}
