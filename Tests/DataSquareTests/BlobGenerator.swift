// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare

/// Blobs and transactions of every shape from one seed; the same seed gives the same ones.
struct BlobGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits (SplitMix64).
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// Bytes without a pattern.
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// One of a few namespaces, so that blobs share them.
    mutating func namespace() throws -> Namespace {
        try Namespace(userID: [1, 2, UInt8.random(in: 1...4, using: &self)])
    }

    /// A blob of version 0 or 1 with up to `sizeMax` bytes, often at a boundary of shares.
    mutating func blob(sizeMax: Int) throws -> Blob {
        let boundaries = [457, 458, 459, 477, 478, 479, 940, 941, 960, 961]
        let size =
            Bool.random(using: &self)
            ? Int.random(in: 1...sizeMax, using: &self)
            : min(sizeMax, boundaries.randomElement(using: &self) ?? 1)
        let isSigned = Bool.random(using: &self)
        return try Blob(
            namespace: try namespace(), data: bytes(size), shareVersion: isSigned ? 1 : 0,
            signer: isSigned ? Bytes20(bytes(20)) : nil)
    }

    /// A blob transaction of one to four blobs.
    mutating func blobTransaction(blobSizeMax: Int) throws -> BlobTransaction {
        let count = Int.random(in: 1...4, using: &self)
        let transaction = bytes(Int.random(in: 1...300, using: &self))
        var blobs: [Blob] = []
        for _ in 0..<count { blobs.append(try blob(sizeMax: blobSizeMax)) }
        return try BlobTransaction(transaction: transaction, blobs: blobs)
    }
}
