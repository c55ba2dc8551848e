// SPDX-License-Identifier: Apache-2.0

package import Ledger
package import StateTree

/// Nodes of a ledger's tree that go to disk together with the record that names its version.
package struct StateCommit: Sendable {
    /// Nodes by their keys.
    package let written: [(key: [UInt8], bytes: [UInt8])]
    /// Nodes that no version has.
    package let removed: [[UInt8]]
    /// For each version, the nodes that it has no more and earlier ones have.
    package let stale: [(version: UInt64, keys: [[UInt8]])]
    /// No version below this one is to be read again.
    package let oldestRead: UInt64
    /// Versions of which all nodes go, before anything is written.
    package let dropped: Range<UInt64>

    /// What leads to a ledger's version.
    package init(
        _ nodes: LedgerNodes, oldestRead: UInt64, dropped: Range<UInt64> = 0..<0
    ) {
        self.dropped = dropped
        written = nodes.written
        removed = nodes.removed
        stale = nodes.stale
        self.oldestRead = oldestRead
    }

    /// What one update of a tree has made, which makes nothing stale that anybody reads.
    package init(_ change: StateTreeChange) {
        written = change.written.map { ($0.key.bytes, $0.bytes) }
        removed = (change.removed + change.stale).map(\.bytes)
        stale = []
        oldestRead = 0
        dropped = 0..<0
    }

    /// Nodes of some versions go, and nothing comes.
    package init(dropping versions: Range<UInt64>) {
        written = []
        removed = []
        stale = []
        oldestRead = 0
        dropped = versions
    }
}
