// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct SquareFileTests {
    /// Every amount of padding at the end of every small square comes back byte for byte, and none
    /// of it is in the file.
    @Test(arguments: [1, 2, 4])
    func everyAmountOfPadding(width: Int) throws {
        for tail in 0...width * width {
            let square = try SampleSquares.make(width: width, seed: "padding", tail: tail)
            let stored = Array(SquareFile.storedShares(of: square))
            #expect(stored.count == (width * width - tail) * 512)
            #expect(try SquareFile.decodeSquare(width: width, storedShares: stored) == square)
        }
    }

    /// A share of the padding namespace that is not the padding share is kept.
    @Test func onlyCanonicalPaddingIsLeftOut() throws {
        var bytes = try SampleSquares.make(width: 2, seed: "odd", tail: 2).bytes
        bytes[3 * 512 + 511] = 1
        let square = try OriginalDataSquare(width: 2, bytes: bytes)
        let stored = Array(SquareFile.storedShares(of: square))
        #expect(stored.count == 4 * 512)
        #expect(try SquareFile.decodeSquare(width: 2, storedShares: stored) == square)
    }

    /// A file put together by hand from the format's text, as other software writes it, is read.
    @Test func handWrittenFileIsRead() throws {
        let square = try SampleSquares.make(width: 2, seed: "by hand", tail: 1)
        let header = SampleSquares.header(of: square)
        var file: [UInt8] = [1]
        file += [1] + [UInt8](repeating: 0, count: 27) + [0x00, 0x02] + [4, 0]
        file += header.dataRoot.array
        for root in header.rowRoots + header.columnRoots { file += root.bytes.array }
        #expect(file.count == 65 + 180 * 4)
        file += square.bytes[..<(3 * 512)]
        let decoded = try SquareFile.decode(file)
        #expect(decoded.square == square)
        #expect(decoded.header == header)
        #expect(SquareFile.encodeHeader(header) + SquareFile.storedShares(of: square) == file)
    }

    /// A file that lacks no padding is read as well.
    @Test func fileWithPaddingIsRead() throws {
        let square = try SampleSquares.make(width: 2, seed: "whole", tail: 3)
        let header = SampleSquares.header(of: square)
        let decoded = try SquareFile.decode(SquareFile.encodeHeader(header) + square.bytes)
        #expect(decoded.square == square)
    }

    /// Every length but whole shares within the square is refused, and so is every wrong byte before
    /// the roots.
    @Test func wrongFilesAreRefused() throws {
        let square = try SampleSquares.make(width: 2, seed: "wrong")
        let header = SampleSquares.header(of: square)
        let file = SquareFile.encodeHeader(header) + square.bytes
        for count in 0..<file.count where count < 785 || (count - 785) % 512 != 0 {
            #expect(throws: DecodeFault.self) { try SquareFile.decode(Array(file[..<count])) }
        }
        #expect(throws: DecodeFault.self) {
            try SquareFile.decode(file + [UInt8](repeating: 0, count: 512))
        }
        for offset in 0..<785 {
            var changed = file
            changed[offset] ^= 1
            #expect(throws: DecodeFault.self) { try SquareFile.decode(changed) }
        }
    }
}

/// Squares with known roots, through a file and back.
@Suite struct SquareFileVectors {
    /// Every small square's file names its known data root and gives the square back.
    @Test func everyKnownSquare() throws {
        var count = 0
        for test in try Vectors.family("eds").cases {
            // Cases without a square of their own are for other readers of the file.
            guard let spec = test.optional("ods"), try spec["k"].integer <= 32 else { continue }
            let square = try Self.square(spec)
            let header = SampleSquares.header(of: square)
            let stored = SquareFile.storedShares(of: square)
            let total = square.width * square.width
            #expect(stored.count == (total - (try spec["tail"].integer)) * 512)
            let file = SquareFile.encodeHeader(header) + stored
            let root = try test["data_root"].hex
            #expect(try SquareFile.statedDataRoot(file).array == root)
            let decoded = try SquareFile.decode(file)
            #expect(decoded.square == square)
            #expect(decoded.header.dataRoot.array == root)
            count += 1
        }
        print("vectors: eds: \(count) files")
        #expect(count > 5)
    }

    /// The file of the empty block is the one that every implementation has.
    @Test func emptyBlock() throws {
        let block = try SampleSquares.emptyBlock(1)
        let file = SquareFile.encodeHeader(block.header) + SquareFile.storedShares(of: block.square)
        #expect(file.count == 425)
        #expect(
            Hex.encode(block.header.dataRoot.array, uppercase: true)
                == "3D96B7D238E7E0456F6AF8E7CDF0A67BD6CF9C2089ECB559C659DCAA1F880353")
    }

    /// A square of a vector's specification (Protocol/vectors/README.md).
    private static func square(_ spec: JSONTree) throws -> OriginalDataSquare {
        let width = try spec["k"].integer
        let seed = try spec["seed"].string
        let start = try spec["ns_start"].integer
        let stride = try spec["ns_stride"].integer
        let perNamespace = try spec["shares_per_ns"].integer
        var bytes: [UInt8] = []
        for index in 0..<width * width - (try spec["tail"].integer) {
            bytes += [UInt8](repeating: 0, count: 21)
            bytes.append(bigEndian: UInt64(start + index / perNamespace * stride))
            bytes += [1, 0, 0, 1, 0xde]
            bytes += DeterministicBytes.make(seed: "\(seed)/\(index)", count: 478)
        }
        while bytes.count < width * width * 512 { bytes += SampleSquares.padding }
        return try OriginalDataSquare(width: width, bytes: bytes)
    }
}

/// Squares of live networks, through a file and back.
@Suite struct SquareFileRealData {
    /// A recorded square and its recorded roots come back, and the file names their data root.
    @Test(.enabled(if: RealData.has("eds-k4/eds.json")))
    func recordedSquare() throws {
        let shares = try JSONTree(contentsOf: try RealData.url("eds-k4/eds.json"))["data_square"]
            .array.map { try $0.base64 }
        let roots = try JSONTree(contentsOf: try RealData.url("eds-k4/dah.json"))
        let header = try DataAvailabilityHeader(
            rowRoots: try roots["row_roots"].array.map { try NamespacedHash(decoding: $0.base64) },
            columnRoots: try roots["column_roots"].array.map {
                try NamespacedHash(decoding: $0.base64)
            })
        var original: [UInt8] = []
        for row in 0..<4 { for column in 0..<4 { original += shares[row * 8 + column] } }
        let square = try OriginalDataSquare(width: 4, bytes: original)
        let stored = SquareFile.storedShares(of: square)
        let file = SquareFile.encodeHeader(header) + stored
        let decoded = try SquareFile.decode(file)
        #expect(decoded.square == square)
        #expect(decoded.header == header)
        #expect(try SquareFile.statedDataRoot(file) == header.dataRoot)
        print("real data: 1 square, \(stored.count / 512) of 16 shares stored")
    }
}
