// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Foundation
import Storage
import Testing

@Suite struct SquareStoreTests {
    /// Every part of what is put is read back, by height and by data root, also after reopening.
    @Test(arguments: [(1, 0), (2, 1), (4, 0), (8, 30), (16, 3)])
    func everyPartIsReadBack(width: Int, tail: Int) throws {
        let scratch = try ScratchDirectory()
        let block = try SampleSquares.block(7, width: width, seed: "parts", tail: tail)
        try NodeStorage(scratch.path).squares.put([block])
        let open = try NodeStorage(scratch.path)
        #expect(open.sweepReport.isClean)
        for key in [BlockKey.at(7), .dataRoot(block.header.dataRoot)] {
            #expect(try open.squares.contains(key))
            #expect(try open.squares.header(key) == block.header)
            #expect(try open.squares.square(key) == block.square)
            for row in 0..<width {
                let size = width * 512
                #expect(
                    try open.squares.row(key, row)
                        == Array(block.square.bytes[row * size..<(row + 1) * size]))
                for column in 0..<width {
                    let place = Coordinate(row: row, column: column)
                    #expect(
                        try open.squares.share(key, at: place).bytes
                            == Array(block.square.shareBytes(row: row, column: column)))
                }
            }
        }
    }

    /// What lies outside of a square, and what is not stored, are told apart.
    @Test func absenceIsTold() throws {
        let scratch = try ScratchDirectory()
        let open = try NodeStorage(scratch.path)
        try open.squares.put([try SampleSquares.block(7, width: 2, seed: "absence")])
        #expect(throws: StorageFault.missing) { try open.squares.square(.at(8)) }
        #expect(throws: StorageFault.missing) { try open.squares.header(.dataRoot(Bytes32())) }
        #expect(throws: StorageFault.misuse("row 2 is outside of a square 2 wide")) {
            try open.squares.row(.at(7), 2)
        }
        #expect(throws: StorageFault.self) {
            try open.squares.share(.at(7), at: Coordinate(row: 0, column: 2))
        }
        #expect(try open.squares.dataRoot(at: Height(8)) == nil)
        #expect(try !open.squares.contains(.at(8)))
    }

    /// The files are those of the format, under the names that other software looks for.
    @Test func filesHaveTheirNames() throws {
        let scratch = try ScratchDirectory()
        let block = try SampleSquares.block(41, width: 2, seed: "names", tail: 1)
        let open = try NodeStorage(scratch.path)
        try open.squares.put([block])
        let name = Hex.encode(block.header.dataRoot.array, uppercase: true)
        let bytes = [UInt8](
            try Data(contentsOf: URL(filePath: scratch.file("blocks/\(name).ods"))))
        #expect(
            bytes
                == SquareFile.encodeHeader(block.header)
                + SquareFile.storedShares(of: block.square))
        let byHeight = try open.directory.disk.status(scratch.file("blocks/heights/41.ods"))
        let byRoot = try open.directory.disk.status(scratch.file("blocks/\(name).ods"))
        #expect(byHeight?.inode == byRoot?.inode)
        #expect(byRoot?.linkCount == 2)
        #expect(byRoot?.mode == 0o600)
        #expect(try open.directory.disk.status(scratch.path + "/keys")?.mode == 0o700)
    }

    /// All empty blocks share one file through symbolic links, and each leaves by itself.
    @Test func emptyBlocksShareOneFile() throws {
        let scratch = try ScratchDirectory()
        let open = try NodeStorage(scratch.path)
        let blocks = try (1...5).map { try SampleSquares.emptyBlock($0) }
        try open.squares.put(blocks)
        let root = blocks[0].header.dataRoot
        #expect(try open.squares.heights(of: root, limit: 10) == (1...5).map(Height.init))
        let file = scratch.file("blocks/\(Hex.encode(root.array, uppercase: true)).ods")
        #expect(try open.directory.disk.status(file)?.linkCount == 1)
        try open.squares.remove(heights: (1...4).map(Height.init))
        #expect(try open.squares.square(.at(5)) == blocks[4].square)
        #expect(try open.squares.heights(from: Height(0), limit: 10) == [Height(5)])
        #expect(try open.squares.ranges() == [Height(5)...Height(5)])
        try open.squares.remove(heights: [Height(5), Height(6)])
        #expect(try !open.squares.contains(.dataRoot(root)))
        #expect(try scratch.everyFile().filter { $0.hasSuffix(".ods") } == [])
    }

    /// A height keeps the square it has.
    @Test func heightsDoNotChange() throws {
        let scratch = try ScratchDirectory()
        let open = try NodeStorage(scratch.path)
        let first = try SampleSquares.block(7, width: 2, seed: "first")
        let second = try SampleSquares.block(7, width: 2, seed: "second")
        try open.squares.put([first])
        #expect(throws: StorageFault.conflict(height: Height(7))) { try open.squares.put([second]) }
        #expect(throws: StorageFault.conflict(height: Height(8))) {
            try open.squares.put([
                try SampleSquares.block(8, width: 2, seed: "a"),
                try SampleSquares.block(8, width: 2, seed: "b"),
            ])
        }
        try open.squares.put([first])
        #expect(try open.squares.square(.at(7)) == first.square)
        #expect(try !open.squares.contains(.at(8)))
    }

    /// Each changed byte of a file is found by whoever reads it, the block is wanted again, and
    /// putting it again heals it.
    @Test func everyChangedByteIsFound() throws {
        let scratch = try ScratchDirectory(inMemory: true)
        let open = try NodeStorage(scratch.path)
        let block = try SampleSquares.block(7, width: 2, seed: "rot", tail: 2)
        let other = try SampleSquares.block(8, width: 2, seed: "sound")
        try open.squares.put([block, other])
        let root = block.header.dataRoot
        let name = "blocks/\(Hex.encode(root.array, uppercase: true)).ods"
        let size = try #require(try open.directory.disk.status(scratch.file(name))).sizeBytes
        for offset in 0..<size {
            try scratch.change(name) { $0[offset] ^= 0x40 }
            let segment = offset < 785 ? -1 : 0
            #expect(throws: StorageFault.corrupt(.square(dataRoot: root, segment: segment))) {
                try open.squares.check(.at(7))
            }
            #expect(try !open.squares.contains(.at(7)))
            #expect(throws: StorageFault.missing) { try open.squares.square(.at(7)) }
            #expect(try open.squares.damaged(limit: 9) == [root])
            try open.squares.put([block])
            #expect(try open.squares.damaged(limit: 9) == [])
            try open.squares.check(.at(7))
        }
        try open.squares.check(.at(8))
        #expect(size == 785 + 2 * 512)
    }

    /// A file that is too short, too long or gone is found as well.
    @Test func changedSizeIsFound() throws {
        let scratch = try ScratchDirectory()
        let open = try NodeStorage(scratch.path)
        let block = try SampleSquares.block(7, width: 2, seed: "size")
        let root = block.header.dataRoot
        let name = "blocks/\(Hex.encode(root.array, uppercase: true)).ods"
        let changes: [(inout [UInt8]) -> Void] = [
            { $0.removeLast() }, { $0.removeLast(512) }, { $0.append(0) }, { $0 = [] },
        ]
        for change in changes {
            try open.squares.put([block])
            try scratch.change(name, change)
            #expect(throws: StorageFault.corrupt(.squareSize(dataRoot: root))) {
                try open.squares.share(.at(7), at: Coordinate(row: 0, column: 0))
            }
        }
        try open.squares.put([block])
        try FileManager.default.removeItem(atPath: scratch.file(name))
        #expect(throws: StorageFault.missing) { try open.squares.header(.at(7)) }
        #expect(try open.squares.damaged(limit: 9) == [root])
        try open.squares.put([block])
        try open.squares.check(.at(7))
        let byHeight = try open.directory.disk.status(scratch.file("blocks/heights/7.ods"))
        #expect(byHeight?.inode == (try open.directory.disk.status(scratch.file(name)))?.inode)
    }

    /// Reading a share reads its segment: rot elsewhere in the file does not touch it.
    @Test func shareReadsItsSegmentOnly() throws {
        let scratch = try ScratchDirectory()
        let open = try NodeStorage(scratch.path)
        let block = try SampleSquares.block(7, width: 8, seed: "segments")
        try open.squares.put([block])
        let root = block.header.dataRoot
        try scratch.change("blocks/\(Hex.encode(root.array, uppercase: true)).ods") {
            $0[$0.count - 1] ^= 1
        }
        let sound = Coordinate(row: 3, column: 7)
        #expect(
            try open.squares.share(.at(7), at: sound).bytes
                == Array(block.square.shareBytes(row: 3, column: 7)))
        #expect(throws: StorageFault.corrupt(.square(dataRoot: root, segment: 1))) {
            try open.squares.share(.at(7), at: Coordinate(row: 4, column: 0))
        }
    }
}

