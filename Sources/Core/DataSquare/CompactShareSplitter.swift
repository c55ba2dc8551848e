// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Lays transactions of one reserved namespace out as shares, each behind its length as a varint.
///
/// Every share says where its first unit starts, so a reader may begin at any share.
/// Specified in Protocol/01-namespaces-and-shares.md#compact-shares.
public struct CompactShareSplitter: Sendable {
    /// Bytes of content in the first share of a sequence.
    public static let firstContentSizeBytes =
        furtherContentSizeBytes - Share.sequenceLengthSizeBytes
    /// Bytes of content in every further share.
    public static let furtherContentSizeBytes =
        Share.sizeBytes - Namespace.sizeBytes - Share.infoSizeBytes - Share.reservedSizeBytes

    /// The namespace of the sequence.
    public let namespace: Namespace
    /// The units, each behind its length.
    private var stream: [UInt8] = []
    /// Where in the stream each unit's length begins.
    private var unitStarts: [Int] = []

    /// An empty sequence of a namespace that holds transactions.
    public init(namespace: Namespace) {
        precondition(namespace.isCompact, "compact shares hold transactions")
        self.namespace = namespace
    }

    /// Adds one transaction at the end.
    public mutating func append(_ unit: [UInt8]) {
        unitStarts.append(stream.count)
        stream.append(lengthPrefixed: unit)
    }

    /// Shares so far.
    public var shareCount: Int { Self.shareCount(streamSizeBytes: stream.count) }

    /// The shares of each unit, counted from the first share of the sequence.
    ///
    /// Neighbours overlap where one unit ends in the share in which the next one starts.
    public var shareRanges: [Range<Int>] {
        unitStarts.indices.map { index in
            let end = index + 1 < unitStarts.count ? unitStarts[index + 1] : stream.count
            return Self.shareIndex(streamOffset: unitStarts[index])..<Self.shareIndex(
                streamOffset: end - 1) + 1
        }
    }

    /// All shares, the last one filled with zeros; none for no units.
    public func shares() -> [Share] {
        var flat: [UInt8] = []
        append(to: &flat)
        return stride(from: 0, to: flat.count, by: Share.sizeBytes).map {
            Share(counted: Array(flat[$0..<$0 + Share.sizeBytes]))
        }
    }

    /// Appends all shares to shares that stand one behind the other.
    public func append(to shares: inout [UInt8]) {
        var unit = 0
        var position = 0
        while position < stream.count {
            let isStart = position == 0
            let room = isStart ? Self.firstContentSizeBytes : Self.furtherContentSizeBytes
            let end = min(position + room, stream.count)
            let header = Share.sizeBytes - room
            while unit < unitStarts.count, unitStarts[unit] < position { unit += 1 }
            let starts = unit < unitStarts.count && unitStarts[unit] < end
            let reserved = starts ? header + unitStarts[unit] - position : 0
            shares.append(contentsOf: namespace.bytes.array)
            shares.append(
                InfoByte(shareVersion: ShareVersion.plain, isSequenceStart: isStart).rawValue)
            if isStart { shares.append(bigEndian: UInt32(stream.count)) }
            shares.append(bigEndian: UInt32(reserved))
            shares.append(contentsOf: stream[position..<end])
            shares.append(contentsOf: repeatElement(0, count: room - (end - position)))
            position = end
        }
    }

    /// Shares that a stream of `streamSizeBytes` bytes takes, lengths of the units included.
    public static func shareCount(streamSizeBytes: Int) -> Int {
        streamSizeBytes == 0 ? 0 : shareIndex(streamOffset: streamSizeBytes - 1) + 1
    }

    /// Bytes that a unit of `sizeBytes` bytes takes in the stream.
    public static func streamSizeBytes(unitSizeBytes sizeBytes: Int) -> Int {
        Varint.size(UInt64(sizeBytes)) + sizeBytes
    }

    /// The share that holds a byte of the stream.
    private static func shareIndex(streamOffset: Int) -> Int {
        guard streamOffset >= firstContentSizeBytes else { return 0 }
        return 1 + (streamOffset - firstContentSizeBytes) / furtherContentSizeBytes
    }
}
