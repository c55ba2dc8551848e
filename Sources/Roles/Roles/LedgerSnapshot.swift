// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Ledger
internal import Machinery
internal import StateTree
internal import Syncing

/// A state that is kept for those who want to start from it.
struct LedgerSnapshot {
    /// The height of the header that commits to it.
    let height: UInt64
    let state: LedgerState
    /// What it consists of, once that is known.
    var manifest: SnapshotManifest?
    var isBeingRead = false
}

/// A node's own way to a state by a snapshot.
struct SnapshotFetch {
    var machine = SnapshotMachine()
    /// The header that is being looked at, or that commits to what is fetched.
    var header: ChainHeader?
    /// Changes that are not yet on disk, one on its way there: they overwrite each other's nodes, so
    /// their order counts.
    var unkept: [StateCommit] = []
    /// What was restored, and waits for that.
    var restored: LedgerState?
    /// How often a restoration was begun, so that each has a version of its own.
    var count: UInt64 = 0
    /// Until when none is looked for again, since nobody had one.
    var restsUntil: Instant?
}
