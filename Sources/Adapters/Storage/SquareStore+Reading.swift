// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
package import DataSquare
internal import Glibc

/// Reading, each byte held to its checksum.
extension SquareStore {
    /// The roots of a block's square.
    package func header(_ key: BlockKey) throws(StorageFault) -> DataAvailabilityHeader {
        let (dataRoot, record) = try locate(key)
        let bytes = try read(dataRoot, record) { (file) throws(StorageFault) in
            try Self.headerBytes(of: file, dataRoot, record)
        }
        let header = try decoding(dataRoot) { () throws(DecodeFault) in
            try slice == nil
                ? SquareFile.decodeHeader(bytes) : RowFile.decodeHeader(bytes).header
        }
        guard header.dataRoot == dataRoot else {
            throw .malformed(path: path(dataRoot), .malformed("the file is another square's"))
        }
        return header
    }

    /// All original shares of a block.
    package func square(_ key: BlockKey) throws(StorageFault) -> OriginalDataSquare {
        guard slice == nil else { throw .missing }
        let (dataRoot, record) = try locate(key)
        let shares = try storedShares(dataRoot, record, 0..<record.storedShareCount)
        return try decoding(dataRoot) { () throws(DecodeFault) in
            try SquareFile.decodeSquare(width: record.width, storedShares: shares)
        }
    }

    /// One original row, `width` shares of 512 bytes.
    ///
    /// - Throws: `misuse` for a row outside of the original square.
    package func row(_ key: BlockKey, _ index: Int) throws(StorageFault) -> [UInt8] {
        guard slice == nil else { throw .missing }
        let (dataRoot, record) = try locate(key)
        guard (0..<record.width).contains(index) else {
            throw .misuse("row \(index) is outside of a square \(record.width) wide")
        }
        return try shares(dataRoot, record, index * record.width..<(index + 1) * record.width)
    }

    /// One original share.
    ///
    /// - Throws: `misuse` for a place outside of the original square.
    package func share(_ key: BlockKey, at place: Coordinate) throws(StorageFault) -> Share {
        guard slice == nil else { throw .missing }
        let (dataRoot, record) = try locate(key)
        guard (0..<record.width).contains(place.row), (0..<record.width).contains(place.column)
        else {
            throw .misuse("\(place) is outside of a square \(record.width) wide")
        }
        let start = place.row * record.width + place.column
        let bytes = try shares(dataRoot, record, start..<start + 1)
        return try decoding(dataRoot) { () throws(DecodeFault) in try Share(decoding: bytes) }
    }

    /// Reads every byte of a block's file and holds it to its checksums.
    package func check(_ key: BlockKey) throws(StorageFault) {
        _ = try header(key)
        guard slice != nil else {
            _ = try square(key)
            return
        }
        let (dataRoot, record) = try locate(key)
        _ = try storedShares(dataRoot, record, 0..<record.storedShareCount)
    }

    // MARK: Where it is

    /// The data root of a block that is held.
    func locateRoot(_ key: BlockKey) throws(StorageFault) -> Bytes32 {
        let found = try index.read { (view) throws(StorageFault) -> [UInt8]? in
            guard let root = try Self.root(key, view), try view.contains(.squares, root) else {
                return nil
            }
            return root
        }
        guard let found else { throw .missing }
        return try Self.dataRoot(found)
    }

    private static func root(
        _ key: BlockKey, _ view: borrowing KeyValueView
    ) throws(StorageFault) -> [UInt8]? {
        switch key {
        case .dataRoot(let dataRoot): dataRoot.array
        case .height(let height): try view.get(.heights, height.key)
        }
    }

    /// The data root of a block that is held, and what is known of its file.
    func locate(_ key: BlockKey) throws(StorageFault) -> (Bytes32, SquareRecord) {
        let found = try index.read { (view) throws(StorageFault) -> ([UInt8], [UInt8])? in
            guard let root = try Self.root(key, view), let record = try view.get(.squares, root)
            else { return nil }
            return (root, record)
        }
        guard let (root, bytes) = found else { throw .missing }
        let dataRoot = try Self.dataRoot(root)
        let record = try decoding(dataRoot) { () throws(DecodeFault) in
            try SquareRecord(decoding: bytes)
        }
        return (dataRoot, record)
    }

    private func decoding<Value>(
        _ dataRoot: Bytes32, _ body: () throws(DecodeFault) -> Value
    ) throws(StorageFault) -> Value {
        do {
            return try body()
        } catch {
            throw .malformed(path: path(dataRoot), error)
        }
    }

    // MARK: Bytes

