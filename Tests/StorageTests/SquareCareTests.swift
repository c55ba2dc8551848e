// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Storage
import Testing

/// What squares take on the disk, and how rot in them is found.
@Suite struct SquareCareTests {
    /// What is counted as used is what the files take, through puts, removals and reopening.
    @Test func usageIsThatOfTheFiles() throws {
        let scratch = try ScratchDirectory()
        func allocated() throws -> Int {
            let names = try Disk().names(in: scratch.file("blocks")).filter { $0.hasSuffix(".ods") }
            return try names.reduce(0) {
                $0 + (try Disk().status(scratch.file("blocks/\($1)"))?.allocatedBytes ?? 0)
            }
        }
        do {
            let storage = try NodeStorage(scratch.path)
            #expect(storage.squares.diskUseBytes == 0)
            for height in 1...6 as ClosedRange<UInt64> {
                let seed = height == 5 ? "use 4" : "use \(height)"
                let width = height < 4 ? 4 : 16
                try storage.squares.put([
                    try SampleSquares.block(height, width: width, seed: seed)
                ])
                #expect(storage.squares.diskUseBytes == (try allocated()))
            }
            try storage.squares.remove(heights: [Height(1), Height(4)])
            let used = storage.squares.diskUseBytes
            #expect(try used == allocated() && used > 0)
            let usage = try storage.usage()
            #expect(usage.used > UInt64(used) && usage.free > 0)
        }
        let storage = try NodeStorage(scratch.path)
        #expect(storage.squares.diskUseBytes == (try allocated()))
        try storage.squares.remove(heights: [2, 3, 5, 6].map { Height($0) })
        #expect(storage.squares.diskUseBytes == 0)
    }

    /// Every byte of a file that changes is found by reading the square again, and the square counts
    /// as damaged from then on; putting it again heals it.
    @Test func everyChangedByteIsFound() throws {
        let scratch = try ScratchDirectory(inMemory: true)
        let storage = try NodeStorage(scratch.path)
        let block = try SampleSquares.block(7, width: 2, seed: "rot")
        let name = "blocks/" + Hex.encode(block.header.dataRoot.array, uppercase: true) + ".ods"
        try storage.squares.put([block])
        let size = try #require(try Disk().status(scratch.file(name))?.sizeBytes)
        #expect(try storage.squares.integrity(.at(7), rows: [0, 511]) == size)
        for place in stride(from: 0, to: size, by: 7) {
            try scratch.change(name) { $0[place] ^= 0x10 }
            #expect(throws: StorageFault.self, "byte \(place)") {
                try storage.squares.integrity(.at(7), rows: [])
            }
            #expect(try storage.squares.damaged(limit: 9) == [block.header.dataRoot])
            try storage.squares.put([block])
            #expect(try storage.squares.damaged(limit: 9) == [])
        }
        #expect(try storage.squares.integrity(.at(7), rows: [1]) == size)
    }

    /// Shares that were changed before they were summed keep their checksums; the roots tell.
    @Test func rowsAreHeldToTheirRoots() throws {
        let scratch = try ScratchDirectory()
        let storage = try NodeStorage(scratch.path)
        let good = try SampleSquares.block(8, width: 4, seed: "good")
        var bytes = good.square.bytes
        bytes[2 * 4 * Share.sizeBytes + 100] ^= 1
        let wrong = StoredBlock(
            height: Height(8), square: try OriginalDataSquare(width: 4, bytes: bytes),
            header: good.header)
        try storage.squares.put([wrong])
        for row in [0, 1, 3] { _ = try storage.squares.integrity(.at(8), rows: [row]) }
        #expect(try storage.squares.contains(.at(8)))
        #expect(throws: StorageFault.self) { try storage.squares.integrity(.at(8), rows: [6]) }
        #expect(try !storage.squares.contains(.at(8)))
        #expect(try storage.squares.damaged(limit: 9) == [good.header.dataRoot])
    }
}
