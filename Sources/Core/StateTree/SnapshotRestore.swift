// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Why a chunk or a manifest was not taken.
public enum SnapshotFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The manifest is of another state than the header's.
    case otherState(root: Bytes32, expected: Bytes32)
    /// The manifest has no chunk of this number.
    case unknownChunk(Int)
    /// The bytes are no chunk, or prove nothing under the root.
    case malformed(chunk: Int, DecodeFault)
    /// The chunk proves itself, but is not between the bounds that the manifest gives it: one of
    /// the two is a lie, and only the manifest can be.
    case otherBounds(chunk: Int)
    /// All chunks are there, but not the number of entries that the manifest tells.
    case otherCount(UInt64, expected: UInt64)
    /// The tree could not take the entries.
    case tree(StateTreeFault)

    /// What went wrong, in words.
    public var description: String {
        switch self {
        case .otherState(let root, let expected): "a snapshot of \(root), not of \(expected)"
        case .unknownChunk(let chunk): "the snapshot has no chunk \(chunk)"
        case .malformed(let chunk, let fault): "chunk \(chunk): \(fault)"
        case .otherBounds(let chunk): "chunk \(chunk) is not where the manifest says"
        case .otherCount(let count, let expected): "\(count) entries, not \(expected)"
        case .tree(let fault): "the state being restored: \(fault)"
        }
    }
}

/// A state that grows from the chunks of a snapshot, taken in any order from anybody.
///
/// Each chunk is verified before it is taken, so a liar is known at once. What is there survives a
/// restart: store each change together with `progress`.
public struct SnapshotRestore: Sendable {
    /// What is being restored.
    public let manifest: SnapshotManifest
    /// What is there so far.
    public private(set) var tree: StateTree
    private var isTaken: [Bool]

    /// Begins; `root` is the one that a trusted header commits to.
    public init(
        _ manifest: SnapshotManifest, root: Bytes32, store: any NodeStore = EmptyNodeStore()
    ) throws(SnapshotFault) {
        guard manifest.root == root else {
            throw .otherState(root: manifest.root, expected: root)
        }
        self.manifest = manifest
        tree = StateTree(store: store)
        tree.version = manifest.version
        isTaken = [Bool](repeating: false, count: manifest.ends.count)
    }

    /// The chunks that are still needed.
    public var missing: [Int] { isTaken.indices.filter { !isTaken[$0] } }
    /// Whether the whole state is there.
    public var isComplete: Bool { tree.root == manifest.root && !isTaken.contains(false) }

    /// Verifies a chunk and adds its entries; one that is there already changes nothing.
    ///
    /// - Throws: what is wrong with the chunk; nothing is then changed.
    public mutating func take(
        _ bytes: [UInt8], as number: Int
    ) throws(SnapshotFault) -> StateTreeChange {
        guard isTaken.indices.contains(number) else { throw .unknownChunk(number) }
        guard !isTaken[number] else { return StateTreeChange(version: manifest.version) }
        let chunk = try verified(bytes, number)
        let writes = chunk.entries.map { StateWrite(key: $0.key, value: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        var grown = tree
        let change: StateTreeChange
        do throws(StateTreeFault) {
            change = try grown.update(writes, version: manifest.version)
        } catch {
            throw .tree(error)
        }
        if missing.count == 1 {
            guard grown.root == manifest.root else { throw .otherBounds(chunk: number) }
            guard UInt64(grown.count) == manifest.count else {
                throw .otherCount(UInt64(grown.count), expected: manifest.count)
            }
        }
        tree = grown
        isTaken[number] = true
        return change
    }

    private func verified(_ bytes: [UInt8], _ number: Int) throws(SnapshotFault) -> StateChunk {
        let chunk: StateChunk
        do throws(DecodeFault) {
            chunk = try StateChunk.decode(bytes)
            try chunk.verify(root: manifest.root)
        } catch {
            throw .malformed(chunk: number, error)
        }
        guard chunk.predecessor?.path == manifest.start(of: number),
            chunk.end == manifest.ends[number],
            chunk.isLast == (number == manifest.ends.count - 1)
        else { throw .otherBounds(chunk: number) }
        return chunk
    }

    /// What `init(resuming:store:)` goes on from: the manifest, then the taken chunks as bits, then
    /// the head of the tree.
    public var progress: [UInt8] {
        var bytes = manifest.encode()
        var taken = [UInt8](repeating: 0, count: (isTaken.count + 7) / 8)
        for index in isTaken.indices where isTaken[index] {
            taken[index / 8] |= 0x80 >> UInt8(index % 8)
        }
        bytes.append(contentsOf: taken)
        bytes.append(contentsOf: tree.head.encode())
        return bytes
    }

    /// Goes on after a restart; the nodes of all changes must be in the store.
    public init(resuming bytes: [UInt8], store: any NodeStore) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        let manifest = try SnapshotManifest(from: &reader)
        let taken = try reader.array((manifest.ends.count + 7) / 8)
        isTaken = manifest.ends.indices.map { taken[$0 / 8] & 0x80 >> UInt8($0 % 8) != 0 }
        let at = reader.offset
        let head = try StateTreeHead.decode([UInt8](reader.rest()))
        guard head.version == manifest.version else {
            throw .malformed("a tree of another version than the snapshot", at: at)
        }
        self.manifest = manifest
        tree = StateTree(head, store: store)
    }
}
