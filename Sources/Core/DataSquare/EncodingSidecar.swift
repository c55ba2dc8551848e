// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography
internal import ErasureCoding

/// A value of 16 bytes for each row of an original square, by which a holder of any row of the
/// extended one can tell that its encoding is wrong.
///
/// A value is a sum over the row's symbols times coefficients that follow from the data root. Since
/// columns are codewords, so are the values; row i of the 2k rows must have value i of their
/// extension. It is an alarm and no proof: values can be chosen that fit any k of the 2k rows, and
/// column roots are not covered. All holders must check the same values, so a sidecar counts only
/// if its binding stands in the signed header. Specified in
/// Protocol/14-encoding-fraud.md#sidecar.
public struct EncodingSidecar: Hashable, Sendable {
    /// Bytes of a value.
    public static let valueSizeBytes = LinearSums.sizeBytes

    /// Shares on a side of the original square, k.
    public let originalWidth: Int
    /// The k values, one after another.
    public let bytes: [UInt8]

    /// Takes values that somebody sent.
    ///
    /// - Throws: `width` for a k that is none, `size` for anything but 16 · k bytes.
    public init(originalWidth: Int, bytes: [UInt8]) throws(SquareFault) {
        guard SquareSize.isValid(originalWidth) else { throw .width(originalWidth) }
        let expected = originalWidth * Self.valueSizeBytes
        guard bytes.count == expected else { throw .size(expected: expected, actual: bytes.count) }
        self.originalWidth = originalWidth
        self.bytes = bytes
    }

    /// The sidecar of a square, from its upper left quadrant alone.
    public init(
        of square: ExtendedDataSquare, coefficients: SidecarCoefficients,
        parallel: ParallelLoop = .serial
    ) {
        precondition(
            coefficients.originalWidth == square.originalWidth, "coefficients of this square")
        originalWidth = square.originalWidth
        bytes = unsafe square.bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return [] }
            return unsafe coefficients.values(
                of: start, stride: square.width * Share.sizeBytes, count: square.originalWidth,
                parallel: parallel)
        }
    }

    /// The sidecar of a square under its data root.
    public init(
        of square: ExtendedDataSquare, dataRoot: Bytes32, parallel: ParallelLoop = .serial
    ) {
        do {
            self.init(
                of: square,
                coefficients: try SidecarCoefficients(
                    dataRoot: dataRoot, originalWidth: square.originalWidth), parallel: parallel)
        } catch {
            preconditionFailure("a square has a square's width: \(error)")
        }
    }

    /// SHA-256(data root ‖ values): what the header's extension names.
    public func binding(dataRoot: Bytes32) -> Bytes32 {
        SHA256.hash(dataRoot.array + bytes)
    }

    /// The values that all 2k rows must have.
    public var extended: [UInt8] { LinearSums.extended(bytes, width: originalWidth) }

    /// Whether row `index` of the 2k has the value that the sidecar gives it, from its first k
    /// shares.
    ///
    /// That the shares are those of the committed row is for the caller to know: `Row` says so.
    /// - Throws: `size` for anything but k shares.
    public func agrees(
        row index: Int, half: [UInt8], coefficients: SidecarCoefficients
    ) throws(SquareFault) -> Bool {
        precondition(index >= 0 && index < 2 * originalWidth, "a row of the extended square")
        precondition(coefficients.originalWidth == originalWidth, "coefficients of this square")
        let start = index * Self.valueSizeBytes
        return try coefficients.value(ofRow: half)
            == Array(extended[start..<start + Self.valueSizeBytes])
    }

    /// Whether a row that is known to be the committed one has the value that the sidecar gives it.
    public func agrees(row: Row, coefficients: SidecarCoefficients) throws(SquareFault) -> Bool {
        try agrees(
            row: row.index, half: row.shares.prefix(originalWidth).flatMap(\.bytes),
            coefficients: coefficients)
    }
}
