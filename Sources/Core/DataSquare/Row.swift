// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Half of a row as somebody sent it; the other half follows from it.
///
/// Wire form: `shwap.Row { repeated Share shares_half = 1; HalfSide half_side = 2 }`.
/// Specified in Protocol/07-share-exchange.md#row.
public struct UnverifiedRow: Hashable, Sendable {
    /// Which half was sent.
    public enum Side: UInt8, Hashable, Sendable {
        /// The first k shares of the row: its data, in the square's upper half.
        case left = 0
        /// The last k shares: its parity.
        case right = 1
    }

    /// The k shares of the half, from left to right.
    public let half: [Share]
    /// Which half it is.
    public let side: Side

    /// Takes the parts as they came.
    public init(half: [Share], side: Side) {
        self.half = half
        self.side = side
    }
}

extension UnverifiedRow {
    /// Makes the whole row, if this is half of row `index` of the square of `header`.
    ///
    /// - Throws: `outside` for a row that the square does not have, `shareCount` for anything but
    ///   half a row, `rootMismatch` when the row rebuilt from it has another root.
    public func verify(
        row index: Int, against header: DataAvailabilityHeader
    ) throws(VerificationFault) -> Row {
        Row(trusted: try rebuilt(row: index, against: header).shares, index: index)
    }

    /// Refuses what `verify` refuses, and makes nothing.
    func check(
        row index: Int, against header: DataAvailabilityHeader
    ) throws(VerificationFault) {
        _ = try rebuilt(row: index, against: header)
    }

    private func rebuilt(
        row index: Int, against header: DataAvailabilityHeader
    ) throws(VerificationFault) -> AxisShares {
        guard index >= 0, index < header.width else { throw .outside(width: header.width) }
        guard half.count == header.originalWidth else {
            throw .shareCount(expected: header.originalWidth, actual: half.count)
        }
        let axis = AxisShares(half: half, isParity: side == .right)
        guard axis.root(ofAxisAt: index) == header.rowRoots[index] else {
            throw .rootMismatch(.row, index: index)
        }
        return axis
    }
}

/// A whole row of an extended square, known to be the committed one.
public struct Row: Hashable, Sendable {
    /// Which row.
    public let index: Int
    /// All 2k shares, from left to right.
    public let shares: [Share]

    /// For verification and for rows of a whole square; nobody else may trust.
    init(trusted shares: [Share], index: Int) {
        self.shares = shares
        self.index = index
    }

    /// The left half, as it can be sent on.
    public var container: UnverifiedRow {
        UnverifiedRow(half: Array(shares.prefix(shares.count / 2)), side: .left)
    }
}

extension UnverifiedRow {
    /// Decodes the message.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var half: [Share] = []
        var side = Side.left
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: try ShareMessage.append(field, to: &half, limit: SquareSize.upperBound)
            case 2: side = try Self.side(field)
            default: break
            }
        }
        self.init(half: half, side: side)
    }

    /// Decodes the message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: half.count * 520 + 2)
        for share in half { ShareMessage.encode(share, as: 1, into: &writer) }
        writer.varint(2, UInt64(side.rawValue))
        return writer.bytes
    }

    private static func side(_ field: ProtobufField) throws(DecodeFault) -> Side {
        switch try field.varint() {
        case 0: .left
        case 1: .right
        case let other: throw .malformed("half \(other) does not exist", at: field.offset)
        }
    }
}
