// SPDX-License-Identifier: Apache-2.0

import Foundation
import Storage
import Synchronization
import Testing

@Suite struct KeyValueStoreTests {
    /// What is written is read back in a new process's place, in order of the keys' bytes.
    @Test func writtenIsReadAfterReopening() throws {
        let scratch = try ScratchDirectory()
        do {
            let store = try KeyValueStore(directory: scratch.path)
            try store.write { (change) throws(StorageFault) in
                for key: UInt8 in [3, 1, 2] { try change.put(.records, [key], [key, key]) }
                try change.put(.headers, [9], [])
            }
        }
        let store = try KeyValueStore(directory: scratch.path)
        try store.read { (view) throws(StorageFault) in
            #expect(try view.get(.records, [2]) == [2, 2])
            #expect(try view.get(.records, [4]) == nil)
            #expect(try view.get(.headers, [9]) == [])
            #expect(try view.count(.records) == 3)
            #expect(try view.first(.records)?.key == [1])
            #expect(try view.last(.records)?.key == [3])
            #expect(try view.last(.heights) == nil)
            let range = try view.range(.records, from: [2], to: [3], limit: 10)
            #expect(range.map(\.key) == [[2]])
            #expect(try view.range(.records, from: [2], limit: 10).map(\.key) == [[2], [3]])
            #expect(try view.range(.records, from: [], limit: 2).map(\.key) == [[1], [2]])
        }
    }

