// SPDX-License-Identifier: Apache-2.0

internal import Availability
package import DataSquare

/// Pieces of one square, each verified under its roots, on their way to the whole.
package struct SquarePieces: Sendable {
    /// Rows, in the order they came.
    package private(set) var rows: [Row] = []
    /// Single shares of other rows, in the order they came.
    package private(set) var samples: [VerifiedSample] = []

    /// No pieces.
    package init() {}

    /// Takes a row.
    package mutating func add(_ row: Row) {
        rows.append(row)
    }

    /// Takes a share.
    package mutating func add(_ sample: VerifiedSample) {
        samples.append(sample)
    }

    /// Rebuilds the square, which is held to its header; slow.
    package func repaired(_ header: DataAvailabilityHeader) -> JobResult {
        let width = header.width
        var bytes = [UInt8](repeating: 0, count: width * width * Share.sizeBytes)
        var isKnown = [Bool](repeating: false, count: width * width)
        for row in rows {
            for (column, share) in row.shares.enumerated() {
                Self.put(share, at: row.index * width + column, &bytes, &isKnown)
            }
        }
        for sample in samples {
            let cell = sample.coordinate.row * width + sample.coordinate.column
            Self.put(sample.share, at: cell, &bytes, &isKnown)
        }
        do throws(RepairFault) {
            let square = try ExtendedDataSquare.repair(
                width: width, bytes: bytes, isKnown: isKnown, header: header)
            let committed = CommittedSquare(square)
            if let mismatch = SquareMismatch(committed, against: header) {
                return .mismatch(mismatch)
            }
            return Job.committed(committed)
        } catch {
            switch error {
            case .byzantine(let axis, let index): return .wrongEncoding(axis, index: index)
            case .unrepairable, .shape: return .unrepairable
            }
        }
    }

    private static func put(
        _ share: Share, at cell: Int, _ bytes: inout [UInt8], _ isKnown: inout [Bool]
    ) {
        let start = cell * Share.sizeBytes
        bytes.replaceSubrange(start..<start + Share.sizeBytes, with: share.bytes)
        isKnown[cell] = true
    }
}
