// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare

/// The left half of a row as somebody sent it.
package struct HalfRow: Hashable, Sendable {
    /// Which row of the extended square.
    package let index: Int
    /// The first k shares, one after the other.
    package let bytes: [UInt8]

    /// Takes the parts as they came.
    package init(index: Int, bytes: [UInt8]) {
        self.index = index
        self.bytes = bytes
    }

    /// The same, known to be the committed one; throws as `UnverifiedRow.verify` does.
    package func verify(
        against roots: DataAvailabilityHeader
    ) throws(VerificationFault) -> VerifiedHalfRow {
        let shares = bytes.count / Share.sizeBytes
        guard shares * Share.sizeBytes == bytes.count, shares == roots.originalWidth else {
            throw .shareCount(expected: roots.originalWidth, actual: shares)
        }
        var half: [Share] = []
        half.reserveCapacity(shares)
        for number in 0..<shares {
            let start = number * Share.sizeBytes
            do throws(DecodeFault) {
                half.append(try Share(decoding: bytes[start..<start + Share.sizeBytes]))
            } catch {
                preconditionFailure("512 bytes are a share: \(error)")
            }
        }
        _ = try UnverifiedRow(half: half, side: .left).verify(row: index, against: roots)
        return VerifiedHalfRow(trusted: self)
    }
}

/// The left half of a row, known to be the committed one.
package struct VerifiedHalfRow: Hashable, Sendable {
    /// Which row of the extended square.
    package let index: Int
    /// The first k shares, one after the other.
    package let bytes: [UInt8]

    fileprivate init(trusted row: HalfRow) {
        index = row.index
        bytes = row.bytes
    }

    /// The rows of a whole square.
    package static func all(of square: ExtendedDataSquare) -> [VerifiedHalfRow] {
        let width = square.width * Share.sizeBytes
        return (0..<square.width).map { row in
            VerifiedHalfRow(
                trusted: HalfRow(
                    index: row, bytes: Array(square.bytes[row * width..<row * width + width / 2])))
        }
    }
}

/// What validators tell each other about the rows of a block.
///
/// Wire form: `RowMessage {RowPush push = 1; RowQuestion question = 2}`, exactly one of them. Specified
/// in Protocol/24-attestation.md#messages.
package enum RowMessage: Hashable, Sendable {
    /// The longest message, in bytes.
    package static let sizeMax = 1 << 20
    /// The most bytes of rows in a message to whom passes them on, if it has more than one.
    package static let passedOnBytes = 65_536
    /// The most rows of one message.
    package static let rowsMax = SquareSize.upperBound * 2

    /// Rows of a block, by its hash.
    case push(block: Bytes32, [HalfRow])
    /// Rows that are wanted.
    case question(block: Bytes32, [Int])

    /// How many rows of a square of width k fit in one message.
    package static func rowsPerPush(originalWidth: Int) -> Int {
        max(1, (sizeMax - 64) / (originalWidth * Share.sizeBytes + 16))
    }

    /// How many rows of width k a proposer sends at once to whom passes them on: 64 KiB, or one.
    package static func rowsPassedOn(originalWidth: Int) -> Int {
        max(1, passedOnBytes / (originalWidth * Share.sizeBytes))
    }

    /// Reads a message.
    package init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= Self.sizeMax else {
            throw DecodeFault(
                .overLimit(field: "message", limit: Self.sizeMax, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes[...])
        guard let field = try reader.next() else { throw .malformed("an empty message") }
        switch field.number {
        case 1: self = try Self.push(try field.bytes())
        case 2: self = try Self.question(try field.bytes())
        default: throw .malformed("a message of no known kind", at: field.offset)
        }
        if let second = try reader.next() {
            throw .malformed("two messages in one", at: second.offset)
        }
    }

    /// The wire form.
    package var protobuf: [UInt8] {
        var inner: ProtobufWriter
        var writer: ProtobufWriter
        switch self {
        case .push(let block, let rows):
            inner = ProtobufWriter(capacity: rows.reduce(64) { $0 + $1.bytes.count + 16 })
            inner.bytes(1, block)
            for row in rows {
                var part = ProtobufWriter(capacity: row.bytes.count + 12)
                part.varint(1, UInt64(row.index))
                part.bytes(2, row.bytes)
                inner.presentBytes(2, part.bytes)
            }
            writer = ProtobufWriter(capacity: inner.bytes.count + 8)
            writer.presentBytes(1, inner.bytes)
        case .question(let block, let rows):
            inner = ProtobufWriter(capacity: 40 + 3 * rows.count)
            inner.bytes(1, block)
            var packed: [UInt8] = []
            for row in rows { packed.append(varint: UInt64(row)) }
            inner.bytes(2, packed)
            writer = ProtobufWriter(capacity: inner.bytes.count + 8)
            writer.presentBytes(2, inner.bytes)
        }
        return writer.bytes
    }

    private static func push(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> RowMessage {
        var reader = ProtobufReader(bytes)
        var block: Bytes32?
        var rows: [HalfRow] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: block = try field.fixed()
            case 2:
                guard rows.count < rowsMax else {
                    throw DecodeFault(
                        .overLimit(field: "rows", limit: rowsMax, actual: rows.count + 1),
                        at: field.offset)
                }
                rows.append(try row(try field.bytes()))
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let block, !rows.isEmpty else { throw .malformed("no rows of a block") }
        return .push(block: block, rows)
    }

    private static func row(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> HalfRow {
        var reader = ProtobufReader(bytes)
        var index: UInt64 = 0
        var half: ArraySlice<UInt8> = []
        while let field = try reader.next() {
            switch field.number {
            case 1: index = try field.varint()
            case 2: half = try field.bytes()
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard index < UInt64(rowsMax), !half.isEmpty else { throw .malformed("no row") }
        return HalfRow(index: Int(index), bytes: Array(half))
    }

    private static func question(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> RowMessage {
        var reader = ProtobufReader(bytes)
        var block: Bytes32?
        var rows: [Int] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: block = try field.fixed()
            case 2:
                var packed = ByteReader(try field.bytes())
                while !packed.isAtEnd {
                    let row = try packed.varint()
                    guard row < UInt64(rowsMax), rows.count < rowsMax,
                        rows.last.map({ UInt64($0) < row }) ?? true
                    else { throw .malformed("rows that do not rise", at: field.offset) }
                    rows.append(Int(row))
                }
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let block, !rows.isEmpty else { throw .malformed("a question for no rows") }
        return .question(block: block, rows)
    }
}
