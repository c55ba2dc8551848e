// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Testing

@Suite struct ExtendedDataSquareTests {
    /// The tree of an axis by the definition.
    static func definition(
        _ square: ExtendedDataSquare, _ axis: Axis, _ index: Int
    ) throws -> NamespacedMerkleTree {
        var tree = NamespacedMerkleTree()
        for position in 0..<square.width {
            let place = Coordinate(axis, index, position: position)
            let share = Array(square.shareBytes(at: place))
            let namespace =
                square.isOriginal(row: place.row, column: place.column)
                ? try Share(decoding: share).namespace : .parity
            try tree.push(namespace: namespace, data: share)
        }
        return tree
    }

    /// Roots equal the definition's, on all axes, with and without tail padding.
    @Test(arguments: [1, 2, 4, 8, 16]) func rootsAreTheDefinitions(width: Int) throws {
        for tail in [0, width * width - 1] {
            let original = try SeededSquare.original(width: width, tail: tail)
            let square = ExtendedDataSquare(extending: original)
            let header = square.commit()
            for axis in Axis.allCases {
                for index in 0..<square.width {
                    #expect(
                        header.root(of: axis, index)
                            == (try Self.definition(square, axis, index).root), "\(axis) \(index)")
                }
            }
        }
    }

    /// Every range of every axis of small squares is proven as the definition proves it.
    @Test(arguments: [1, 2, 4]) func proofsAreTheDefinitions(width: Int) throws {
        let square = ExtendedDataSquare(
            extending: try SeededSquare.original(width: width, sharesPerNamespace: 3, tail: 1))
        let committed = CommittedSquare(square)
        for axis in Axis.allCases {
            for index in 0..<square.width {
                let tree = try Self.definition(square, axis, index)
                for start in 0..<square.width {
                    for end in start + 1...square.width {
                        #expect(
                            committed.proof(axis, index, of: start..<end)
                                == tree.proof(of: start..<end), "\(axis) \(index) \(start) \(end)")
                    }
                }
            }
        }
    }

    /// Every sample of a square verifies against its header, by row and by column.
    @Test(arguments: [2, 8, 16]) func samplesVerify(width: Int) throws {
        let committed = CommittedSquare(
            ExtendedDataSquare(extending: try SeededSquare.original(width: width)))
        for row in stride(from: 0, to: 2 * width, by: width / 2) {
            for column in 0..<2 * width {
                for axis in Axis.allCases {
                    let place = Coordinate(row: row, column: column)
                    let sample = committed.sample(at: place, axis: axis)
                    #expect(throws: Never.self) {
                        try sample.container.verify(at: place, against: committed.header)
                    }
                }
            }
        }
    }

    /// A share of the original quadrant that bears the parity namespace is passed over in maxima.
    @Test func originalSharesInTheParityNamespace() throws {
        var bytes = try SeededSquare.original(width: 4, sharesPerNamespace: 1).bytes
        for index in 10..<16 {
            bytes.replaceSubrange(
                index * 512..<index * 512 + 29, with: [UInt8](repeating: 0xFF, count: 29))
        }
        let square = ExtendedDataSquare(
            extending: try OriginalDataSquare(width: 4, bytes: bytes))
        let committed = CommittedSquare(square)
        for axis in Axis.allCases {
            for index in 0..<8 {
                let tree = try Self.definition(square, axis, index)
                #expect(committed.header.root(of: axis, index) == tree.root)
                for start in 0..<8 {
                    #expect(
                        committed.proof(axis, index, of: start..<start + 1)
                            == tree.proof(of: start..<start + 1))
                }
            }
        }
    }

    /// Two turns at a time, or eight, give what one gives.
    @Test func parallelLoopsAgree() throws {
        let backwards = ParallelLoop(threadCount: 4) { turns, body in
            for turn in (0..<turns).reversed() { body(turn) }
        }
        for width in [1, 2, 8, 32] {
            let original = try SeededSquare.original(width: width)
            let square = ExtendedDataSquare(extending: original)
            let other = ExtendedDataSquare(extending: original, parallel: backwards)
            #expect(square == other)
            #expect(square.commit() == other.commit(parallel: backwards))
            var reused = ExtendedDataSquare(
                extending: try SeededSquare.original(width: width, seed: 9))
            reused.refill(extending: original)
            #expect(reused == square)
        }
    }

    /// Rows that come one by one give the same square, or are refused.
    @Test func rowByRow() throws {
        let original = try SeededSquare.original(width: 4)
        func row(_ index: Int) -> [UInt8] {
            Array(original.bytes[index * 2048..<(index + 1) * 2048])
        }
        let square = try ExtendedDataSquare(originalWidth: 4, row: row)
        #expect(square == ExtendedDataSquare(extending: original))
        #expect(throws: SquareFault.width(3)) { try ExtendedDataSquare(originalWidth: 3, row: row) }
        #expect(throws: SquareFault.size(expected: 2048, actual: 3)) {
            try ExtendedDataSquare(originalWidth: 4) { $0 == 2 ? [1, 2, 3] : row($0) }
        }
        #expect(throws: SquareFault.namespaceOrder(.column, index: 0)) {
            try ExtendedDataSquare(originalWidth: 4) { row(3 - $0) }
        }
    }

    /// Each leaf is hashed once: 9 compressions a leaf and 3 an inner node, whatever the level.
    @Test(arguments: [1, 2, 4, 16, 32]) func compressionsAreCounted(width: Int) throws {
        let square = ExtendedDataSquare(extending: try SeededSquare.original(width: width))
        let side = square.width
        #expect(
            CommittedSquare(square).compressionCount
                == 9 * side * side + 3 * 2 * side * (side - 1))
    }

    /// Shapes and orders that no square has.
    @Test func refusals() throws {
        let good = ExtendedDataSquare(extending: try SeededSquare.original(width: 2))
        #expect(throws: SquareFault.width(3)) { try ExtendedDataSquare(width: 3, bytes: []) }
        #expect(throws: SquareFault.width(1)) { try ExtendedDataSquare(width: 1, bytes: []) }
        #expect(throws: SquareFault.width(2048)) { try ExtendedDataSquare(width: 2048, bytes: []) }
        #expect(throws: SquareFault.width(0)) { try OriginalDataSquare(width: 0, bytes: []) }
        #expect(throws: SquareFault.width(1024)) { try OriginalDataSquare(width: 1024, bytes: []) }
        #expect(throws: SquareFault.size(expected: 8192, actual: 8191)) {
            try ExtendedDataSquare(width: 4, bytes: good.bytes.dropLast())
        }
        var disordered = good.bytes
        disordered[0] = 1
        #expect(throws: SquareFault.namespaceOrder(.row, index: 0)) {
            try ExtendedDataSquare(width: 4, bytes: disordered)
        }
        disordered = good.bytes
        for column in 0..<2 { disordered[column * 512] = 1 }
        #expect(throws: SquareFault.namespaceOrder(.column, index: 0)) {
            try ExtendedDataSquare(width: 4, bytes: disordered)
        }
    }

    /// A wrong share of parity is seen wherever it is.
    @Test func everyWrongParityShareIsSeen() throws {
        let square = ExtendedDataSquare(extending: try SeededSquare.original(width: 2))
        #expect(square.isEncoded())
        for cell in 0..<16 where cell % 4 > 1 || cell / 4 > 1 {
            var bytes = square.bytes
            bytes[cell * 512 + 511] ^= 1
            #expect(try !ExtendedDataSquare(width: 4, bytes: bytes).isEncoded(), "\(cell)")
        }
    }
}
