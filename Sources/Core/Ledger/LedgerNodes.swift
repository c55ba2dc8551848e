// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import StateTree

/// What of a ledger's tree goes to disk, so that it can be opened again at its newest version.
///
/// Everything here belongs into one transaction with the record that names the version. Specified in
/// Protocol/18-storage-formats.md#state-nodes.
public struct LedgerNodes: Sendable {
    /// What opens the version.
    public let head: StateTreeHead
    /// Nodes by their keys; a key stands once.
    public private(set) var written: [(key: [UInt8], bytes: [UInt8])] = []
    /// Nodes that no version has.
    public private(set) var removed: [[UInt8]] = []
    /// For each version, by rising version, the nodes that it has no more and earlier ones have.
    public private(set) var stale: [(version: UInt64, keys: [[UInt8]])] = []

    /// Joins the updates that lead to a version, in their order.
    init(_ head: StateTreeHead, _ changes: [StateTreeChange]) {
        self.head = head
        for change in changes {
            written += change.written.map { ($0.key.bytes, $0.bytes) }
            removed += change.removed.map(\.bytes)
            if !change.stale.isEmpty {
                stale.append((change.version, change.stale.map(\.bytes)))
            }
        }
    }
}

/// A ledger whose nodes lie in a store.
extension LedgerState {
    /// Opens a ledger at the version of `head`; of the tree, only the totals are read.
    ///
    /// - Throws: `missing`, `damaged` or `store` when they cannot be had.
    public init(
        _ head: StateTreeHead, store: any WatchedNodeStore
    ) throws(StateTreeFault) {
        let tree = StateTree(head, store: store)
        guard let bytes = try tree.value(of: LedgerAccounts.totalsKey) else {
            throw .store("a ledger without totals")
        }
        let totals: LedgerAccounts.Totals
        do throws(DecodeFault) {
            totals = try LedgerAccounts.Totals.decode(bytes)
        } catch {
            throw .store("the ledger's totals: \(error)")
        }
        self.init(tree, totals)
    }

    /// The same, of which nothing lies in a store yet: its nodes are all written with the next block.
    ///
    /// - Throws: when an entry of it cannot be had.
    public func unstored(
        in store: any WatchedNodeStore
    ) throws(StateTreeFault) -> LedgerState {
        var writes: [StateWrite] = []
        for entry in entries { writes.append(StateWrite(key: entry.key, value: entry.value)) }
        var tree = StateTree(store: store)
        let change = try tree.update(writes, version: max(1, version))
        var state = LedgerState(tree, totals)
        state.begin([change])
        return state
    }

    /// What must be stored so that this version can be opened, where that of `version` can.
    public func nodes(after version: UInt64) -> LedgerNodes {
        LedgerNodes(head, pending.filter { $0.version > version })
    }
}
