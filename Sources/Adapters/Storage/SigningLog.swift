// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Glibc

/// What is wrong with a signing log, so that its validator may not vote on it.
package enum SigningLogDamage: Hashable, Sendable, CustomStringConvertible {
    /// There is none, although there was one.
    case missing
    /// A record that others follow is not what was written: the disk lost or changed it.
    case record(number: Int)
    /// It is another chain's or another validator's.
    case foreign

    package var description: String {
        switch self {
        case .missing: "the signing log is missing"
        case .record(let number): "record \(number) of the signing log is damaged"
        case .foreign: "the signing log is another validator's"
        }
    }
}

/// What a validator has signed, in the order it did: written and synced before anybody sees it.
///
/// ```text
/// slot      512 bytes: its number 8 ‖ number of the first slot of its batch 8 ‖ length 2
///           ‖ record, at most 256 ‖ zeros ‖ CRC-32C 4
/// slot 0    "QDR1/signing-log" ‖ 00 ‖ identity 32
/// ```
/// All records of one turn are one batch: one write and one sync. A crash may tear the last batch,
/// which nobody has seen the effect of: it is cut off at its first slot that does not hold. A slot
/// that does not hold with a later batch behind it was once synced, and tells of damage. After a
/// failed write or sync nothing is appended any more, since what the disk has is not known.
/// Specified in Protocol/18-storage-formats.md#signing-log.
package final class SigningLog {
    /// A slot: a sector of any disk.
    package static let slotSizeBytes = 512
    /// The largest record, in bytes.
    package static let recordSizeBytesMax = 256
    /// The largest log that is read; far beyond what is rewritten at `rewriteSizeBytes`.
    package static let sizeBytesMax = 256 << 20
    /// From this size on the log should be rewritten without what is settled.
    package static let rewriteSizeBytes = 4 << 20

    /// What an opened log holds.
    package struct Contents: Hashable, Sendable {
        /// The records, oldest first.
        package let records: [[UInt8]]
        /// Slots of a torn batch that were cut off.
        package let cutCount: Int
    }

    /// What came of opening a log.
    package enum Opening {
        /// It can be used.
        case whole(SigningLog, Contents)
        /// Its validator may not vote on it.
        case damaged(SigningLogDamage)
    }

    private let path: String
    private let disk: Disk
    private let identity: Bytes32
    private var file: Int32
    private var slotCount: Int
    private var isBroken = false

    /// The size of the log now, in bytes.
    package var sizeBytes: Int { slotCount * Self.slotSizeBytes }

    private init(_ path: String, _ disk: Disk, _ identity: Bytes32, file: Int32, slotCount: Int) {
        self.path = path
        self.disk = disk
        self.identity = identity
        self.file = file
        self.slotCount = slotCount
    }

    deinit { close(file) }

    /// Makes the log of a validator that has never signed.
    ///
    /// `identity` names chain and key. Throws when there is a log.
    package static func create(
        _ path: String, identity: Bytes32, disk: Disk = Disk()
    ) throws(StorageFault) -> SigningLog {
        guard try disk.status(path) == nil else {
            throw .misuse("\(path) is there already; a signing log is made once")
        }
        try disk.replace(path, with: slot(header(identity), number: 0, batch: 0))
        return SigningLog(
            path, disk, identity, file: try open(path), slotCount: 1)
    }

    /// Opens the log, cuts a torn batch off, and gives its records; or says why it cannot be used.
    package static func open(
        _ path: String, identity: Bytes32, disk: Disk = Disk()
    ) throws(StorageFault) -> Opening {
        guard try disk.status(path) != nil else { return .damaged(.missing) }
        let bytes = try disk.read(path, limit: sizeBytesMax)
        let (records, validCount, damaged) = scan(bytes)
        if let damaged { return .damaged(.record(number: damaged)) }
        guard let first = records.first else { return .damaged(.record(number: 0)) }
        guard first == header(identity) else { return .damaged(.foreign) }
        let log = SigningLog(path, disk, identity, file: try open(path), slotCount: validCount)
        let left = bytes.count - validCount * slotSizeBytes
        if left > 0 { try log.cut() }
        let cut = (left + slotSizeBytes - 1) / slotSizeBytes
        return .whole(log, Contents(records: Array(records.dropFirst()), cutCount: cut))
    }

    /// Appends records and returns when they are durable.
    package func append(_ records: [[UInt8]]) throws(StorageFault) {
        guard !isBroken else {
            throw .misuse("\(path) failed before; restart, so that it is read again")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.count * Self.slotSizeBytes)
        for (index, record) in records.enumerated() {
            guard record.count <= Self.recordSizeBytesMax else {
                throw .overLimit(
                    what: "a record of the signing log in bytes",
                    limit: Self.recordSizeBytesMax, actual: record.count)
            }
            bytes += Self.slot(record, number: slotCount + index, batch: slotCount)
        }
        guard !bytes.isEmpty else { return }
        isBroken = true
        try disk.write(bytes[...], to: file, path)
        try sync()
        isBroken = false
        slotCount += records.count
    }

    /// Replaces the log by one with these records alone, all or nothing.
    package func rewrite(_ records: [[UInt8]]) throws(StorageFault) {
        var bytes = Self.slot(Self.header(identity), number: 0, batch: 0)
        for (index, record) in records.enumerated() {
            precondition(record.count <= Self.recordSizeBytesMax, "it was a record before")
            bytes += Self.slot(record, number: index + 1, batch: index + 1)
        }
        isBroken = true
        try disk.replace(path, with: bytes)
        let fresh = try Self.open(path)
        close(file)
        file = fresh
        slotCount = records.count + 1
        isBroken = false
    }

    // MARK: Slots

    private static func header(_ identity: Bytes32) -> [UInt8] {
        Array("QDR1/signing-log".utf8) + [0] + identity.array
    }

    private static func slot(_ record: [UInt8], number: Int, batch: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(slotSizeBytes)
        bytes.append(bigEndian: UInt64(number))
        bytes.append(bigEndian: UInt64(batch))
        bytes.append(bigEndian: UInt16(record.count))
        bytes += record
        bytes += [UInt8](repeating: 0, count: slotSizeBytes - 4 - bytes.count)
        bytes.append(bigEndian: Checksum.of(bytes))
        return bytes
    }

    /// The records up to the first slot that does not hold; which one, if it is damage and no tear.
    private static func scan(
        _ bytes: [UInt8]
    ) -> (records: [[UInt8]], validCount: Int, damaged: Int?) {
        var records: [[UInt8]] = []
        var firstBad: Int?
        for number in 0..<(bytes.count + slotSizeBytes - 1) / slotSizeBytes {
            let start = number * slotSizeBytes
            let slot = bytes[start..<min(start + slotSizeBytes, bytes.count)]
            let read = read(slot, number: number)
            if let firstBad {
                if let read, read.batch > firstBad { return (records, records.count, firstBad) }
            } else if let read {
                records.append(read.record)
            } else {
                firstBad = number
            }
        }
        return (records, records.count, nil)
    }

    private static func read(
        _ slot: ArraySlice<UInt8>, number: Int
    ) -> (record: [UInt8], batch: Int)? {
        guard slot.count == slotSizeBytes else { return nil }
        var reader = ByteReader(slot)
        do throws(DecodeFault) {
            let own = try reader.bigEndian(UInt64.self)
            let batch = try reader.bigEndian(UInt64.self)
            let length = Int(try reader.bigEndian(UInt16.self))
            guard own == UInt64(number), batch <= own, length <= recordSizeBytesMax else {
                return nil
            }
            let record = try reader.array(length)
            var checksum = ByteReader(slot.suffix(4))
            let stored = try checksum.bigEndian(UInt32.self)
            guard Checksum.of(Array(slot.dropLast(4))) == stored else { return nil }
            return (record, Int(batch))
        } catch {
            return nil
        }
    }

    // MARK: The file

    private static func open(_ path: String) throws(StorageFault) -> Int32 {
        let file = Glibc.open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard file >= 0 else { throw .failed(.open, path, code: errno) }
        return file
    }

    private func cut() throws(StorageFault) {
        try disk.fault.pass(.write, path)
        guard ftruncate(file, off_t(sizeBytes)) == 0 else {
            throw .failed(.write, path, code: errno)
        }
        try sync()
    }

    private func sync() throws(StorageFault) {
        try disk.fault.pass(.sync, path)
        guard fdatasync(file) == 0 else { throw .failed(.sync, path, code: errno) }
    }
}
