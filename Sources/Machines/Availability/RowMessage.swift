// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare

/// A cell of a square with its proof, as somebody sent it.
package struct HeldCell: Hashable, Sendable {
    /// Where it stands.
    package let place: Coordinate
    /// The share with its proof.
    package let sample: UnverifiedSample

    /// Takes the parts as they came.
    package init(place: Coordinate, sample: UnverifiedSample) {
        self.place = place
        self.sample = sample
    }
}

/// What validators tell each other about the lines of a block.
///
/// Wire form: `RowMessage {LinePush push=1; LineQuestion question=2; CellPush cells=3; CellQuestion
/// cell_question=4}`, exactly one of them. Specified in Protocol/24-attestation.md#messages.
package enum RowMessage: Hashable, Sendable {
    /// The longest message, in bytes.
    package static let sizeMax = 1 << 20
    /// The most bytes of lines in a message to whom passes them on, if it has more than one.
    package static let passedOnBytes = 65_536
    /// The most rows of one message, and the most columns.
    package static let rowsMax = SquareSize.upperBound * 2
    /// The most cells of one message.
    package static let cellsMax = 16

    /// Lines of a block, by its hash: rows, then columns.
    case push(block: Bytes32, [HalfLine])
    /// Lines that are wanted, rising: rows, then columns.
    case question(block: Bytes32, [AxisLine])
    /// Cells of a block, by its hash.
    case cells(block: Bytes32, [HeldCell])
    /// Cells that are wanted, rising.
    case cellQuestion(block: Bytes32, [Coordinate])

    /// How many lines of a square of width k fit in one message.
    package static func linesPerPush(originalWidth: Int) -> Int {
        max(1, (sizeMax - 64) / (originalWidth * Share.sizeBytes + 16))
    }

    /// How many lines of width k a proposer sends at once to whom passes them on: 64 KiB, or one.
    package static func linesPassedOn(originalWidth: Int) -> Int {
        max(1, passedOnBytes / (originalWidth * Share.sizeBytes))
    }

    /// How many lines it has or asks for; 0 where it is about cells.
    package var lineCount: Int {
        switch self {
        case .push(_, let lines): lines.count
        case .question(_, let lines): lines.count
        case .cells, .cellQuestion: 0
        }
    }

    /// The wire form.
    package var protobuf: [UInt8] {
        var inner: ProtobufWriter
        let number: Int
        switch self {
        case .push(let block, let lines):
            number = 1
            inner = ProtobufWriter(capacity: lines.reduce(64) { $0 + $1.bytes.count + 16 })
            inner.bytes(1, block)
            for line in lines {
                var part = ProtobufWriter(capacity: line.bytes.count + 12)
                part.varint(1, UInt64(line.line.index))
                part.bytes(2, line.bytes)
                inner.presentBytes(line.line.axis == .row ? 2 : 3, part.bytes)
            }
        case .question(let block, let lines):
            number = 2
            inner = ProtobufWriter(capacity: 40 + 3 * lines.count)
            inner.bytes(1, block)
            for axis in [Axis.row, .column] {
                inner.packed(
                    axis == .row ? 2 : 3,
                    lines.filter { $0.axis == axis }.map { UInt64($0.index) })
            }
        case .cells(let block, let cells):
            number = 3
            inner = ProtobufWriter(capacity: 64 + cells.count * 2 * Share.sizeBytes)
            inner.bytes(1, block)
            for cell in cells {
                var part = ProtobufWriter(capacity: 2 * Share.sizeBytes)
                part.varint(1, UInt64(cell.place.row))
                part.varint(2, UInt64(cell.place.column))
                part.presentBytes(3, cell.sample.protobuf)
                inner.presentBytes(2, part.bytes)
            }
        case .cellQuestion(let block, let cells):
            number = 4
            inner = ProtobufWriter(capacity: 40 + 4 * cells.count)
            inner.bytes(1, block)
            inner.packed(2, cells.map { UInt64($0.row * Self.rowsMax + $0.column) })
        }
        var writer = ProtobufWriter(capacity: inner.bytes.count + 8)
        writer.presentBytes(number, inner.bytes)
        return writer.bytes
    }
}
