// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import StateTree

/// A whole ledger in pieces, for those who have not executed what led to it.
///
/// Specified in Protocol/23-state-tree.md#snapshot-chunk.
extension LedgerState {
    /// What a snapshot of this ledger consists of; every entry is read once.
    ///
    /// - Throws: `store` when the disk does not give an entry.
    public func snapshotManifest() throws(LedgerFault) -> SnapshotManifest {
        do throws(StateTreeFault) {
            return try settledTree.snapshotManifest()
        } catch {
            throw .store(error)
        }
    }

    /// A chunk of it, as it is sent.
    ///
    /// - Throws: `store` when the disk does not give an entry, or there is no such chunk.
    public func snapshotChunk(
        _ number: Int, of manifest: SnapshotManifest
    ) throws(LedgerFault) -> [UInt8] {
        do throws(StateTreeFault) {
            guard manifest.ends.indices.contains(number),
                let chunk = try settledTree.chunk(after: manifest.start(of: number))
            else { throw .store("the snapshot has no chunk \(number)") }
            return chunk.encode()
        } catch {
            throw .store(error)
        }
    }

    /// A ledger that was restored into a tree, whose store is watched.
    ///
    /// - Throws: when an entry of it is none of a ledger's, which no honest header commits to.
    public init(restored tree: StateTree) throws(LedgerFault) {
        do throws(StateTreeFault) {
            guard let bytes = try tree.value(of: LedgerAccounts.totalsKey) else {
                throw .store("a ledger without totals")
            }
            do throws(DecodeFault) {
                self.init(tree, try LedgerAccounts.Totals.decode(bytes))
                begin([])
            } catch {
                throw StateTreeFault.store("the ledger's totals: \(error)")
            }
        } catch {
            throw .store(error)
        }
    }
}