@Suite struct SquareStoreServingTests {
    /// What is served is the square that was put, and proofs from it hold.
    @Test func extendedSquareIsServed() throws {
        let scratch = try ScratchDirectory()
        let open = try NodeStorage(scratch.path)
        let block = try SampleSquares.block(7, width: 4, seed: "serving", tail: 3)
        try open.squares.put([block])
        #expect(try !open.squares.hasCommittedSquare(.at(7)))
        let served = try open.squares.committedSquare(.at(7), parallel: .serial)
        #expect(served.header == block.header)
        #expect(served.square.originalSquare == block.square)
        #expect(try open.squares.hasCommittedSquare(.at(7)))
        for row in 0..<8 {
            let place = Coordinate(row: row, column: 7 - row)
            let sample = served.sample(at: place, axis: .row)
            _ = try sample.container.verify(at: place, against: block.header)
        }
        #expect(throws: StorageFault.missing) {
            try open.squares.committedSquare(.at(8), parallel: .serial)
        }
        try open.squares.remove(heights: [Height(7)])
        #expect(throws: StorageFault.missing) {
            try open.squares.committedSquare(.at(7), parallel: .serial)
        }
    }

    /// Memory for squares at hand is limited; who was asked for longest ago goes first.
    @Test func memoryIsLimited() throws {
        let scratch = try ScratchDirectory()
        let directory = try DataDirectory(scratch.path)
        let index = try KeyValueStore(directory: directory.index)
        // A square of 2 × 2 takes 4 × 4 × 608 bytes with its parity and digests.
        let store = SquareStore(
            directory: directory, index: index, cacheSizeBytes: 2 * 16 * 608 + 5)
        let blocks = try (1...3).map { try SampleSquares.block($0, width: 2, seed: "lru \($0)") }
        try store.put(blocks)
        for height: UInt64 in [1, 2, 1, 3] {
            _ = try store.committedSquare(.at(height))
        }
        #expect(try store.hasCommittedSquare(.at(1)))
        #expect(try !store.hasCommittedSquare(.at(2)))
        #expect(try store.hasCommittedSquare(.at(3)))
        let large = try SampleSquares.block(4, width: 4, seed: "large")
        try store.put([large])
        _ = try store.committedSquare(.at(4))
        #expect(try !store.hasCommittedSquare(.at(4)))
        #expect(try store.hasCommittedSquare(.at(3)))
        let extended = CommittedSquare(ExtendedDataSquare(extending: blocks[1].square))
        store.keepAtHand(extended)
        #expect(try store.hasCommittedSquare(.at(2)))
        #expect(StoredBlock(height: Height(2), extended).header == blocks[1].header)
    }
}

