// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What a snapshot of a state consists of.
///
/// Nobody's word is needed for it: the root is that of a header, and a chunk that fits both the
/// root and its bounds is right. Specified in Protocol/23-state-tree.md#snapshot-manifest.
public struct SnapshotManifest: Hashable, Sendable {
    /// The most chunks of a snapshot.
    public static let chunksMax = 65_536

    /// The version of the state.
    public let version: UInt64
    /// Its root.
    public let root: Bytes32
    /// How many entries it has.
    public let count: UInt64
    /// The path of each chunk's last entry, rising.
    public let ends: [Bytes32]

    /// The last path before a chunk, which must be of the snapshot; nil for the first.
    public func start(of chunk: Int) -> Bytes32? { chunk == 0 ? nil : ends[chunk - 1] }

    /// `1 ‖ version u64 ‖ root ‖ count u64 ‖ chunks u32 ‖ end of each`.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(bigEndian: version)
        bytes.append(root)
        bytes.append(bigEndian: count)
        bytes.append(bigEndian: UInt32(ends.count))
        for end in ends { bytes.append(end) }
        return bytes
    }

    /// Reads a manifest; refuses ends out of order and counts that cannot be.
    public static func decode(_ bytes: [UInt8]) throws(DecodeFault) -> SnapshotManifest {
        var reader = ByteReader(bytes)
        let manifest = try SnapshotManifest(from: &reader)
        try reader.finish()
        return manifest
    }

    init(from reader: inout ByteReader) throws(DecodeFault) {
        guard try reader.byte() == 1 else { throw .malformed("an unknown format of a manifest") }
        version = try reader.bigEndian()
        root = try reader.fixed()
        count = try reader.bigEndian()
        let chunks: UInt32 = try reader.bigEndian()
        guard chunks <= Self.chunksMax else {
            throw DecodeFault(
                .overLimit(field: "chunks", limit: Self.chunksMax, actual: Int(chunks)))
        }
        guard UInt64(chunks) <= count, (chunks == 0) == (count == 0),
            (count == 0) == (root == StateTree.emptyRoot)
        else { throw .malformed("chunks, entries and root do not fit each other") }
        var ends: [Bytes32] = []
        for _ in 0..<chunks {
            let end: Bytes32 = try reader.fixed()
            guard ends.last.map({ $0 < end }) ?? true else {
                throw .malformed("ends of chunks out of order", at: reader.offset - 32)
            }
            ends.append(end)
        }
        self.ends = ends
    }

    /// The same, to be restored under another version; those of two holders need not agree.
    public func renumbered(_ version: UInt64) -> SnapshotManifest {
        SnapshotManifest(version: version, root: root, count: count, ends: ends)
    }

    init(version: UInt64, root: Bytes32, count: UInt64, ends: [Bytes32]) {
        self.version = version
        self.root = root
        self.count = count
        self.ends = ends
    }
}

extension StateTree {
    /// What a snapshot of this version consists of; every entry is read once.
    ///
    /// - Throws: as `value`; `store` when there would be too many chunks.
    public func snapshotManifest() throws(StateTreeFault) -> SnapshotManifest {
        var ends: [Bytes32] = []
        while let chunk = try chunk(after: ends.last) {
            guard ends.count < SnapshotManifest.chunksMax else {
                throw .store("a state too large for a snapshot")
            }
            ends.append(chunk.end)
            if chunk.isLast { break }
        }
        return SnapshotManifest(version: version, root: root, count: UInt64(count), ends: ends)
    }
}
