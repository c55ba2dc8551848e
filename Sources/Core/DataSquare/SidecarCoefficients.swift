// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography
internal import ErasureCoding

/// What the symbols of a row are multiplied by in a square's encoding sidecar.
///
/// They follow from the data root, so nobody knows them who can still change the square. Block n is
/// SHA-256(seed ‖ LE32 n), where seed is SHA-256("quadrat/sidecar/1" ‖ data root ‖ LE16 k ‖ bits of
/// the field's symbols). The blocks are cut into factors of 16 bytes: those of the places in a 64-byte
/// piece come first, then those of the 8 k pieces of a row; a coefficient is the product of two.
/// Specified in Protocol/14-encoding-fraud.md#sidecar-coefficients.
public struct SidecarCoefficients: Sendable {
    /// What the seed is drawn with.
    public static let domain = "quadrat/sidecar/1"

    /// Shares on a side of the original square.
    public let originalWidth: Int
    /// The factors as they were drawn: places, then pieces, 16 bytes each.
    public let bytes: [UInt8]
    private let factors: SumFactors

    /// Expands the coefficients of the square of a data root.
    ///
    /// - Throws: `width` for anything but a power of two, 1…512.
    public init(dataRoot: Bytes32, originalWidth: Int) throws(SquareFault) {
        guard SquareSize.isValid(originalWidth) else { throw .width(originalWidth) }
        self.originalWidth = originalWidth
        let isWide = AxisCode.of(width: originalWidth).isWide
        var domain = Array(Self.domain.utf8) + dataRoot.array
        domain.append(littleEndian: UInt16(originalWidth))
        domain.append(isWide ? 16 : 8)
        let seed = SHA256.hash(domain).array
        let places = SumFactors.placeCount(isWide: isWide)
        let count = places + originalWidth * Share.sizeBytes / 64
        var messages: [UInt8] = []
        messages.reserveCapacity(count / 2 * (seed.count + 4))
        for block in 0..<count / 2 {
            messages += seed
            messages.append(littleEndian: UInt32(block))
        }
        bytes = SHA256.hashEach(messages, ofLength: seed.count + 4)
        let split = places * LinearSums.sizeBytes
        factors = SumFactors(
            pieces: Array(bytes[split...]), places: Array(bytes[..<split]), isWide: isWide)
    }

    /// The value of one row: 16 bytes, from its first k shares.
    ///
    /// - Throws: `size` for anything but k shares.
    public func value(ofRow half: [UInt8]) throws(SquareFault) -> [UInt8] {
        let expected = originalWidth * Share.sizeBytes
        guard half.count == expected else { throw .size(expected: expected, actual: half.count) }
        return unsafe half.withUnsafeBufferPointer { half in
            guard let start = half.baseAddress else { return [] }
            return unsafe values(of: start, stride: expected, count: 1, parallel: .serial)
        }
    }

    /// The values of `count` rows that are `stride` bytes apart.
    func values(
        of rows: UnsafePointer<UInt8>, stride: Int, count: Int, parallel: ParallelLoop
    ) -> [UInt8] {
        let size = LinearSums.sizeBytes
        return unsafe [UInt8](unsafeUninitializedCapacity: count * size) { sums, written in
            written = count * size
            guard let base = sums.baseAddress else { return }
            // Turns write to disjoint sums.
            nonisolated(unsafe) let sums = unsafe base
            nonisolated(unsafe) let rows = unsafe rows
            parallel.forEachRange(of: count, unit: 8) { range in
                unsafe LinearSums.compute(
                    rows: rows + range.lowerBound * stride, stride: stride, count: range.count,
                    size: originalWidth * Share.sizeBytes, factors: factors,
                    into: sums + range.lowerBound * size)
            }
        }
    }
}
