// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Storage
import TestSupport

/// Squares that tests make, and blocks of them.
enum SampleSquares {
    /// A square whose last `tail` shares are padding and whose others are pseudo-random.
    static func make(width: Int, seed: String, tail: Int = 0) throws -> OriginalDataSquare {
        var bytes: [UInt8] = []
        for index in 0..<width * width - tail {
            var namespace = [UInt8](repeating: 0, count: 21)
            namespace.append(bigEndian: UInt64(257 + index))
            bytes += namespace + [1, 0, 0, 1, 0xde]
            bytes += DeterministicBytes.make(seed: "\(seed)/\(index)", count: 478)
        }
        for _ in 0..<tail { bytes += padding }
        return try OriginalDataSquare(width: width, bytes: bytes)
    }

    /// The tail padding share, written out.
    static let padding =
        [UInt8](repeating: 255, count: 28) + [254, 1] + [UInt8](repeating: 0, count: 482)

    /// The roots of the extended square.
    static func header(of square: OriginalDataSquare) -> DataAvailabilityHeader {
        ExtendedDataSquare(extending: square).commit()
    }

    static func block(
        _ height: UInt64, width: Int, seed: String, tail: Int = 0
    ) throws -> StoredBlock {
        let square = try make(width: width, seed: seed, tail: tail)
        return StoredBlock(height: Height(height), square: square, header: header(of: square))
    }

    static func emptyBlock(_ height: UInt64) throws -> StoredBlock {
        try block(height, width: 1, seed: "", tail: 1)
    }
}

/// A store on a directory, as a process opens it.
struct OpenStore {
    let directory: DataDirectory
    let index: KeyValueStore
    let squares: SquareStore
    let states: StateStore
    let report: SweepReport

    init(_ path: String, fault: WriteFault = WriteFault()) throws {
        directory = try DataDirectory(path, disk: Disk(fault: fault))
        index = try KeyValueStore(directory: directory.index, fault: fault)
        squares = SquareStore(directory: directory, index: index)
        states = StateStore(index: index)
        report = try squares.sweep()
    }
}

extension BlockKey {
    /// The block of a height that is written as its number.
    static func at(_ height: UInt64) -> BlockKey { .height(Height(height)) }
}
