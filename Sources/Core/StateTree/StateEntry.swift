// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// A key of the state with its value.
public struct StateEntry: Hashable, Sendable {
    /// The most bytes of a key.
    public static let keySizeBytesMax = 256
    /// The most bytes of a value: a proof that a key is absent shows two of them.
    public static let valueSizeBytesMax = 65_536

    /// What it is found under: 1 to 256 bytes.
    public let key: [UInt8]
    /// What is there: 1 to 65,536 bytes.
    public let value: [UInt8]

    /// Takes the two as they are; whoever writes them judges their sizes.
    public init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }

    /// Where a key stands in the tree: its SHA-256, the highest bit first.
    public static func path(of key: [UInt8]) -> Bytes32 { SHA256.hash(key) }

    /// The node of an entry that is alone in its subtree, as its definition says it.
    public static func leafHash(path: Bytes32, valueHash: Bytes32) -> Bytes32 {
        var input: [UInt8] = []
        input.reserveCapacity(1 + 2 * SHA256.sizeBytes)
        input.append(0)
        input.append(path)
        input.append(valueHash)
        return SHA256.hash(input)
    }

    /// The node above two others.
    public static func innerHash(_ left: Bytes32, _ right: Bytes32) -> Bytes32 {
        MerkleTree.innerHash(left, right)
    }

    /// The entry's own leaf.
    public var leafHash: Bytes32 {
        Self.leafHash(path: Self.path(of: key), valueHash: SHA256.hash(value))
    }

    var hasLegalSizes: Bool {
        (1...Self.keySizeBytesMax).contains(key.count)
            && (1...Self.valueSizeBytesMax).contains(value.count)
    }

    /// Reads `varint length ‖ key ‖ varint length ‖ value`.
    init(from reader: inout ByteReader) throws(DecodeFault) {
        let start = reader.offset
        key = [UInt8](try reader.lengthPrefixed(limit: Self.keySizeBytesMax, field: "key"))
        value = [UInt8](try reader.lengthPrefixed(limit: Self.valueSizeBytesMax, field: "value"))
        guard hasLegalSizes else { throw .malformed("an empty key or value", at: start) }
    }

    /// Appends `varint length ‖ key ‖ varint length ‖ value`.
    func encode(to bytes: inout [UInt8]) {
        bytes.append(lengthPrefixed: key)
        bytes.append(lengthPrefixed: value)
    }

    /// Bytes of what `encode` appends.
    var encodedSize: Int {
        key.count + value.count + Varint.size(UInt64(key.count)) + Varint.size(UInt64(value.count))
    }
}

/// One change of the state.
public struct StateWrite: Hashable, Sendable {
    /// What changes.
    public let key: [UInt8]
    /// What is there from now on, or nil when nothing is.
    public let value: [UInt8]?

    /// Sets a value, or removes it.
    public init(key: [UInt8], value: [UInt8]?) {
        self.key = key
        self.value = value
    }

    /// Refuses sizes that no entry has.
    func check() throws(StateTreeFault) {
        guard (1...StateEntry.keySizeBytesMax).contains(key.count) else {
            throw .keySize(key.count)
        }
        if let value, !(1...StateEntry.valueSizeBytesMax).contains(value.count) {
            throw .valueSize(value.count)
        }
    }
}

/// The root as the specification says it, slow and plain; what the tree is held to.
///
/// Specified in Protocol/23-state-tree.md#state-root.
public enum StateTreeDefinition {
    /// The root of nothing.
    public static let emptyRoot = Bytes32()

    /// The root over entries whose keys differ, in any order.
    public static func root(of entries: [StateEntry]) -> Bytes32 {
        let leaves = entries.map { (path: StateEntry.path(of: $0.key), hash: $0.leafHash) }
            .sorted { $0.path < $1.path }
        return root(of: leaves[...], depth: 0)
    }

    static func root(of leaves: ArraySlice<(path: Bytes32, hash: Bytes32)>, depth: Int) -> Bytes32 {
        guard let first = leaves.first else { return emptyRoot }
        guard leaves.count > 1 else { return first.hash }
        let split = leaves.firstIndex { $0.path.bit(depth) } ?? leaves.endIndex
        return StateEntry.innerHash(
            root(of: leaves[..<split], depth: depth + 1),
            root(of: leaves[split...], depth: depth + 1))
    }
}

extension Bytes32 {
    /// A bit, counted from the highest of the first byte.
    func bit(_ depth: Int) -> Bool { self[depth / 8] & 0x80 >> UInt8(depth % 8) != 0 }

    /// Four bits, counted from the highest of the first byte.
    func nibble(_ depth: Int) -> Int {
        Int(depth & 1 == 0 ? self[depth / 2] >> 4 : self[depth / 2] & 15)
    }

    /// The same with four bits replaced.
    func with(nibble: Int, at depth: Int) -> Bytes32 {
        var copy = self
        let old = self[depth / 2]
        copy[depth / 2] =
            depth & 1 == 0 ? old & 0x0F | UInt8(nibble) << 4 : old & 0xF0 | UInt8(nibble)
        return copy
    }

    /// How many leading bits two paths share.
    func sharedBits(with other: Bytes32) -> Int {
        for index in 0..<32 where self[index] != other[index] {
            return index * 8 + (self[index] ^ other[index]).leadingZeroBitCount
        }
        return 256
    }
}
