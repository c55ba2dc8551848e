// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// What the bytes before a share's content say, read in place.
///
/// Squares are parsed from one flat buffer, so the reader takes a view and copies no share.
struct ShareHeader {
    let namespace: Namespace
    let infoByte: InfoByte
    /// Of the whole sequence, when the share is its first.
    let sequenceLength: Int?
    let signer: Bytes20?
    /// Where content begins, counted from the share's own start.
    let contentStart: Int

    /// Reads a view of exactly 512 bytes.
    init(of share: ArraySlice<UInt8>) {
        precondition(share.count == Share.sizeBytes, "a share has 512 bytes")
        let base = share.startIndex
        var bytes = FixedBytes<29>()
        for index in 0..<Namespace.sizeBytes { bytes[index] = share[base + index] }
        namespace = Namespace(unchecked: bytes)
        var position = Namespace.sizeBytes
        infoByte = InfoByte(rawValue: share[base + position])
        position += Share.infoSizeBytes
        let isCompact = namespace.isCompact
        if infoByte.isSequenceStart {
            sequenceLength = Self.bigEndian32(share, at: base + position)
            position += Share.sequenceLengthSizeBytes
        } else {
            sequenceLength = nil
        }
        if isCompact { position += Share.reservedSizeBytes }
        if infoByte.isSequenceStart, !isCompact, ShareVersion.hasSigner(infoByte.shareVersion) {
            let end = position + Share.signerSizeBytes
            signer = Bytes20(share[(base + position)..<(base + end)])
            position = end
        } else {
            signer = nil
        }
        contentStart = position
    }

    /// Whether the share says nothing.
    var isPadding: Bool {
        sequenceLength == 0 || namespace.isTailPadding || namespace.isPrimaryReservedPadding
    }

    /// Where the first unit of a compact share starts, counted from the share's start; 0 for none.
    static func reservedBytes(of share: ArraySlice<UInt8>) -> Int {
        let info = InfoByte(rawValue: share[share.startIndex + Namespace.sizeBytes])
        var position = Namespace.sizeBytes + Share.infoSizeBytes
        if info.isSequenceStart { position += Share.sequenceLengthSizeBytes }
        return bigEndian32(share, at: share.startIndex + position)
    }

    private static func bigEndian32(_ share: ArraySlice<UInt8>, at index: Int) -> Int {
        Int(share[index]) << 24 | Int(share[index + 1]) << 16 | Int(share[index + 2]) << 8
            | Int(share[index + 3])
    }
}
