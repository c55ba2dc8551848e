// SPDX-License-Identifier: Apache-2.0

import DataSquare
import Testing

/// What the hot paths take from the heap, pinned: counts are exact where times are noise.
///
/// A count that grows is a copy or a boxed value that came in unseen; one that shrinks is a gain to
/// be written down here. Limits, not equalities: how far an array grows depends by a block or so on
/// what the heap had left over.
@Suite(.enabled(if: AllocationCounter.isCounting)) struct SquareAllocationTests {
    static let widths = [16, 32, 64]

    /// The square in one block, and rows to work in; no block for each row, column or share.
    @Test(arguments: widths) func extending(width: Int) throws {
        let original = try Self.original(width: width)
        var square = ExtendedDataSquare(extending: original)
        let rowBytes = 2 * width * Share.sizeBytes
        let fresh = AllocationCounter.counting { ExtendedDataSquare(extending: original) }
        #expect(fresh.blocks <= 2)
        #expect(fresh.bytes <= square.bytes.count + 3 * rowBytes)
        let again = AllocationCounter.counting { square.refill(extending: original) }
        #expect(again.blocks <= 1)
        #expect(again.bytes <= 3 * rowBytes)
    }

    /// One block for each of the 4k roots, and a few for the layers of the tree above them; inner
    /// nodes, kept or not, stand in flat buffers.
    @Test(arguments: widths) func committing(width: Int) throws {
        let square = ExtendedDataSquare(extending: try Self.original(width: width))
        let layers = 2 * width.trailingZeroBitCount + 16
        let rootsOnly = AllocationCounter.counting { square.commit() }
        #expect(rootsOnly.blocks <= 4 * width + layers)
        let kept = AllocationCounter.counting { CommittedSquare(square) }
        #expect(kept.blocks <= 4 * width + layers)
        #expect(width < 32 || kept.bytes * 100 <= square.bytes.count * 30)
    }

    /// From a grid of k × k shares: linear in k, where the shares are 4k².
    @Test(arguments: widths) func repairing(width: Int) throws {
        let square = ExtendedDataSquare(extending: try Self.original(width: width))
        let header = square.commit()
        let side = 2 * width
        let isKnown = (0..<side * side).map { ($0 / side) % 2 == 0 && $0 % 2 == 1 }
        let count = try AllocationCounter.counting {
            try ExtendedDataSquare.repair(
                width: side, bytes: square.bytes, isKnown: isKnown, header: header)
        }
        #expect(count.blocks <= 16 * width + 4 * width.trailingZeroBitCount + 50)
        #expect(count.bytes <= square.bytes.count * 3 / 2)
    }

    /// A sample takes two blocks, its share and its proof's nodes; checking sixteen takes three.
    @Test(arguments: widths) func sampling(width: Int) throws {
        let square = CommittedSquare(ExtendedDataSquare(extending: try Self.original(width: width)))
        let places = (0..<16).map { Coordinate(row: $0, column: width + $0 % 3) }
        let made = AllocationCounter.counting { square.sample(at: places[3]) }
        #expect(made.blocks <= 2)
        let batch = places.map { (square.sample(at: $0).container, $0) }
        let verified = AllocationCounter.counting {
            VerifiedSample.verify(batch: batch, against: square.header)
        }
        #expect(verified.blocks <= 3)
    }

    /// The same number of blocks for a blob of 64 KiB and for one of 256 KiB.
    @Test(arguments: widths) func committingToABlob(width: Int) throws {
        let blob = try Blob(
            namespace: try Namespace(userID: [1]),
            data: [UInt8](repeating: 7, count: width * 4096), shareVersion: 0, signer: nil)
        let count = AllocationCounter.counting { ShareCommitment(of: blob) }
        #expect(count.blocks <= 133)
        #expect(count.bytes <= 40_000)
    }

    /// The counter counts: an array is one block of its bytes and its header.
    @Test func theCounterCounts() {
        let count = AllocationCounter.counting { [UInt8](repeating: 1, count: 10_000) }
        #expect(count.blocks == 1)
        #expect(count.bytes >= 10_000)
        #expect(count.bytes < 10_100)
    }

    /// Shares of rising namespaces with bytes that differ.
    private static func original(width: Int) throws -> OriginalDataSquare {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * width * Share.sizeBytes)
        for index in 0..<width * width {
            bytes += [UInt8](repeating: 0, count: 27)
            bytes += [UInt8(index >> 8), UInt8(truncatingIfNeeded: index)]
            bytes += (0..<483).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) }
        }
        return try OriginalDataSquare(width: width, bytes: bytes)
    }
}
