// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Ledger
internal import Pooling

/// The ledger after a block, as it lies on disk: `height u64 ‖ results hash 32 ‖ app hash 32`, and
/// each entry in a record of its own, named by its key.
///
/// What a block changes is stored with it, all or nothing; the rest lies there already. An empty
/// record is one that goes.
enum LedgerRecord {
    static func make(
        height: UInt64, state: LedgerState, resultsHash: Bytes32
    ) -> [(name: String, bytes: [UInt8])] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: height)
        bytes.append(resultsHash)
        bytes.append(state.hash)
        // Nothing of the genesis lies there before the first block.
        let entries = height == 1 ? state.entries : state.changes
        return [(name, bytes)]
            + entries.map { (entryPrefix + Hex.encode($0.key), $0.value ?? []) }
    }

    /// The ledger and results hash after the block at `height`.
    static func read(
        _ restored: RestoredState, height: UInt64
    ) throws(ProducerFault) -> (LedgerState, Bytes32) {
        guard let bytes = restored.value(name) else { throw .ledgerMissing(height: height) }
        do throws(DecodeFault) {
            var reader = ByteReader(bytes)
            let stored = try reader.bigEndian(UInt64.self)
            let resultsHash: Bytes32 = try reader.fixed()
            guard stored == height else {
                throw .malformed("the ledger is of height \(stored)")
            }
            let hash: Bytes32 = try reader.fixed()
            try reader.finish()
            var entries: [LedgerEntry] = []
            for record in restored.values where record.name.hasPrefix(entryPrefix) {
                let key = try Hex.decode(String(record.name.dropFirst(entryPrefix.count)))
                entries.append(LedgerEntry(key: key, value: record.bytes))
            }
            let state = try LedgerState(entries)
            guard state.hash == hash else {
                throw .malformed("the ledger's entries are not those of its app hash")
            }
            return (state, resultsHash)
        } catch {
            throw .record(name, error)
        }
    }

    /// The ledger that was stored last, whatever its height; nil when none was.
    static func newest(
        _ restored: RestoredState
    ) throws(ProducerFault) -> (height: UInt64, state: LedgerState, resultsHash: Bytes32)? {
        guard let bytes = restored.value(name) else { return nil }
        let height: UInt64
        do throws(DecodeFault) {
            var reader = ByteReader(bytes)
            height = try reader.bigEndian()
        } catch {
            throw .record(name, error)
        }
        let (state, resultsHash) = try read(restored, height: height)
        return (height, state, resultsHash)
    }

    private static let name = "ledger"
    private static let entryPrefix = "ledger/"
}

/// The transactions of one block, as they lie on disk: `height u64`, then one length-prefixed
/// `Inclusion` message each (Protocol/wire/submission.proto).
struct InclusionList {
    static let prefix = "included/"

    let height: UInt64
    let records: [InclusionRecord]

    init(height: UInt64, records: [InclusionRecord]) {
        self.height = height
        self.records = records
    }

    init(height: UInt64, results: [TransactionResult]) {
        self.init(
            height: height,
            records: results.map { result in
                var record = InclusionRecord()
                record.transactionHash = result.hash
                record.height = height
                record.code = result.code
                record.codespace = result.fault?.codespace ?? ""
                record.log = result.fault.map { "\($0)" } ?? ""
                record.gasWanted = result.gasWanted
                record.gasUsed = result.gasUsed
                return record
            })
    }

    init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        height = try reader.bigEndian()
        var found: [InclusionRecord] = []
        while !reader.isAtEnd {
            let message = try reader.lengthPrefixed(limit: SubmissionExchange.responseLimit)
            guard case .included(let record) = try SubmissionResponse(protobuf: [UInt8](message))
            else { throw .malformed("not an inclusion", at: reader.offset) }
            found.append(record)
        }
        records = found
    }

    var record: (name: String, bytes: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: height)
        for record in records {
            bytes.append(lengthPrefixed: SubmissionResponse.included(record).protobuf)
        }
        let place = height % NodeLimits.inclusionBlocks
        return (Self.prefix + "\(place)", bytes)
    }
}
