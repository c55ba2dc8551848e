// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import StateTree
internal import Synchronization

extension FuzzTarget {
    /// What module StateTree reads from strangers and from a store.
    static let state: [FuzzTarget] = [
        .roundTrip(
            "state-proof", isCanonical: true,
            decode: { input throws(DecodeFault) in
                let proof = try StateProof(protobuf: input)
                for root in [StateTree.emptyRoot, Bytes32(repeating: 1)] {
                    let isShown = proof.verify([1], root: root) != nil
                    precondition(!isShown || root.isZero, "state-proof: a root of nobody's")
                }
                return proof
            },
            encode: { $0.protobuf }),
        .roundTrip(
            "state-chunk", isCanonical: true,
            decode: { input throws(DecodeFault) in
                let chunk = try StateChunk.decode(input)
                do throws(DecodeFault) {
                    try chunk.verify(root: StateTree.emptyRoot)
                    preconditionFailure("state-chunk: entries under the root of nothing")
                } catch {
                    precondition(error.offset >= 0)
                }
                return chunk
            },
            encode: { $0.encode() }),
        .roundTrip(
            "state-manifest", isCanonical: true,
            decode: { input throws(DecodeFault) in try SnapshotManifest.decode(input) },
            encode: { $0.encode() }),
        .roundTrip(
            "state-head", isCanonical: true,
            decode: { input throws(DecodeFault) in try StateTreeHead.decode(input) },
            encode: { $0.encode() }),
        .reader("snapshot-progress") { input throws(DecodeFault) in
            let restore = try SnapshotRestore(resuming: input, store: OneNodeStore([]))
            precondition(restore.progress.starts(with: restore.manifest.encode()))
        },
        FuzzTarget("state-nodes", nodes),
    ]

    /// A tree whose store has the same bytes for every node, under the index's checksum where
    /// there is one, is read in every way.
    @Sendable private static func nodes(_ input: [UInt8]) {
        var headBytes: [UInt8] = [1]
        for _ in 0..<2 { headBytes.append(bigEndian: UInt64(1)) }
        headBytes += [2] + [UInt8](repeating: 0, count: 40) + [2]
        headBytes.append(bigEndian: UInt64.max)
        headBytes += [0]
        do throws(DecodeFault) {
            let head = try StateTreeHead.decode(headBytes)
            for way in 0..<5 {
                do throws(StateTreeFault) {
                    try read(StateTree(head, store: OneNodeStore(input)), way)
                } catch {
                    precondition(!error.description.isEmpty)
                }
            }
        } catch {
            preconditionFailure("state-nodes: a head: \(error)")
        }
    }

    private static func read(_ tree: StateTree, _ way: Int) throws(StateTreeFault) {
        switch way {
        case 0: _ = try tree.value(of: [1])
        case 1: _ = try tree.proof(of: [1])
        case 2: _ = try tree.entries(limit: 16)
        case 3: _ = try tree.chunk(after: nil)
        default:
            var tree = tree
            _ = try tree.update([StateWrite(key: [1], value: nil)], version: 2)
        }
    }
}

/// A store that has the same bytes everywhere, until it was asked often.
private final class OneNodeStore: NodeStore {
    private let bytes: [UInt8]
    private let reads = Mutex(0)

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(_ key: NodeKey) throws(StateTreeFault) -> [UInt8]? {
        let count = reads.withLock { count in
            count += 1
            return count
        }
        guard count <= 64 else { return nil }
        guard key.kind == .index else { return bytes }
        return Array(SHA256.hash(key.bytes + bytes).array.prefix(8)) + bytes
    }
}
