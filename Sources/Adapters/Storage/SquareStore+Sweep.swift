// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare

/// What the start-up sweep found and put right.
package struct SweepReport: Hashable, Sendable {
    /// Unfinished files, removed.
    package var temporaries = 0
    /// Removals that had begun, completed.
    package var removals = 0
    /// Complete squares that the index did not know, taken into it.
    package var adopted = 0
    /// Files that are not what their names say, set aside as `….refused`.
    package var refused = 0
    /// Names by height, taken into the index.
    package var adoptedHeights = 0
    /// Names by height that lead to no square, removed.
    package var strayHeights = 0
    /// Names by height that were missing, made again.
    package var relinked = 0
    /// Squares of the index whose file is gone; they are damaged now.
    package var lost = 0

    /// A report of nothing.
    package init() {}

    /// Whether there was nothing to put right.
    package var isClean: Bool { self == SweepReport() }
}

/// Start-up: what an earlier process left half done is completed or removed.
///
/// Files without a record are those of a process that died before its last step, of a lost index,
/// or of another node's store that was copied here. Each is held to its own data root first.
extension SquareStore {
    /// Puts everything right; nothing else may use the store meanwhile.
    package func sweep() throws(StorageFault) -> SweepReport {
        var report = SweepReport()
        try removeTemporaries(&report)
        try completeRemovals(&report)
        try compareFiles(&report)
        try compareHeights(&report)
        try countFiles()
        return report
    }

    private func removeTemporaries(_ report: inout SweepReport) throws(StorageFault) {
        for folder in [directory.blocks, directory.heights] {
            for name in try disk.names(in: folder) where name.hasSuffix(Disk.temporarySuffix) {
                try disk.unlink(folder + "/" + name)
                report.temporaries += 1
            }
        }
    }

    private func completeRemovals(_ report: inout SweepReport) throws(StorageFault) {
        while true {
            let removals = try index.read { (view) throws(StorageFault) in
                try Self.removals(view, limit: KeyValueStore.pageMax)
            }
            if removals.isEmpty { return }
            try complete(removals)
            report.removals += removals.count
        }
    }

    // MARK: Files and records

    private func compareFiles(_ report: inout SweepReport) throws(StorageFault) {
        var files: Set<Bytes32> = []
        for name in try disk.names(in: directory.blocks) where name.hasSuffix(suffix) {
            if let root = dataRoot(fileName: name) { files.insert(root) }
        }
        var records: Set<Bytes32> = []
        var lost: [Bytes32] = []
        try index.scan(.squares) { (key) throws(StorageFault) in
            let root = try Self.dataRoot(key)
            records.insert(root)
            if !files.contains(root) { lost.append(root) }
        }
        try markDamaged(lost)
        report.lost += lost.count
        for root in files.subtracting(records).sorted() {
            if try adopt(root) { report.adopted += 1 } else { report.refused += 1 }
        }
    }

    /// Takes a file into the index if it is the square that its name says; else sets it aside.
    private func adopt(_ dataRoot: Bytes32) throws(StorageFault) -> Bool {
        let bytes: [UInt8]
        do throws(StorageFault) {
            bytes = try disk.read(path(dataRoot), limit: SquareFile.sizeMax)
        } catch {
            guard case .overLimit = error else { throw error }
            try setAside(dataRoot)
            return false
        }
        guard let record = record(of: bytes, dataRoot) else {
            try setAside(dataRoot)
            return false
        }
        try index.write { (change) throws(StorageFault) in
            try change.put(.squares, dataRoot.array, record.encode())
            try change.delete(.damaged, dataRoot.array)
        }
        return true
    }

    private func setAside(_ dataRoot: Bytes32) throws(StorageFault) {
        try disk.rename(path(dataRoot), to: path(dataRoot) + ".refused")
        try disk.syncDirectory(directory.blocks)
    }

    private func record(of bytes: [UInt8], _ dataRoot: Bytes32) -> SquareRecord? {
        if let slice { return Self.record(ofRows: bytes, dataRoot, slice: slice) }
        do throws(DecodeFault) {
            let (square, header) = try SquareFile.decode(bytes)
            // The data root stands for all roots, so the stated ones need no second look.
            guard header.dataRoot == dataRoot,
                ExtendedDataSquare(extending: square).commit().dataRoot == dataRoot
            else { return nil }
            let split = SquareFile.headerSizeBytes(width: square.width)
            return SquareRecord(
                width: square.width, header: Array(bytes[..<split]), storedShares: bytes[split...])
        } catch {
            return nil
        }
    }

    private func dataRoot(fileName: String) -> Bytes32? {
        do throws(DecodeFault) {
            let root = try Bytes32(decoding: Hex.decode(fileName.dropLast(suffix.count)))
            return self.fileName(root) == fileName ? root : nil
        } catch {
            return nil
        }
    }

    // MARK: Heights

    private func compareHeights(_ report: inout SweepReport) throws(StorageFault) {
        var names: Set<Height> = []
        for name in try disk.names(in: directory.heights) where name.hasSuffix(suffix) {
            guard let height = UInt64(name.dropLast(suffix.count)).map(Height.init),
                path(height: height) == directory.heights + "/" + name
            else { continue }
            names.insert(height)
        }
        var known: Set<Height> = []
        var unnamed: [Height] = []
        try index.scan(.heights) { (key) throws(StorageFault) in
            let height = try Height(key: key)
            known.insert(height)
            if !names.contains(height) { unnamed.append(height) }
        }
        for height in names.subtracting(known).sorted() {
            if try adopt(height: height) {
                report.adoptedHeights += 1
            } else {
                try disk.unlink(path(height: height))
                report.strayHeights += 1
            }
        }
        for height in unnamed {
            guard let root = try dataRoot(at: height), try contains(.dataRoot(root)) else {
                continue
            }
            try link(height, to: root, isEmpty: try locate(.dataRoot(root)).1.isEmpty)
            report.relinked += 1
        }
        try disk.syncDirectory(directory.heights)
    }

    /// Takes a name by height into the index if it names a square that is held, and not another
    /// one than the height's header names; a copy of the file becomes a link to it.
    private func adopt(height: Height) throws(StorageFault) -> Bool {
        let name = path(height: height)
        guard let found = try disk.status(name), found.sizeBytes >= SquareFile.fixedSizeBytes else {
            return false
        }
        let start = try disk.withFile(name) { (file) throws(StorageFault) in
            try file.read(at: 0, count: SquareFile.fixedSizeBytes)
        }
        let root: Bytes32
        do throws(DecodeFault) { root = try SquareFile.statedDataRoot(start) } catch {
            return false
        }
        guard try contains(.dataRoot(root)) else { return false }
        if let header = try HeaderStore(index: index).header(at: height),
            header.dataRoot != root
        {
            return false
        }
        try link(height, to: root, isEmpty: try locate(.dataRoot(root)).1.isEmpty)
        try index.write { (change) throws(StorageFault) in
            try change.put(.heights, height.key, root.array)
            try change.put(.squareHeights, root.array + height.key, [])
        }
        return true
    }
}
