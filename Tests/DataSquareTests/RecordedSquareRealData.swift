// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Foundation
import TestSupport
import Testing

/// A square that another implementation recorded from a network, with its header.
@Suite(.enabled(if: RealData.has("eds-k4/eds.json"))) struct RecordedSquareRealData {
    private static func square() throws -> (ExtendedDataSquare, DataAvailabilityHeader) {
        let shares = try JSONTree(contentsOf: RealData.url("eds-k4/eds.json"))["data_square"].array
        let width = Int(Double(shares.count).squareRoot())
        let square = try ExtendedDataSquare(
            width: width, bytes: Array(shares.map { try $0.base64 }.joined()))
        let json = try JSONTree(contentsOf: RealData.url("eds-k4/dah.json"))
        let header = try DataAvailabilityHeader(
            rowRoots: json["row_roots"].array.map { try NamespacedHash(decoding: $0.base64) },
            columnRoots: json["column_roots"].array.map {
                try NamespacedHash(decoding: $0.base64)
            })
        return (square, header)
    }

    /// The recorded shares have the recorded roots, by the definition of the trees.
    @Test func theSquareHasItsHeader() throws {
        let (square, header) = try Self.square()
        let defined = try square.definedHeader
        #expect(defined.rowRoots == header.rowRoots)
        #expect(defined.columnRoots == header.columnRoots)
        print("real: eds-k4: \(square.width * square.width) shares, \(2 * header.width) roots")
        #expect(header.width == 8)
    }

    /// Every row comes back from either half, and every share from its sample.
    @Test func everyPieceOfIt() throws {
        let (square, header) = try Self.square()
        let prover = SquareProver(square: square, header: header)
        for index in 0..<header.width {
            let row = prover.row(index)
            for side in [UnverifiedRow.Side.left, .right] {
                let half = side == .left ? row.shares.prefix(4) : row.shares.suffix(4)
                #expect(
                    try UnverifiedRow(half: Array(half), side: side).verify(
                        row: index, against: header) == row)
            }
            for column in 0..<header.width {
                let place = Coordinate(row: index, column: column)
                let sample = prover.sample(at: place, axis: .column)
                #expect(try sample.container.verify(at: place, against: header) == sample)
            }
        }
    }
}
