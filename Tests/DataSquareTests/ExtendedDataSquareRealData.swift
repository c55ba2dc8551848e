// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import TestSupport
import Testing

@Suite struct ExtendedDataSquareRealData {
    /// A recorded square of a live network: its parity, its roots and repair from a quarter of it.
    @Test(.enabled(if: RealData.has("eds-k4/eds.json"))) func recordedSquare() throws {
        let shares = try JSONTree(contentsOf: RealData.url("eds-k4/eds.json"))["data_square"].array
        let roots = try JSONTree(contentsOf: RealData.url("eds-k4/dah.json"))
        print("real: eds-k4: \(shares.count) shares")
        let bytes = try shares.flatMap { try $0.base64 }
        let recorded = try ExtendedDataSquare(width: 8, bytes: bytes)
        #expect(recorded.isEncoded())
        #expect(ExtendedDataSquare(extending: recorded.originalSquare) == recorded)
        let header = recorded.commit()
        #expect(
            header.rowRoots.map { $0.bytes.array }
                == (try roots["row_roots"].array.map { try $0.base64 }))
        #expect(
            header.columnRoots.map { $0.bytes.array }
                == (try roots["column_roots"].array.map { try $0.base64 }))
        let quarter = (0..<64).map { $0 / 8 % 2 == 0 && $0 % 8 < 4 }
        let repaired = try ExtendedDataSquare.repair(
            width: 8, bytes: bytes, isKnown: quarter, header: header)
        #expect(repaired == recorded)
    }
}
