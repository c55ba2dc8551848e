// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import ErasureCoding
import TestSupport

/// The square that a vector's square spec names (Protocol/vectors/README.md).
struct SquareOfVector {
    let original: OriginalDataSquare

    init(_ spec: JSONTree) throws {
        try self.init(
            width: spec["k"].integer, seed: spec["seed"].string,
            start: spec["ns_start"].integer, stride: spec["ns_stride"].integer,
            sharesPerNamespace: spec["shares_per_ns"].integer, tail: spec["tail"].integer)
    }

    init(
        width: Int, seed: String, start: Int = 256, stride: Int = 1, sharesPerNamespace: Int = 1,
        tail: Int = 0
    ) throws {
        var bytes: [UInt8] = []
        for index in 0..<width * width {
            if index >= width * width - tail {
                bytes.append(Namespace.tailPadding.bytes)
                bytes.append(1)
                bytes.append(contentsOf: [UInt8](repeating: 0, count: 482))
            } else {
                let number = start + index / sharesPerNamespace * stride
                bytes.append(contentsOf: [UInt8](repeating: 0, count: 21))
                bytes.append(bigEndian: UInt64(number))
                bytes.append(contentsOf: [1, 0, 0, 1, 0xde])
                bytes += DeterministicBytes.make(seed: "\(seed)/\(index)", count: 478)
            }
        }
        original = try OriginalDataSquare(width: width, bytes: bytes)
    }

    /// The extension of the square, axis by axis as it is defined.
    var extended: ExtendedDataSquare {
        get throws {
            let width = original.width
            let code = try ErasureCode(dataCount: width, parityCount: width)
            let rows = try (0..<width).map { row in
                let data = (0..<width).map { Array(original.shareBytes(row: row, column: $0)) }
                return data + (try code.parity(of: data))
            }
            var below = [[[UInt8]]](repeating: [], count: width)
            for column in 0..<2 * width {
                let parity = try code.parity(of: rows.map { $0[column] })
                for row in 0..<width { below[row].append(parity[row]) }
            }
            return try ExtendedDataSquare(
                width: 2 * width, bytes: Array((rows + below).joined().joined()))
        }
    }
}

extension ExtendedDataSquare {
    /// The square's header by the definition of its trees; nobody has checked the parity.
    var definedHeader: DataAvailabilityHeader {
        get throws {
            func roots(_ axis: Axis) throws -> [NamespacedHash] {
                try (0..<width).map { index in
                    var tree = NamespacedMerkleTree()
                    for position in 0..<width {
                        let place = Coordinate(axis, index, position: position)
                        let share = try Share(decoding: shareBytes(at: place))
                        let isOriginal = place.isOriginal(width: width)
                        try tree.push(
                            namespace: isOriginal ? share.namespace : .parity, data: share.bytes)
                    }
                    return tree.root
                }
            }
            return try DataAvailabilityHeader(rowRoots: roots(.row), columnRoots: roots(.column))
        }
    }

    /// A prover that hashes each axis anew, with the header by the definition.
    var definedProver: SquareProver {
        get throws { SquareProver(square: self, header: try definedHeader) }
    }
}

extension JSONTree {
    /// A case's name, for messages.
    var id: String { (optional("id")?.value as? String) ?? "nameless" }
    /// What a case is about, for messages.
    var about: String { (optional("desc")?.value as? String) ?? "" }
}
