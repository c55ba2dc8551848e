// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Chain
package import Ledger
internal import StateTree

/// The ledger after a block, as it lies on disk: `1 ‖ height u64 ‖ results hash 32 ‖ tree head`, and
/// the nodes of its tree by their keys.
///
/// What a block changes is stored with it, all or nothing; the rest lies there already. Specified in
/// Protocol/18-storage-formats.md#state-nodes.
package struct LedgerRecord: Sendable {
    /// The block's height.
    package let height: UInt64
    /// The ledger after it.
    package let state: LedgerState
    /// The root over its transactions' results.
    package let resultsHash: Bytes32
    /// Records of an earlier format, which go when this one is stored.
    let obsolete: [String]
    /// The newest version whose nodes lie on disk; 0 for none.
    let storedVersion: UInt64

    private static let name = "state.head"

    /// What is stored with a block; `records` are those of an earlier format that go.
    static func make(
        height: UInt64, state: LedgerState, resultsHash: Bytes32, obsolete: [String] = []
    ) -> [(name: String, bytes: [UInt8])] {
        var bytes: [UInt8] = [1]
        bytes.append(bigEndian: height)
        bytes.append(resultsHash)
        bytes.append(contentsOf: state.head.encode())
        return [(name, bytes)] + obsolete.map { ($0, []) }
    }

    /// The ledger that was stored last, whatever its height; nil when none was.
    package static func newest(
        _ restored: RestoredState
    ) throws(ProducerFault) -> LedgerRecord? {
        guard let bytes = restored.value(name) else { return try earlier(restored) }
        let (height, resultsHash, head): (UInt64, Bytes32, StateTreeHead)
        do throws(DecodeFault) {
            var reader = ByteReader(bytes)
            guard try reader.byte() == 1 else { throw .malformed("an unknown format") }
            height = try reader.bigEndian()
            resultsHash = try reader.fixed()
            head = try StateTreeHead.decode([UInt8](reader.rest()))
        } catch {
            throw .record(name, error)
        }
        do throws(StateTreeFault) {
            let state = try LedgerState(head, store: restored.stateNodes)
            return LedgerRecord(
                height: height, state: state, resultsHash: resultsHash, obsolete: [],
                storedVersion: head.version)
        } catch {
            throw .ledger(.store(error))
        }
    }

    // MARK: Earlier formats

    private static let earlierName = "ledger"
    private static let earlierPrefix = "ledger/"

    /// A ledger whose entries lie in records of their own, named by their keys, or all in one.
    private static func earlier(
        _ restored: RestoredState
    ) throws(ProducerFault) -> LedgerRecord? {
        guard let bytes = restored.value(earlierName) else { return nil }
        let records = restored.values.filter { $0.name.hasPrefix(earlierPrefix) }
        let (height, resultsHash, state): (UInt64, Bytes32, LedgerState)
        do throws(DecodeFault) {
            var reader = ByteReader(bytes)
            height = try reader.bigEndian()
            resultsHash = try reader.fixed()
            if records.isEmpty {
                state = try LedgerState.decode([UInt8](reader.rest()))
            } else {
                let hash: Bytes32 = try reader.fixed()
                try reader.finish()
                var entries: [LedgerEntry] = []
                for record in records {
                    let key = try Hex.decode(String(record.name.dropFirst(earlierPrefix.count)))
                    entries.append(LedgerEntry(key: key, value: record.bytes))
                }
                state = try LedgerState(entries)
                guard state.hash == hash else {
                    throw .malformed("the ledger's entries are not those of its app hash")
                }
            }
        } catch {
            throw .earlierFormat(height: restored.head?.height.value ?? 0, error)
        }
        do throws(StateTreeFault) {
            return LedgerRecord(
                height: height, state: try state.unstored(in: restored.stateNodes),
                resultsHash: resultsHash, obsolete: [earlierName] + records.map(\.name),
                storedVersion: 0)
        } catch {
            throw .ledger(.store(error))
        }
    }

    /// What a chain begins with, of which nothing lies on disk yet.
    static func genesis(
        _ genesis: Genesis, _ restored: RestoredState, resultsHash: Bytes32
    ) throws(ProducerFault) -> LedgerRecord {
        let state: LedgerState
        do throws(LedgerFault) {
            state = try LedgerState(genesis)
        } catch {
            throw .ledger(error)
        }
        do throws(StateTreeFault) {
            return LedgerRecord(
                height: 0, state: try state.unstored(in: restored.stateNodes),
                resultsHash: resultsHash, obsolete: [], storedVersion: 0)
        } catch {
            throw .ledger(.store(error))
        }
    }
}
