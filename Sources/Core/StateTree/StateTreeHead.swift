// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What a store keeps beside the nodes, so that a version of a tree can be opened again.
///
/// It is as trusted as who wrote it; whoever has a header compares `root` with its app hash.
public struct StateTreeHead: Hashable, Sendable {
    /// Where the root is.
    enum Top: Hashable, Sendable {
        case empty
        case leaf(version: UInt64, path: Bytes32, valueHash: Bytes32)
        case page(version: UInt64, hash: Bytes32)
    }

    /// Where the index of keys begins.
    enum IndexTop: Hashable, Sendable {
        case empty
        case key([UInt8])
        case page(version: UInt64, place: [UInt8])
    }

    /// The version.
    public let version: UInt64
    /// How many keys it has.
    public let count: UInt64
    let top: Top
    let index: IndexTop

    /// The root of the version.
    public var root: Bytes32 {
        switch top {
        case .empty: StateTree.emptyRoot
        case .leaf(_, let path, let valueHash):
            StateEntry.leafHash(path: path, valueHash: valueHash)
        case .page(_, let hash): hash
        }
    }

    /// `1 ‖ version u64 ‖ count u64 ‖ top ‖ index`: top is 0, or 1 ‖ version ‖ path ‖ value hash,
    /// or 2 ‖ version ‖ hash; index is 0, or 1 ‖ key, or 2 ‖ version ‖ place, both behind lengths.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.append(bigEndian: version)
        bytes.append(bigEndian: count)
        switch top {
        case .empty: bytes.append(0)
        case .leaf(let version, let path, let valueHash):
            bytes.append(1)
            bytes.append(bigEndian: version)
            bytes.append(path)
            bytes.append(valueHash)
        case .page(let version, let hash):
            bytes.append(2)
            bytes.append(bigEndian: version)
            bytes.append(hash)
        }
        switch index {
        case .empty: bytes.append(0)
        case .key(let key):
            bytes.append(1)
            bytes.append(lengthPrefixed: key)
        case .page(let version, let place):
            bytes.append(2)
            bytes.append(bigEndian: version)
            bytes.append(lengthPrefixed: place)
        }
        return bytes
    }

    /// Reads what `encode` wrote.
    public static func decode(_ bytes: [UInt8]) throws(DecodeFault) -> StateTreeHead {
        var reader = ByteReader(bytes)
        guard try reader.byte() == 1 else { throw .malformed("an unknown format of a head") }
        let version: UInt64 = try reader.bigEndian()
        let count: UInt64 = try reader.bigEndian()
        let top: Top
        switch try reader.byte() {
        case 0: top = .empty
        case 1:
            top = .leaf(
                version: try reader.bigEndian(), path: try reader.fixed(),
                valueHash: try reader.fixed())
        case 2: top = .page(version: try reader.bigEndian(), hash: try reader.fixed())
        default: throw .malformed("an unknown kind of root", at: reader.offset - 1)
        }
        let index: IndexTop
        let limit = StateEntry.keySizeBytesMax
        switch try reader.byte() {
        case 0: index = .empty
        case 1: index = .key([UInt8](try reader.lengthPrefixed(limit: limit, field: "key")))
        case 2:
            index = .page(
                version: try reader.bigEndian(),
                place: [UInt8](try reader.lengthPrefixed(limit: limit, field: "place")))
        default: throw .malformed("an unknown kind of index", at: reader.offset - 1)
        }
        try reader.finish()
        guard count <= UInt64(Int.max) else { throw .malformed("too many keys", at: 9) }
        return StateTreeHead(version: version, count: count, top: top, index: index)
    }
}

extension StateTree {
    /// What opens this version again once its nodes are stored.
    public var head: StateTreeHead {
        let top: StateTreeHead.Top =
            switch child {
            case nil: .empty
            case .leaf(let leaf):
                .leaf(version: leaf.version, path: leaf.path, valueHash: leaf.valueHash)
            case .page(let page): .page(version: page.version, hash: page.hash)
            case .stub(let stub): .page(version: stub.version, hash: stub.hash)
            }
        let indexTop: StateTreeHead.IndexTop =
            switch index {
            case nil: .empty
            case .key(let key): .key(key)
            case .page(let page): .page(version: page.version, place: page.place)
            case .stub(let version, let place): .page(version: version, place: place)
            }
        return StateTreeHead(version: version, count: UInt64(count), top: top, index: indexTop)
    }

    /// Opens a version that is in a store; nothing is read before it is needed.
    public init(_ head: StateTreeHead, store: any NodeStore) {
        self.init(store: store)
        version = head.version
        count = Int(head.count)
        switch head.top {
        case .empty: child = nil
        case .leaf(let version, let path, let valueHash):
            child = .leaf(
                TreeLeaf(
                    path: path, valueHash: valueHash,
                    hash: StateEntry.leafHash(path: path, valueHash: valueHash),
                    version: version, entry: nil))
        case .page(let version, let hash): child = .stub(TreeStub(version: version, hash: hash))
        }
        switch head.index {
        case .empty: index = nil
        case .key(let key): index = .key(key)
        case .page(let version, let place): index = .stub(version: version, place: place)
        }
    }
}
