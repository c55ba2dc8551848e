// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import TestSupport

/// The squares that vectors describe by a seed (Protocol/vectors/README.md, square spec).
enum SpecifiedSquare {
    /// The shares of a description, row-major.
    static func bytes(_ spec: JSONTree) throws -> [UInt8] {
        let width = try spec["k"].integer
        let seed = try spec["seed"].string
        let start = try spec["ns_start"].integer
        let strideOfNamespaces = try spec["ns_stride"].integer
        let sharesPerNamespace = try spec["shares_per_ns"].integer
        let tailStart = try width * width - spec["tail"].integer
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * width * Share.sizeBytes)
        for index in 0..<width * width {
            if index >= tailStart {
                bytes += [UInt8](repeating: 0xFF, count: 28) + [0xFE, 0x01]
                bytes += [UInt8](repeating: 0, count: 482)
                continue
            }
            let namespace = start + index / sharesPerNamespace * strideOfNamespaces
            bytes += [UInt8](repeating: 0, count: 21)
            bytes.append(bigEndian: UInt64(namespace))
            bytes += [0x01, 0x00, 0x00, 0x01, 0xDE]
            bytes += DeterministicBytes.make(seed: "\(seed)/\(index)", count: 478)
        }
        return bytes
    }

    /// The square of a description.
    static func original(_ spec: JSONTree) throws -> OriginalDataSquare {
        try OriginalDataSquare(width: try spec["k"].integer, bytes: try bytes(spec))
    }
}

/// Small squares whose namespaces and bytes a seed determines.
enum SeededSquare {
    /// A square whose namespaces rise every `sharesPerNamespace` shares, ending in `tail` padding.
    static func original(
        width: Int, seed: Int = 1, sharesPerNamespace: Int = 2, tail: Int = 0
    ) throws -> OriginalDataSquare {
        var state = UInt64(truncatingIfNeeded: seed &* 7919 &+ width)
        var bytes: [UInt8] = []
        for index in 0..<width * width {
            guard index < width * width - tail else {
                bytes += [UInt8](repeating: 0xFF, count: 28) + [0xFE, 0x01]
                bytes += [UInt8](repeating: 0, count: 482)
                continue
            }
            bytes += [UInt8](repeating: 0, count: 27)
            bytes.append(bigEndian: UInt16(0x100 + index / sharesPerNamespace))
            for _ in 0..<483 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(UInt8(truncatingIfNeeded: state >> 33))
            }
        }
        return try OriginalDataSquare(width: width, bytes: bytes)
    }
}