@Suite struct SquareStoreStartTests {
    /// With the index lost, every square and every height is taken in again from the files.
    @Test func indexIsRebuilt() throws {
        let scratch = try ScratchDirectory()
        let blocks =
            try (1...4).map { try SampleSquares.block($0, width: 2, seed: "lost \($0)") }
            + [5, 6].map { try SampleSquares.emptyBlock($0) }
        try NodeStorage(scratch.path).squares.put(blocks)
        try FileManager.default.removeItem(atPath: scratch.file("index"))
        do {
            let open = try NodeStorage(scratch.path)
            #expect(open.sweepReport.adopted == 5)
            #expect(open.sweepReport.adoptedHeights == 6)
            for block in blocks {
                #expect(try open.squares.square(.height(block.height)) == block.square)
            }
        }
        #expect(try NodeStorage(scratch.path).sweepReport.isClean)
    }

    /// Unfinished files go, files that are not what they say are set aside, stray names go.
    @Test func debrisIsCleared() throws {
        let scratch = try ScratchDirectory()
        let block = try SampleSquares.block(1, width: 2, seed: "kept")
        try NodeStorage(scratch.path).squares.put([block])
        let name = Hex.encode(block.header.dataRoot.array, uppercase: true)
        let wrong = String(repeating: "AB", count: 32)
        let files = FileManager.default
        try files.copyItem(
            atPath: scratch.file("blocks/\(name).ods"), toPath: scratch.file("blocks/\(wrong).ods"))
        #expect(
            files.createFile(atPath: scratch.file("blocks/\(name).ods.temporary"), contents: nil))
        #expect(files.createFile(atPath: scratch.file("blocks/heights/9.ods"), contents: nil))
        try files.removeItem(atPath: scratch.file("blocks/heights/1.ods"))
        let open = try NodeStorage(scratch.path)
        var expected = SweepReport()
        expected.temporaries = 1
        expected.refused = 1
        expected.strayHeights = 1
        expected.relinked = 1
        #expect(open.sweepReport == expected)
        try open.squares.check(.at(1))
        #expect(
            try scratch.everyFile().filter { $0.contains("ods") }
                == [
                    "blocks/\(wrong).ods.refused", "blocks/\(name).ods", "blocks/heights/1.ods",
                ].sorted())
    }

    /// Another node's files are taken in, also where copying made files of its links; a name that
    /// the height's header contradicts is not.
    @Test func foreignFilesAreTakenIn() throws {
        let scratch = try ScratchDirectory()
        let one = try SampleSquares.block(1, width: 2, seed: "one")
        let two = try SampleSquares.block(2, width: 4, seed: "two", tail: 4)
        do {
            let open = try NodeStorage(scratch.path)
            try open.headers.put([ChainHeader(try SampleHeaders.make(3, one.header))])
        }
        for (block, height) in [(one, 1), (two, 2), (two, 3)] {
            let file =
                Data(SquareFile.encodeHeader(block.header))
                + Data(SquareFile.storedShares(of: block.square))
            let name = Hex.encode(block.header.dataRoot.array, uppercase: true)
            try file.write(to: URL(filePath: scratch.file("blocks/\(name).ods")))
            try file.write(to: URL(filePath: scratch.file("blocks/heights/\(height).ods")))
        }
        let open = try NodeStorage(scratch.path)
        var expected = SweepReport()
        expected.adopted = 2
        expected.adoptedHeights = 2
        expected.strayHeights = 1
        #expect(open.sweepReport == expected)
        #expect(try open.squares.square(.at(1)) == one.square)
        #expect(try open.squares.square(.at(2)) == two.square)
        #expect(try !open.squares.contains(.at(3)))
        let link = try open.directory.disk.status(scratch.file("blocks/heights/2.ods"))
        #expect(link?.linkCount == 2)
    }

    /// A square whose file is gone is wanted again after the start.
    @Test func lostFileIsWanted() throws {
        let scratch = try ScratchDirectory()
        let block = try SampleSquares.block(1, width: 2, seed: "gone")
        try NodeStorage(scratch.path).squares.put([block])
        let name = Hex.encode(block.header.dataRoot.array, uppercase: true)
        try FileManager.default.removeItem(atPath: scratch.file("blocks/\(name).ods"))
        let open = try NodeStorage(scratch.path)
        #expect(open.sweepReport.lost == 1)
        #expect(try open.squares.ranges() == [])
        #expect(try open.squares.damaged(limit: 9) == [block.header.dataRoot])
        #expect(try open.squares.heights(of: block.header.dataRoot, limit: 9) == [Height(1)])
    }

    /// One process at a time has a directory, and one of another layout is left alone.
    @Test func directoriesAreLocked() throws {
        let scratch = try ScratchDirectory()
        do {
            let open = try DataDirectory(scratch.path + "/")
            #expect(open.path == scratch.path)
            #expect(throws: StorageFault.locked(path: scratch.path)) {
                try DataDirectory(scratch.path)
            }
        }
        try scratch.change("layout") { $0 = Array("quadrat 2\n".utf8) }
        #expect(throws: StorageFault.layout(path: scratch.path, found: "quadrat 2")) {
            try DataDirectory(scratch.path)
        }
        try FileManager.default.removeItem(atPath: scratch.file("layout"))
        #expect(throws: StorageFault.layout(path: scratch.path, found: "none")) {
            try DataDirectory(scratch.path)
        }
    }

    /// Paths follow the environment, and ones that are not absolute are ignored.
    @Test func standardPaths() {
        #expect(
            StandardPaths(environment: ["HOME": "/home/ada"])?.data
                == "/home/ada/.local/share/quadrat")
        let paths = StandardPaths(environment: [
            "HOME": "/home/ada", "XDG_DATA_HOME": "here", "XDG_CONFIG_HOME": "/etc/ada/",
        ])
        #expect(paths?.data == "/home/ada/.local/share/quadrat")
        #expect(paths?.configuration == "/etc/ada/quadrat/quadrat.toml")
        #expect(StandardPaths(environment: ["QUADRAT_HOME": "/q"])?.data == "/q")
        #expect(StandardPaths(environment: [:]) == nil)
    }
}