    /// Original shares by row-major index, padding where the file leaves it out.
    private func shares(
        _ dataRoot: Bytes32, _ record: SquareRecord, _ range: Range<Int>
    ) throws(StorageFault) -> [UInt8] {
        let stored = range.clamped(to: 0..<record.storedShareCount)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count * Share.sizeBytes)
        if !stored.isEmpty { bytes = try storedShares(dataRoot, record, stored) }
        while bytes.count < range.count * Share.sizeBytes {
            bytes.append(contentsOf: Padding.tail.bytes)
        }
        return bytes
    }

    /// Shares that are in the file.
    func storedShares(
        _ dataRoot: Bytes32, _ record: SquareRecord, _ range: Range<Int>
    ) throws(StorageFault) -> [UInt8] {
        try read(dataRoot, record) { (file) throws(StorageFault) in
            try Self.shareBytes(of: file, dataRoot, record, range)
        }
    }

    /// Opens the file and reads; what turns out to be damaged is no longer held.
    private func read(
        _ dataRoot: Bytes32, _ record: SquareRecord,
        _ body: (borrowing ReadableFile) throws(StorageFault) -> [UInt8]
    ) throws(StorageFault) -> [UInt8] {
        do throws(StorageFault) {
            return try readOnce(dataRoot, record, body)
        } catch {
            guard error.isDamage else { throw error }
            try condemn(dataRoot) { () throws(StorageFault) in
                _ = try readOnce(dataRoot, record, body)
            }
            throw error
        }
    }

    private func readOnce(
        _ dataRoot: Bytes32, _ record: SquareRecord,
        _ body: (borrowing ReadableFile) throws(StorageFault) -> [UInt8]
    ) throws(StorageFault) -> [UInt8] {
        try disk.withFile(path(dataRoot)) { (file) throws(StorageFault) in
            guard try file.sizeBytes() == record.fileSizeBytes else {
                throw .corrupt(.squareSize(dataRoot: dataRoot))
            }
            return try body(file)
        }
    }

    private static func headerBytes(
        of file: borrowing ReadableFile, _ dataRoot: Bytes32, _ record: SquareRecord
    ) throws(StorageFault) -> [UInt8] {
        let bytes = try part(of: file, dataRoot, segment: -1, at: 0, record.headerSizeBytes)
        guard Checksum.of(bytes) == record.headerChecksum else {
            throw .corrupt(.square(dataRoot: dataRoot, segment: -1))
        }
        return bytes
    }

    private static func shareBytes(
        of file: borrowing ReadableFile, _ dataRoot: Bytes32, _ record: SquareRecord,
        _ range: Range<Int>
    ) throws(StorageFault) -> [UInt8] {
        guard !range.isEmpty else { return [] }
        let count = SquareRecord.segmentShareCount
        let first = range.lowerBound / count
        let last = (range.upperBound - 1) / count
        let start = first * count
        let end = min((last + 1) * count, record.storedShareCount)
        let bytes = try part(
            of: file, dataRoot, segment: first,
            at: record.headerSizeBytes + start * Share.sizeBytes, (end - start) * Share.sizeBytes)
        for segment in first...last {
            let offset = (segment - first) * SquareRecord.segmentSizeBytes
            let piece = bytes[offset..<min(offset + SquareRecord.segmentSizeBytes, bytes.count)]
            guard Checksum.of(piece) == record.checksum(ofSegment: segment) else {
                throw .corrupt(.square(dataRoot: dataRoot, segment: segment))
            }
        }
        let wanted = (range.lowerBound - start) * Share.sizeBytes
        if wanted == 0 && range.count * Share.sizeBytes == bytes.count { return bytes }
        return [UInt8](bytes[wanted..<wanted + range.count * Share.sizeBytes])
    }

    /// Bytes of the file; a sector that the disk cannot read is damage like any other.
    private static func part(
        of file: borrowing ReadableFile, _ dataRoot: Bytes32, segment: Int, at offset: Int,
        _ count: Int
    ) throws(StorageFault) -> [UInt8] {
        do throws(StorageFault) {
            return try file.read(at: offset, count: count)
        } catch {
            switch error {
            case .system(.read, _, EIO), .system(.read, _, ENODATA):
                throw .corrupt(.square(dataRoot: dataRoot, segment: segment))
            default: throw error
            }
        }
    }

    /// Notes that a square is damaged, unless it was written anew in the meantime.
    private func condemn(
        _ dataRoot: Bytes32, _ reading: () throws(StorageFault) -> Void
    ) throws(StorageFault) {
        try exclusively { () throws(StorageFault) in
            do throws(StorageFault) {
                try reading()
            } catch {
                if error.isDamage { try markDamaged([dataRoot]) }
            }
        }
    }

    /// Takes squares out of what is held and remembers that they are wanted.
    func markDamaged(_ dataRoots: [Bytes32]) throws(StorageFault) {
        guard !dataRoots.isEmpty else { return }
        try index.write { (change) throws(StorageFault) in
            for dataRoot in dataRoots
            where try change.delete(.squares, dataRoot.array) {
                try change.put(.damaged, dataRoot.array, [])
            }
        }
    }
}
