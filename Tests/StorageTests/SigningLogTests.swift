// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Storage
import Testing

/// What a validator signed survives crashes at every step, and damage is told from a torn end.
@Suite struct SigningLogTests {
    private static let identity = SHA256.hash([1])

    private static func batches(_ count: Int) -> [[[UInt8]]] {
        (0..<count).map { batch in
            (0...(batch % 3)).map { record in
                [UInt8](repeating: UInt8(16 * batch + record), count: 40 + 50 * record)
            }
        }
    }

    private static func contents(
        _ path: String, disk: Disk = Disk()
    ) throws -> SigningLog.Contents {
        guard
            case .whole(_, let contents) = try SigningLog.open(path, identity: identity, disk: disk)
        else { throw StorageFault.missing }
        return contents
    }

    /// Records come back in their order, from a log opened again and again.
    @Test func recordsComeBack() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("signing")
        let batches = Self.batches(6)
        let log = try SigningLog.create(path, identity: Self.identity)
        for batch in batches.prefix(3) { try log.append(batch) }
        guard
            case .whole(let again, let contents) = try SigningLog.open(
                path, identity: Self.identity)
        else { throw StorageFault.missing }
        #expect(contents.records == Array(batches.prefix(3).joined()))
        for batch in batches.dropFirst(3) { try again.append(batch) }
        try again.append([])
        #expect(try Self.contents(path).records == Array(batches.joined()))
        #expect(again.sizeBytes == SigningLog.slotSizeBytes * (1 + batches.joined().count))
        #expect(throws: StorageFault.self) {
            try SigningLog.create(path, identity: Self.identity)
        }
        #expect(throws: StorageFault.self) {
            try again.append([[UInt8](repeating: 0, count: SigningLog.recordSizeBytesMax + 1)])
        }
    }

    /// Whatever part of the last batch reached the disk, all batches before it are there, and the
    /// log goes on.
    @Test func tornEnds() throws {
        let scratch = try ScratchDirectory(inMemory: true)
        let path = scratch.file("signing")
        let batches = Self.batches(3)
        let log = try SigningLog.create(path, identity: Self.identity)
        for batch in batches { try log.append(batch) }
        let whole = try Disk().read(path, limit: 1 << 20)
        let slot = SigningLog.slotSizeBytes
        let last = whole.count - batches[2].count * slot
        let before = Array(batches.prefix(2).joined())
        for length in stride(from: last, to: whole.count, by: 61) {
            try scratch.change("signing") { $0 = Array(whole.prefix(length)) }
            let contents = try Self.contents(path)
            let kept = (length - last) / slot
            #expect(contents.records == before + batches[2].prefix(kept), "\(length)")
        }
        // Any subset of the last batch's sectors may have reached the disk.
        for subset in 0..<(1 << batches[2].count) - 1 {
            try scratch.change("signing") { bytes in
                bytes = whole
                for index in batches[2].indices where subset >> index & 1 == 0 {
                    for byte in 0..<slot { bytes[last + index * slot + byte] = 0 }
                }
            }
            let kept = (0..<batches[2].count).first { subset >> $0 & 1 == 0 } ?? 0
            guard
                case .whole(let log, let contents) = try SigningLog.open(
                    path, identity: Self.identity)
            else { throw StorageFault.missing }
            #expect(contents.records == before + batches[2].prefix(kept))
            #expect(contents.cutCount == batches[2].count - kept)
            try log.append([[9]])
            #expect(try Self.contents(path).records == contents.records + [[9]])
        }
    }

    /// A changed byte in any record that a later batch follows is damage, never a tear.
    @Test func damage() throws {
        let scratch = try ScratchDirectory(inMemory: true)
        let path = scratch.file("signing")
        let batches = Self.batches(4)
        let log = try SigningLog.create(path, identity: Self.identity)
        for batch in batches { try log.append(batch) }
        let whole = try Disk().read(path, limit: 1 << 20)
        let slot = SigningLog.slotSizeBytes
        let last = whole.count - batches[3].count * slot
        for place in stride(from: 0, to: last, by: 37) {
            try scratch.change("signing") { bytes in
                bytes = whole
                bytes[place] ^= 0x10
            }
            guard case .damaged(let damage) = try SigningLog.open(path, identity: Self.identity)
            else {
                Issue.record("byte \(place) was not noticed")
                continue
            }
            #expect(damage == .record(number: place / slot))
        }
        try scratch.change("signing") { $0 = whole }
        guard case .damaged(.foreign) = try SigningLog.open(path, identity: SHA256.hash([2])) else {
            Issue.record("another's log was taken")
            return
        }
        guard
            case .damaged(.missing) = try SigningLog.open(
                scratch.file("none"), identity: Self.identity)
        else {
            Issue.record("no log was taken")
            return
        }
    }

    /// A failure at any step loses nothing that was acknowledged, and stops the log.
    @Test func everyStepFails() throws {
        let batches = Self.batches(4)
        var step = 1
        while true {
            let scratch = try ScratchDirectory(inMemory: true)
            let path = scratch.file("signing")
            try SigningLog.create(path, identity: Self.identity).append(batches[0])
            let fault = WriteFault(.failOnce(at: step, code: 5))
            let disk = Disk(fault: fault)
            guard
                case .whole(let log, _) = try SigningLog.open(
                    path, identity: Self.identity, disk: disk)
            else { throw StorageFault.missing }
            var acknowledged = batches[0]
            var allowed = [acknowledged]
            do {
                for batch in batches.dropFirst() {
                    allowed = [acknowledged, acknowledged + batch]
                    for count in batch.indices { allowed.append(acknowledged + batch[..<count]) }
                    try log.append(batch)
                    acknowledged += batch
                    allowed = [acknowledged]
                }
                allowed = [acknowledged, [[1, 2, 3]]]
                try log.rewrite([[1, 2, 3]])
                acknowledged = [[1, 2, 3]]
                allowed = [acknowledged, acknowledged + [[4]]]
                try log.append([[4]])
                acknowledged.append([4])
                allowed = [acknowledged]
            } catch {
                #expect(throws: StorageFault.self) { try log.append([[7]]) }
            }
            let found = try Self.contents(path).records
            #expect(allowed.contains(found), "step \(step): \(found.map(\.count))")
            if fault.count < step { break }
            step += 1
        }
        #expect(step > 10)
    }
}
