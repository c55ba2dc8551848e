// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Extended squares of celestiaorg/rsmt2d and their roots.
@Suite struct EDSVectors {
    /// Every case of `eds`: the extension, all roots and the data root, or the refusal.
    @Test func eds() throws {
        for test in try Vectors.family("eds").cases {
            let id = try test["id"].string
            if test.optional("reject") != nil {
                try checkRefusal(id)
            } else if let spec = test.optional("ods") {
                try checkSquare(test, id, try SpecifiedSquare.original(spec))
            } else {
                let padding = EmptyBlock.share
                let square = try OriginalDataSquare(width: 1, bytes: padding)
                try checkSquare(test, id, square)
            }
        }
    }

    private func checkSquare(
        _ test: JSONTree, _ id: String, _ original: OriginalDataSquare
    ) throws {
        let square = ExtendedDataSquare(extending: original)
        let header = square.commit()
        func check(_ name: String, _ actual: @autoclosure () -> String) throws {
            guard let expected = test.optional(name) else { return }
            #expect(actual() == (try expected.string), "\(id) \(name)")
        }
        func digest(_ roots: [NamespacedHash]) -> String {
            SHA256.hash(roots.flatMap { $0.bytes.array }).hex
        }
        try check("ods_sha256", SHA256.hash(original.bytes).hex)
        try check("eds_sha256", SHA256.hash(square.bytes).hex)
        try check("data_root", header.dataRoot.hex)
        try check("row_roots_sha256", digest(header.rowRoots))
        try check("col_roots_sha256", digest(header.columnRoots))
        let half = square.originalWidth
        try check("row_root_first", header.rowRoots[0].bytes.hex)
        try check("row_root_k_minus_1", header.rowRoots[half - 1].bytes.hex)
        try check("row_root_k", header.rowRoots[half].bytes.hex)
        try check("col_root_first", header.columnRoots[0].bytes.hex)
        try check("col_root_last", header.columnRoots[2 * half - 1].bytes.hex)
        for (name, roots) in [
            ("row_roots", header.rowRoots), ("col_roots", header.columnRoots),
        ] {
            guard let expected = test.optional(name) else { continue }
            #expect(
                roots.map { $0.bytes.hex } == (try expected.array.map { try $0.string }), "\(id)")
        }
        #expect(square.originalSquare == original)
        #expect(CommittedSquare(square).header.dataRoot == header.dataRoot)
        try checkCells(test, id, square)
    }

    /// The first bytes of shares that the case names by quadrant.
    private func checkCells(
        _ test: JSONTree, _ id: String, _ square: ExtendedDataSquare
    ) throws {
        guard let cells = test.optional("cell_prefix32") else { return }
        let half = square.originalWidth
        let places = [
            "q1_first": (0, half), "q2_first": (half, 0), "q3_first": (half, half),
            "q3_last": (2 * half - 1, 2 * half - 1),
        ]
        for (name, value) in try cells.members {
            let place = try #require(places[name], "\(id): \(name)")
            let share = square.shareBytes(row: place.0, column: place.1)
            #expect(Hex.encode(Array(share.prefix(32))) == (try value.string), "\(id) \(name)")
        }
    }

    /// Three shares, two shares, and a square with two namespaces swapped.
    private func checkRefusal(_ id: String) throws {
        let square = try SeededSquare.original(width: 2, sharesPerNamespace: 1)
        switch id {
        case "eds-0029":
            #expect(throws: SquareFault.self) {
                try OriginalDataSquare(width: 2, bytes: Array(square.bytes.prefix(3 * 512)))
            }
        case "eds-0030":
            #expect(throws: SquareFault.self) {
                try OriginalDataSquare(width: 2, bytes: Array(square.bytes.prefix(2 * 512)))
            }
        default:
            let swapped =
                square.shareBytes(at: 1) + square.shareBytes(at: 0) + square.bytes[1024...]
            #expect(throws: SquareFault.namespaceOrder(.row, index: 0)) {
                try OriginalDataSquare(width: 2, bytes: Array(swapped))
            }
        }
    }
}

/// The share of a block without transactions.
enum EmptyBlock {
    static let share =
        [UInt8](repeating: 0xFF, count: 28) + [0xFE, 0x01] + [UInt8](repeating: 0, count: 482)
}
