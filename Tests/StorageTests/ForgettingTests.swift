// SPDX-License-Identifier: Apache-2.0

import Chain
import DataSquare
import Storage
import Testing

/// A chain that is refused from a height on leaves nothing of it behind.
@Suite struct ForgettingTests {
    /// Headers and squares from the height on go, those below stay, and others may take their place.
    @Test func everythingFromAHeightOnGoes() throws {
        let scratch = try ScratchDirectory()
        let storage = try NodeStorage(scratch.path)
        let headers = try [1, 2, 3, 4, 6].map { try Self.header($0) }
        try storage.headers.put(headers.map { ChainHeader($0) })
        for height in [1, 3, 4] as [UInt64] {
            let square = try SampleSquares.make(width: 2, seed: "square \(height)")
            try storage.put(
                CommittedSquare(ExtendedDataSquare(extending: square)), at: Height(height))
        }
        try storage.forget(from: Height(3))
        #expect(try storage.headers.ranges() == [Height(1)...Height(2)])
        #expect(try storage.squares.ranges() == [Height(1)...Height(1)])
        try storage.forget(from: Height(3))
        let other = try Self.header(3, appVersion: 7)
        try storage.headers.put([ChainHeader(other)])
        #expect(try storage.headers.header(at: Height(3))?.extended == other)
        try storage.forget(from: Height(1))
        #expect(try storage.headers.head() == nil)
        #expect(try storage.squares.ranges().isEmpty)
    }

    private static func header(_ height: UInt64, appVersion: UInt64 = 6) throws -> ExtendedHeader {
        let square = try SampleSquares.make(width: 2, seed: "header \(height)")
        return try SampleHeaders.make(
            height, SampleSquares.header(of: square), appVersion: appVersion)
    }
}
