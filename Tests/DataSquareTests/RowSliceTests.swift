// SPDX-License-Identifier: Apache-2.0

import DataSquare
import TestSupport
import Testing

/// Slices of rows, all of them, over all widths that matter.
@Suite struct RowSliceTests {
    static let counts = [2, 4, 8, 16, 32, 64]
    static let widths = [2, 4, 8, 16, 32, 64, 128, 512, 1024]

    static func slices(of count: Int) -> [RowSlice] {
        (1...count).compactMap { RowSlice($0, of: count) }
    }

    /// The slices of a count are disjoint and have all rows; of narrow squares several have the
    /// same ones.
    @Test func rowsAreSharedOut() {
        for count in Self.counts {
            for width in Self.widths {
                var keepers = [Int](repeating: 0, count: width)
                for slice in Self.slices(of: count) {
                    let rows = slice.rows(width: width)
                    #expect(rows.count == max(1, width / count))
                    #expect(rows == (0..<width).filter { slice.contains($0, width: width) })
                    for row in rows { keepers[row] += 1 }
                }
                #expect(keepers.allSatisfy { $0 == max(1, count / width) })
            }
        }
    }

    /// Any half of the slices, whichever they are, has half of the rows; fewer never do where the
    /// square is wide enough.
    @Test func anyHalfIsEnough() {
        for count in [2, 4, 8] {
            let all = Self.slices(of: count)
            for chosen in 0..<(1 << count) {
                let some = all.indices.filter { chosen >> $0 & 1 == 1 }.map { all[$0] }
                for width in [2, 4, 8, 16, 64] {
                    let rows = (0..<width).count { row in
                        some.contains { $0.contains(row, width: width) }
                    }
                    if some.count >= count / 2 { #expect(rows >= width / 2) }
                    if some.count < count / 2, width >= count { #expect(rows < width / 2) }
                }
                #expect(RowSlice.areEnough(some) == (some.count >= count / 2))
            }
        }
    }

    /// One slice covers another exactly when it has its rows in every square.
    @Test func coverage() {
        let all = [2, 4, 8].flatMap { Self.slices(of: $0) }
        for slice in all {
            for other in all {
                let has = [2, 4, 8, 16].allSatisfy { width in
                    other.rows(width: width).allSatisfy { slice.contains($0, width: width) }
                }
                #expect(slice.covers(other) == has, "\(slice) and \(other)")
            }
        }
    }

    /// Only what names a slice is read as one.
    @Test func text() {
        #expect(RowSlice("3/8") == RowSlice(3, of: 8))
        #expect(RowSlice("64/64")?.description == "64/64")
        for text in [
            "", "/", "1/", "/2", "0/8", "9/8", "1/1", "1/3", "1/128", "+1/8", "01/8", "1/8/",
            "-1/8",
            "1/99999999999999999999", " 1/8",
        ] {
            #expect(RowSlice(text) == nil, "\(text)")
        }
    }

    /// What rows answer is what the whole square answers, and what others are needed for is nothing.
    @Test(arguments: [1, 2, 4, 8])
    func rowsAnswerAsTheSquareDoes(_ width: Int) throws {
        let square = try SquareOfVector(
            width: width, seed: "quadrat/slices", stride: 2, sharesPerNamespace: 3,
            tail: width > 2 ? 3 : 0
        ).extended
        let committed = CommittedSquare(square)
        let prover = SquareProver(committed)
        let header = committed.header
        var namespaces: [Namespace] = []
        for place in 0..<width * width {
            let share = square.originalSquare.shareBytes(at: place)
            namespaces.append(try Namespace(decoding: Array(share.prefix(29))))
        }
        for slice in [2, 4, 8].flatMap({ Self.slices(of: $0) }) {
            let rows = KeptRows(slice, of: committed)
            #expect(rows.indexes == slice.rows(width: 2 * width))
            let again = KeptRows(rows.indexes.reversed().map { prover.row($0) }, of: header)
            #expect(again.bytes == rows.bytes && again.indexes == rows.indexes)
            for row in 0..<2 * width {
                let isKept = slice.contains(row, width: 2 * width)
                #expect(rows.row(row) == (isKept ? prover.row(row) : nil))
                for column in 0..<2 * width {
                    let place = Coordinate(row: row, column: column)
                    #expect(rows.sample(at: place) == (isKept ? prover.sample(at: place) : nil))
                }
            }
            for namespace in Set(namespaces) where namespace.isValidForData {
                let whole = try prover.namespaceData(namespace)
                let isKept = whole.rows.allSatisfy { slice.contains($0.row, width: 2 * width) }
                #expect(try rows.namespaceData(namespace) == (isKept ? whole : nil))
            }
        }
    }

    /// Absence is proven from one kept row, and from no row where none covers the namespace.
    @Test func absence() throws {
        let committed = CommittedSquare(
            try SquareOfVector(
                width: 2, seed: "quadrat/absent", stride: 4, sharesPerNamespace: 1, tail: 0
            ).extended)
        let prover = SquareProver(committed)
        let header = committed.header
        let slices = Self.slices(of: 4)
        var (proven, uncovered) = (0, 0)
        for number in 250...280 {
            let id = [UInt8](repeating: 0, count: 8) + [UInt8(number >> 8), UInt8(number & 255)]
            let namespace = try Namespace(userID: id)
            let whole = try prover.namespaceData(namespace)
            for slice in slices {
                let found = try KeptRows(slice, of: committed).namespaceData(namespace)
                let isKept = whole.rows.allSatisfy { slice.contains($0.row, width: 4) }
                #expect(found == (isKept ? whole : nil))
                guard let found, found.shares.isEmpty else { continue }
                if found.rows.isEmpty { uncovered += 1 } else { proven += 1 }
                _ = try found.container.verify(namespace: namespace, against: header)
            }
        }
        #expect(proven > 0 && uncovered > 0)
    }
}
