// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Chain
package import DataSquare

/// The square that all blocks of a timed world have, with the rows that members send.
package struct TimedSquare: Sendable {
    /// The blobs' transactions as they stand in it.
    package let entries: [SquareEntry]
    /// As its proposer lays it out.
    package let original: OriginalDataSquare
    let committed: CommittedSquare
    let proof: ReencodedSquare
    let rows: [VerifiedHalfLine]

    /// A square of so many bytes of blobs, which must be as wide as is said.
    package init(width: Int, blobBytes: Int) {
        entries = Self.entries(blobBytes)
        do throws(SquareBuildFault) {
            original = try SquareBuilder.construct(
                entries, sizeMaximum: SquareSize.upperBound
            ).square
        } catch {
            preconditionFailure("blobs that fit are a square: \(error)")
        }
        precondition(
            original.width == width, "\(blobBytes) bytes of blobs fill a square of another width")
        (committed, proof) = ReencodedSquare.extending(original)
        rows = VerifiedHalfLine.rows(of: committed.square)
    }

    /// Bytes of the original square.
    package var sizeBytes: Int { original.bytes.count }

    /// Blobs of 64 KiB at most, each with a transaction of its own, in namespaces that rise.
    private static func entries(_ blobBytes: Int) -> [SquareEntry] {
        let size = 65_536
        let transaction = [UInt8](repeating: 0x0A, count: 300)
        do {
            return try stride(from: 0, to: blobBytes, by: size).map { start in
                let number = UInt64(start / size)
                let count = min(size, blobBytes - start)
                let data = (0..<count / 8 + 1).flatMap { word in
                    withUnsafeBytes(of: Draw.mix(number << 32 | UInt64(word))) { Array($0) }
                }
                let blob = try Blob(
                    namespace: try Namespace(userID: [1, UInt8(number >> 8), UInt8(number & 255)]),
                    data: Array(data.prefix(count)))
                return .blob(try BlobTransaction(transaction: transaction, blobs: [blob]))
            }
        } catch {
            preconditionFailure("bytes in a namespace are a blob: \(error)")
        }
    }
}
