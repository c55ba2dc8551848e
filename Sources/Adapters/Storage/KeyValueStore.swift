// SPDX-License-Identifier: Apache-2.0

internal import CLMDB
internal import Glibc
internal import Synchronization

/// The tables of the index; one LMDB database each.
package enum Table: String, Hashable, Sendable, CaseIterable {
    /// Data root → what is known of its file (`SquareRecord`).
    case squares
    /// Height → data root.
    case heights
    /// Data root ‖ height → nothing: which heights share one square.
    case squareHeights
    /// Data root → nothing: squares that were lost to damage, and must be fetched again.
    case damaged
    /// Data root → nothing: squares whose files are being removed.
    case removals
    /// Height → extended header, or header in the kept form of light nodes.
    case headers
    /// Height → header hash.
    case headerHashes
    /// Header hash → height.
    case headerHeights
    /// Validator set hash → validator set, of headers that are kept without their roots.
    case validatorSets
    /// Name → record of the node's own state.
    case records
    /// Namespace ‖ height ‖ part → part of what a pinned namespace has (`PinnedRecord`).
    case pins
    /// Node key → node of a validator's state tree.
    case stateNodes
    /// Version ‖ part → keys of nodes that this version has no more.
    case stateStale
}

/// Ordered keys and values that survive a power cut, over LMDB.
///
/// One process, one writer at a time, any number of readers. A write transaction is durable when
/// `write` returns, and invisible before. Every value carries its CRC-32C, so that rot is a fault
/// and never an answer. The file grows by doubling; a transaction that finds it full is run again.
package final class KeyValueStore: Sendable {
    /// The longest key, in bytes (LMDB's own limit).
    package static let keyMax = 511
    /// The largest value, in bytes.
    package static let valueMax = 64 << 20

    // LMDB's environment may be used by many threads; its C type just cannot say so.
    nonisolated(unsafe) private let environment: OpaquePointer
    // Held shared by transactions, exclusively while the map grows; pthread makes it thread-safe.
    nonisolated(unsafe) private let gate: UnsafeMutablePointer<pthread_rwlock_t>
    private let handles: [MDB_dbi]
    private let fault: WriteFault
    private let path: String
    private let mapSizeMax: Int
    private let writesSinceMapping = Atomic<Int>(0)

    /// After how many writes the file is mapped anew.
    ///
    /// Pages that were looked at stay mapped and count as this process's memory, a whole day's
    /// headers in the end; a new mapping starts with none of them.
    static let writesPerMapping = 1_024

    /// Opens or makes the index in a directory that is there.
    package init(
        directory: String, fault: WriteFault = WriteFault(), mapSize: Int = 64 << 20,
        mapSizeMax: Int = 1 << 40
    ) throws(StorageFault) {
        var environment: OpaquePointer?
        try Self.check(mdb_env_create(&environment), .open, directory)
        guard let environment else { throw .index(.open, code: ENOMEM) }
        do throws(StorageFault) {
            try fault.pass(.create, directory)
            try IndexMetaPage.check(
                directory + "/data.mdb", mapSizeMax: max(mapSize, mapSizeMax))
            try Self.check(
                mdb_env_set_maxdbs(environment, UInt32(Table.allCases.count)), .open, directory)
            try Self.check(mdb_env_set_mapsize(environment, mapSize), .open, directory)
            try Self.check(
                mdb_env_open(environment, directory, UInt32(MDB_NOTLS), 0o600), .open, directory)
            try Self.makeWhole(environment, directory)
            handles = try Self.openTables(environment, directory)
            // LMDB makes its file durable, but not the file's name.
            try Disk(fault: fault).syncDirectory(directory)
        } catch {
            mdb_env_close(environment)
            throw error
        }
        self.environment = environment
        self.fault = fault
        self.path = directory
        self.mapSizeMax = mapSizeMax
        gate = .allocate(capacity: 1)
        pthread_rwlock_init(gate, nil)
    }

    deinit {
        mdb_env_close(environment)
        pthread_rwlock_destroy(gate)
        gate.deallocate()
    }

    /// Lengthens a file that ends before its last page, which would end the process on reading it.
    ///
    /// The missing pages read as zero then, which LMDB and our checksums report as damage. (That the
    /// very last pages were never written is no damage: LMDB leaves out those it freed at once.)
    private static func makeWhole(
        _ environment: OpaquePointer, _ path: String
    ) throws(StorageFault) {
        var info = MDB_envinfo()
        var statistics = MDB_stat()
        try check(mdb_env_info(environment, &info), .open, path)
        try check(mdb_env_stat(environment, &statistics), .open, path)
        // Inside the map, as the meta pages were checked to say, so this cannot overflow.
        let needed = (info.me_last_pgno + 1) * Int(statistics.ms_psize)
        let file = path + "/data.mdb"
        if let status = try Disk().status(file), status.sizeBytes < needed {
            guard truncate(file, needed) == 0 else { throw .failed(.open, file, code: errno) }
        }
        var dead: Int32 = 0
        try check(mdb_reader_check(environment, &dead), .open, path)
    }

    private static func openTables(
        _ environment: OpaquePointer, _ path: String
    ) throws(StorageFault) -> [MDB_dbi] {
        var transaction: OpaquePointer?
        try check(mdb_txn_begin(environment, nil, 0, &transaction), .open, path)
        var handles: [MDB_dbi] = []
        for table in Table.allCases {
            var handle: MDB_dbi = 0
            let code = mdb_dbi_open(transaction, table.rawValue, UInt32(MDB_CREATE), &handle)
            guard code == 0 else {
                mdb_txn_abort(transaction)
                throw fault(code, .open, path)
            }
            handles.append(handle)
        }
        try check(mdb_txn_commit(transaction), .commit, path)
        return handles
    }

    // MARK: Transactions

    /// Runs `body` on one unchanging view of everything.
    ///
    /// Kept out of the optimizer's generic specializer, which Swift 6.3.1 crashes in for typed
    /// throws around a borrowed view.
    @_semantics("optimize.sil.specialize.generic.never")
    package func read<Result>(
        _ body: (borrowing KeyValueView) throws(StorageFault) -> Result
    ) throws(StorageFault) -> Result {
        pthread_rwlock_rdlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        var transaction: OpaquePointer?
        try Self.check(
            mdb_txn_begin(environment, nil, UInt32(MDB_RDONLY), &transaction), .read, path)
        guard let transaction else { throw .index(.read, code: ENOMEM) }
        defer { mdb_txn_abort(transaction) }
        return try body(KeyValueView(transaction: transaction, handles: handles))
    }

    /// Runs `body` and makes its changes visible and durable together, or none of them.
    ///
    /// `body` runs again, on a larger file, if the file was full; so it may change nothing else.
    package func write<Result>(
        _ body: (borrowing KeyValueChange) throws(StorageFault) -> Result
    ) throws(StorageFault) -> Result {
        while true {
            do throws(StorageFault) {
                let result = try writeOnce(body)
                try mapAnewIfDue()
                return result
            } catch {
                guard case .index(_, MDB_MAP_FULL) = error else { throw error }
                try grow()
            }
        }
    }

    /// How many keys `scan` looks at in one view.
    static let pageMax = 4096

    /// Shows every key of a table, in pages, so that no view of the index stays open for long.
    func scan(
        _ table: Table, _ body: ([UInt8]) throws(StorageFault) -> Void
    ) throws(StorageFault) {
        var from: [UInt8] = []
        while true {
            let start = from
            let keys = try read { (view) throws(StorageFault) in
                try view.keys(table, from: start, limit: Self.pageMax)
            }
            for key in keys { try body(key) }
            guard let last = keys.last, keys.count == Self.pageMax else { return }
            from = last + [0]
        }
    }

    private func writeOnce<Result>(
        _ body: (borrowing KeyValueChange) throws(StorageFault) -> Result
    ) throws(StorageFault) -> Result {
        pthread_rwlock_rdlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        var transaction: OpaquePointer?
        try Self.check(mdb_txn_begin(environment, nil, 0, &transaction), .write, path)
        guard let transaction else { throw .index(.write, code: ENOMEM) }
        let result: Result
        do throws(StorageFault) {
            result = try body(
                KeyValueChange(view: KeyValueView(transaction: transaction, handles: handles)))
            try fault.pass(.commit, path)
        } catch {
            mdb_txn_abort(transaction)
            throw error
        }
        try Self.check(mdb_txn_commit(transaction), .commit, path)
        return result
    }

    private func mapAnewIfDue() throws(StorageFault) {
        let count = writesSinceMapping.add(1, ordering: .relaxed).newValue
        guard count.isMultiple(of: Self.writesPerMapping) else { return }
        pthread_rwlock_wrlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        var info = MDB_envinfo()
        try Self.check(mdb_env_info(environment, &info), .map, path)
        try Self.check(mdb_env_set_mapsize(environment, info.me_mapsize), .map, path)
    }

    private func grow() throws(StorageFault) {
        pthread_rwlock_wrlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        var info = MDB_envinfo()
        try Self.check(mdb_env_info(environment, &info), .map, path)
        let larger = info.me_mapsize * 2
        guard larger <= mapSizeMax else {
            throw .overLimit(what: "the index in bytes", limit: mapSizeMax, actual: larger)
        }
        try Self.check(mdb_env_set_mapsize(environment, larger), .map, path)
    }

    /// The bytes the index may grow to before it is mapped anew.
    package func mapSizeBytes() throws(StorageFault) -> Int {
        var info = MDB_envinfo()
        try Self.check(mdb_env_info(environment, &info), .map, path)
        return info.me_mapsize
    }

    // MARK: Faults

    static func check(
        _ code: Int32, _ step: StorageStep, _ path: String
    ) throws(StorageFault) {
        guard code == 0 else { throw fault(code, step, path) }
    }

    static func fault(_ code: Int32, _ step: StorageStep, _ path: String) -> StorageFault {
        switch code {
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_VERSION_MISMATCH:
            .corrupt(.index)
        case _ where code > 0: .failed(step, path, code: code)
        default: .index(step, code: code)
        }
    }
}
