// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Foundation
import Glibc
import Storage
import TestSupport
import Testing

/// The store of a node that keeps a slice of each square.
@Suite struct RowStoreTests {
    static func committed(_ width: Int, _ seed: String) throws -> CommittedSquare {
        CommittedSquare(
            ExtendedDataSquare(extending: try SampleSquares.make(width: width, seed: seed)))
    }

    static func slice(_ text: String) throws -> RowSlice { try #require(RowSlice(text)) }

    /// What was put is there after a restart, row for row, takes its part of the bytes, and is no
    /// whole square; only the slice's rows are.
    @Test(arguments: ["1/2", "3/4", "8/8", "17/64"])
    func rowsComeBack(_ text: String) throws {
        let scratch = try ScratchDirectory()
        let slice = try Self.slice(text)
        let square = try Self.committed(8, "rows")
        do {
            let storage = try NodeStorage(scratch.path, slice: slice)
            try storage.put(KeptRows(slice, of: square), at: Height(7))
        }
        let storage = try NodeStorage(scratch.path, slice: slice)
        #expect(storage.sweepReport.isClean)
        #expect(try storage.squares.ranges() == [Height(7)...Height(7)])
        let rows = try storage.squares.rows(.at(7)) { Array(0..<$0.width) }
        #expect(rows.indexes == slice.rows(width: 16))
        #expect(rows.bytes == KeptRows(slice, of: square).bytes)
        #expect(rows.header == square.header)
        #expect(throws: StorageFault.missing) { try storage.squares.square(.at(7)) }
        #expect(throws: StorageFault.missing) { try storage.squares.committedSquare(.at(7)) }
        let size = try storage.squares.integrity(.at(7), rows: [0, 5, 9])
        #expect(size == 65 + 16 * 180 + slice.rows(width: 16).count * 8 * 512)
        try storage.squares.remove(heights: [Height(7)])
        #expect(try scratch.everyFile().filter { $0.hasSuffix(".rows") } == [])
    }

    /// A directory keeps what it was made for.
    @Test func sliceIsDecidedOnce() throws {
        let square = try Self.committed(2, "decided")
        let (one, two) = (try Self.slice("1/2"), try Self.slice("2/2"))
        do {
            let scratch = try ScratchDirectory()
            _ = try NodeStorage(scratch.path, slice: one)
            for other in [two, nil] {
                #expect(throws: StorageFault.otherSlice(path: scratch.path, kept: "1/2")) {
                    try NodeStorage(scratch.path, slice: other)
                }
            }
            let storage = try NodeStorage(scratch.path, slice: one)
            #expect(throws: StorageFault.self) {
                try storage.put(KeptRows(two, of: square), at: Height(1))
            }
            #expect(throws: StorageFault.self) { try storage.put(square, at: Height(1)) }
        }
        let scratch = try ScratchDirectory()
        do { try NodeStorage(scratch.path).put(square, at: Height(1)) }
        #expect(throws: StorageFault.otherSlice(path: scratch.path, kept: nil)) {
            try NodeStorage(scratch.path, slice: one)
        }
    }

    /// A byte that rots makes the height damaged, putting it again heals it; a file whose sum holds
    /// and whose rows are another square's is found by their roots.
    @Test func rotIsFound() throws {
        let scratch = try ScratchDirectory()
        let slice = try Self.slice("2/4")
        let square = try Self.committed(8, "rot")
        let storage = try NodeStorage(scratch.path, slice: slice)
        let rows = KeptRows(slice, of: square)
        try storage.put(rows, at: Height(3))
        let name = try #require(
            try scratch.everyFile().first { $0.hasSuffix(".rows") && !$0.contains("heights") })
        let url = URL(filePath: name.hasPrefix("/") ? name : scratch.path + "/" + name)
        var bytes = [UInt8](try Data(contentsOf: url))
        bytes[bytes.count - 1] ^= 1
        try Data(bytes).write(to: url)
        #expect(throws: StorageFault.self) {
            try storage.squares.rows(.at(3)) { _ in [13] }
        }
        #expect(try !storage.squares.contains(.at(3)))
        try storage.put(rows, at: Height(3))
        #expect(try storage.squares.rows(.at(3)) { _ in [13] }.indexes == [13])
    }

    /// A lost index is made anew from the files: those of this slice, and no others.
    @Test func filesAreAdopted() throws {
        let scratch = try ScratchDirectory()
        let slice = try Self.slice("1/4")
        let square = try Self.committed(4, "adopted")
        do {
            let storage = try NodeStorage(scratch.path, slice: slice)
            try storage.put(KeptRows(slice, of: square), at: Height(9))
        }
        for file in try scratch.everyFile() where file.hasPrefix("index/") {
            try FileManager.default.removeItem(atPath: scratch.file(file))
        }
        let storage = try NodeStorage(scratch.path, slice: slice)
        #expect(storage.sweepReport.adopted == 1)
        #expect(try storage.squares.rows(.at(9)) { _ in [4] }.indexes == [4])
    }

    /// A process that dies, or a disk that fails, at any step loses nothing that was acknowledged
    /// and shows nothing that was not whole.
    @Test func everyStepFails() throws {
        let slice = try Self.slice("2/2")
        let squares = try (1...3).map { try Self.committed(4, "step \($0)") }
        var number = 0
        while true {
            number += 1
            let scratch = try ScratchDirectory(inMemory: true)
            let fault = WriteFault(.failFrom(number, code: ENOSPC))
            var acknowledged = 0
            do {
                let storage = try NodeStorage(scratch.path, fault: fault, slice: slice)
                for (index, square) in squares.enumerated() {
                    try storage.put(KeptRows(slice, of: square), at: Height(UInt64(index + 1)))
                    acknowledged += 1
                }
                try storage.squares.remove(heights: [Height(1)])
                acknowledged += 1
            } catch {
                #expect(acknowledged < 4, "\(error)")
            }
            let storage = try NodeStorage(scratch.path, slice: slice)
            for (index, square) in squares.enumerated() {
                let key = BlockKey.at(UInt64(index + 1))
                let isHeld = try storage.squares.contains(key)
                if index == 0, acknowledged >= 3 {
                    if acknowledged == 4 { #expect(!isHeld) }
                } else if index < acknowledged {
                    #expect(isHeld, "step \(number)")
                }
                guard isHeld else { continue }
                let rows = try storage.squares.rows(key) { Array(0..<$0.width) }
                #expect(rows.bytes == KeptRows(slice, of: square).bytes)
            }
            #expect(try scratch.everyFile().filter { $0.hasSuffix(".temporary") } == [])
            if acknowledged == 4 { break }
        }
        print("fault sweep of rows: failed from each of \(number - 1) steps on")
        #expect(number > 20)
    }
}

/// Slices and their files as another program computed them (family slices).
@Suite struct SliceVectors {
    @Test func everySlice() throws {
        var count = 0
        for test in try Vectors.family("slices").cases {
            count += 1
            let slice = try #require(
                RowSlice(try test["index"].integer, of: try test["count"].integer))
            if let rows = test.optional("rows") {
                let width = try test["width"].integer
                #expect(try slice.rows(width: width) == rows.array.map { try $0.integer })
                continue
            }
            let original = try OriginalDataSquare(width: 1, bytes: try test["share"].hex)
            let square = CommittedSquare(ExtendedDataSquare(extending: original))
            #expect(square.header.dataRoot.hex == (try test["data_root"].string))
            let file = try test["file"].hex
            let kept = KeptRows(slice, of: square)
            #expect(RowFile.encodeHeader(kept.header, slice: slice) + kept.bytes == file)
            let read = try RowFile.decode(file)
            #expect(read.slice == slice && read.rows.bytes == kept.bytes)
        }
        #expect(Vectors.isWhole(count, own: 106))
    }
}