    /// A prefix finds its keys and no others.
    @Test func prefixesEndWhereTheyShould() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyValueStore(directory: scratch.path)
        try store.write { (change) throws(StorageFault) in
            for key: [UInt8] in [[1, 255], [2], [2, 0], [2, 255, 255], [3]] {
                try change.put(.records, key, [])
            }
        }
        let found = try store.read { (view) throws(StorageFault) in
            try view.prefixed(.records, [2], limit: 10).map(\.key)
        }
        #expect(found == [[2], [2, 0], [2, 255, 255]])
    }

    /// A transaction that fails changes nothing at all.
    @Test func failedTransactionLeavesNothing() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyValueStore(directory: scratch.path)
        #expect(throws: StorageFault.missing) {
            try store.write { (change) throws(StorageFault) in
                try change.put(.records, [1], [1])
                throw .missing
            }
        }
        #expect(try store.read { (view) throws(StorageFault) in try view.count(.records) } == 0)
    }

    /// A full file grows, and the transaction that found it full is complete afterwards.
    @Test func fullFileGrows() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyValueStore(directory: scratch.path, mapSize: 1 << 18)
        for key: UInt8 in 0..<64 {
            try store.write { (change) throws(StorageFault) in
                try change.put(.records, [key], [UInt8](repeating: key, count: 1 << 16))
            }
        }
        #expect(try store.mapSizeBytes() >= 64 << 16)
    }

    /// The file is mapped anew now and then, and readers find everything before and after.
    @Test func mappedAnew() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyValueStore(directory: scratch.path)
        let size = try store.mapSizeBytes()
        for key in 0..<1_030 {
            try store.write { (change) throws(StorageFault) in
                try change.put(.records, [UInt8(key >> 8), UInt8(key & 255)], [UInt8(key & 255)])
            }
        }
        #expect(try store.mapSizeBytes() == size)
        #expect(
            try store.read { (view) throws(StorageFault) in try view.count(.records) } == 1_030)
    }

    /// A file that has grown is opened with a smaller map size, read, and grown further.
    @Test func grownFileIsReopened() throws {
        let scratch = try ScratchDirectory()
        for round: UInt8 in 0..<3 {
            let store = try KeyValueStore(directory: scratch.path, mapSize: 1 << 18)
            for key in round * 32..<(round + 1) * 32 {
                try store.write { (change) throws(StorageFault) in
                    try change.put(.records, [key], [UInt8](repeating: key, count: 1 << 16))
                }
            }
        }
        let store = try KeyValueStore(directory: scratch.path, mapSize: 1 << 18)
        for key: UInt8 in 0..<96 {
            let value = try store.read { (view) throws(StorageFault) in
                try view.get(.records, [key])
            }
            #expect(value == [UInt8](repeating: key, count: 1 << 16))
        }
    }

    /// Beyond its limit the file does not grow, and says so.
    @Test func growthHasALimit() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyValueStore(
            directory: scratch.path, mapSize: 1 << 18, mapSizeMax: 1 << 19)
        #expect(
            throws: StorageFault.overLimit(
                what: "the index in bytes", limit: 1 << 19, actual: 1 << 20)
        ) {
            try store.write { (change) throws(StorageFault) in
                try change.put(.records, [1], [UInt8](repeating: 1, count: 1 << 20))
            }
        }
        try store.write { (change) throws(StorageFault) in try change.put(.records, [1], [1]) }
    }

    /// Readers and writers of many threads see whole transactions, also while the file grows.
    @Test func threadsSeeWholeTransactions() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyValueStore(directory: scratch.path, mapSize: 1 << 18)
        try store.write { (change) throws(StorageFault) in
            try change.put(.records, [0], [0])
            try change.put(.records, [1], [0])
        }
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            for round in 0..<50 {
                failures.note {
                    if worker == 0 {
                        try store.write { (change) throws(StorageFault) in
                            let value = [UInt8](repeating: UInt8(round), count: 1 + round * 400)
                            try change.put(.records, [0], value)
                            try change.put(.records, [1], value)
                        }
                        return true
                    }
                    return try store.read { (view) throws(StorageFault) in
                        try view.get(.records, [0]) == view.get(.records, [1])
                    }
                }
            }
        }
        #expect(failures.all == [])
    }

    /// Keys and values over their limits are refused by name.
    @Test func limitsAreHeld() throws {
        let scratch = try ScratchDirectory()
        let store = try KeyValueStore(directory: scratch.path)
        for count in [0, KeyValueStore.keyMax + 1] {
            #expect(
                throws: StorageFault.overLimit(
                    what: "a key's size", limit: KeyValueStore.keyMax, actual: count)
            ) {
                try store.write { (change) throws(StorageFault) in
                    try change.put(.records, [UInt8](repeating: 7, count: count), [])
                }
            }
        }
        try store.write { (change) throws(StorageFault) in
            try change.put(.records, [UInt8](repeating: 7, count: KeyValueStore.keyMax), [])
        }
    }

    /// A changed byte of a stored value is a fault and never an answer.
    @Test func rottenValueIsFound() throws {
        let scratch = try ScratchDirectory()
        let value = [UInt8](repeating: 0xa5, count: 3000)
        do {
            let store = try KeyValueStore(directory: scratch.path)
            try store.write { (change) throws(StorageFault) in
                try change.put(.records, [1], value)
            }
        }
        var found = false
        try scratch.change("data.mdb") { bytes in
            for start in 0..<bytes.count - 3000 where bytes[start] == 0xa5 {
                bytes[start + 1234] ^= 0x10
                found = true
                return
            }
        }
        #expect(found)
        let store = try KeyValueStore(directory: scratch.path)
        #expect(throws: StorageFault.corrupt(.value(table: "records"))) {
            try store.read { (view) throws(StorageFault) in try view.get(.records, [1]) }
        }
    }

    /// An index that was cut short is a fault, not the end of the process.
    @Test func truncatedIndexIsFound() throws {
        let scratch = try ScratchDirectory()
        do {
            let store = try KeyValueStore(directory: scratch.path)
            for key: UInt8 in 0..<100 {
                try store.write { (change) throws(StorageFault) in
                    try change.put(.records, [key], [UInt8](repeating: key, count: 2000))
                }
            }
        }
        try scratch.change("data.mdb") { bytes in bytes.removeSubrange(16384...) }
        #expect(throws: StorageFault.self) {
            let store = try KeyValueStore(directory: scratch.path)
            try store.read { (view) throws(StorageFault) in
                for key: UInt8 in 0..<100 {
                    guard try view.get(.records, [key]) != nil else {
                        throw .missing
                    }
                }
            }
        }
    }
}

/// Collects what went wrong on several threads.
final class Failures: Sendable {
    private let list = Mutex<[String]>([])

    var all: [String] { list.withLock { $0 } }

    func note(_ body: () throws -> Bool) {
        do {
            if try !body() { list.withLock { $0.append("false") } }
        } catch {
            list.withLock { $0.append("\(error)") }
        }
    }
}
