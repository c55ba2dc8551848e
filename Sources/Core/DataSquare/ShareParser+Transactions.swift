// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Reads transactions back out of compact shares.
extension ShareParser {
    /// The transactions that start and end within compact shares of one namespace.
    ///
    /// The shares may begin anywhere in their sequence: reading starts at the first unit that the
    /// shares themselves announce. It ends at a length of zero or a unit that goes on beyond them.
    public static func transactions(in shares: [Share]) throws(DecodeFault) -> [[UInt8]] {
        try transactions(in: ShareViews(shares))
    }

    /// The same for shares that stand one behind the other in `bytes`.
    public static func transactions(
        inFlat bytes: ArraySlice<UInt8>
    ) throws(DecodeFault) -> [[UInt8]] {
        try transactions(in: try ShareViews(flat: bytes))
    }

    /// Units exactly as the reference reads them from any starting share.
    ///
    /// They differ from `transactions` only when no unit starts in the first share: the reference
    /// then reads on at the next share's first byte, which is the middle of a unit, and may return
    /// pieces that are no transactions. It is kept to compare with; use `transactions`.
    public static func unitsAsReference(in shares: [Share]) throws(DecodeFault) -> [[UInt8]] {
        try units(in: ShareViews(shares), from: 0)
    }

    static func transactions(in shares: ShareViews) throws(DecodeFault) -> [[UInt8]] {
        guard shares.count > 0 else { return [] }
        let namespace = ShareHeader(of: shares[0]).namespace
        var first = shares.count
        for index in 0..<shares.count {
            let header = ShareHeader(of: shares[index])
            guard header.namespace.isCompact, header.namespace == namespace else {
                throw fault("not a share of the same transactions", at: index)
            }
            guard header.infoByte.shareVersion == ShareVersion.plain else {
                throw fault("transactions have share version 0", at: index)
            }
            guard !header.infoByte.isSequenceStart || index == 0 else {
                throw fault("a sequence of transactions starts anew", at: index)
            }
            if index < first, ShareHeader.reservedBytes(of: shares[index]) != 0 { first = index }
        }
        return try units(in: shares, from: first)
    }

    private static func units(
        in shares: ShareViews, from first: Int
    ) throws(DecodeFault) -> [[UInt8]] {
        var stream: [UInt8] = []
        stream.reserveCapacity((shares.count - first) * Share.sizeBytes)
        for index in first..<shares.count {
            let share = shares[index]
            let header = ShareHeader(of: share)
            guard ShareVersion.isSupported(header.infoByte.shareVersion) else {
                throw fault("share version is unknown", at: index)
            }
            var start = header.contentStart
            if index == first {
                let reserved = ShareHeader.reservedBytes(of: share)
                if reserved == 0 { continue }
                guard reserved < Share.sizeBytes, reserved >= start else {
                    throw fault("the first unit starts outside of the content", at: index)
                }
                start = reserved
            }
            stream.append(contentsOf: share[(share.startIndex + start)...])
        }
        return try units(of: stream)
    }

    /// Cuts a stream at the lengths in it.
    private static func units(of stream: [UInt8]) throws(DecodeFault) -> [[UInt8]] {
        var units: [[UInt8]] = []
        var position = 0
        while position < stream.count {
            let length = try unitLength(in: stream, at: position)
            guard length > 0 else { break }
            // A length is skipped by its shortest form, however it was written.
            position += Varint.size(length)
            guard position <= stream.count, length <= UInt64(stream.count - position) else { break }
            units.append(Array(stream[position..<position + Int(length)]))
            position += Int(length)
        }
        return units
    }

    /// The varint at `position`; one that the end cuts off reads as if zeros followed.
    private static func unitLength(
        in stream: [UInt8], at position: Int
    ) throws(DecodeFault) -> UInt64 {
        var value: UInt64 = 0
        for place in 0..<10 {
            let byte = position + place < stream.count ? stream[position + place] : 0
            guard place < 9 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7f) << UInt64(7 * place)
            if byte & 0x80 == 0 { return value }
        }
        throw DecodeFault(.varint, at: position)
    }
}
