// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import DataSquare

/// Reading what another member sent: sizes before memory, order before use.
extension RowMessage {
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
        case 3: self = try Self.cells(try field.bytes())
        case 4: self = try Self.cellQuestion(try field.bytes())
        default: throw .malformed("a message of no known kind", at: field.offset)
        }
        if let second = try reader.next() {
            throw .malformed("two messages in one", at: second.offset)
        }
    }

    private static func push(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> RowMessage {
        var reader = ProtobufReader(bytes)
        var block: Bytes32?
        var lines: [HalfLine] = []
        var counts: [Axis: Int] = [:]
        while let field = try reader.next() {
            switch field.number {
            case 1: block = try field.fixed()
            case 2, 3:
                let axis = field.number == 2 ? Axis.row : .column
                guard axis == .column || counts[.column] == nil else {
                    throw .malformed("a row behind a column", at: field.offset)
                }
                let count = counts[axis, default: 0] + 1
                guard count <= rowsMax else {
                    throw DecodeFault(
                        .overLimit(field: "\(axis)s", limit: rowsMax, actual: count),
                        at: field.offset)
                }
                counts[axis] = count
                lines.append(try line(axis, try field.bytes()))
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let block, !lines.isEmpty else { throw .malformed("no lines of a block") }
        return .push(block: block, lines)
    }

    private static func line(
        _ axis: Axis, _ bytes: ArraySlice<UInt8>
    ) throws(DecodeFault) -> HalfLine {
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
        guard index < UInt64(rowsMax), !half.isEmpty else { throw .malformed("no line") }
        return HalfLine(AxisLine(axis, Int(index)), bytes: Array(half))
    }

    private static func question(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> RowMessage {
        var reader = ProtobufReader(bytes)
        var block: Bytes32?
        var rows: [UInt64] = []
        var columns: [UInt64] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: block = try field.fixed()
            case 2: try append(field, to: &rows, below: rowsMax, limit: rowsMax)
            case 3: try append(field, to: &columns, below: rowsMax, limit: rowsMax)
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        let lines =
            rows.map { AxisLine(.row, Int($0)) } + columns.map { AxisLine(.column, Int($0)) }
        guard let block, !lines.isEmpty else { throw .malformed("a question for no lines") }
        return .question(block: block, lines)
    }

    private static func cells(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> RowMessage {
        var reader = ProtobufReader(bytes)
        var block: Bytes32?
        var cells: [HeldCell] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: block = try field.fixed()
            case 2:
                guard cells.count < cellsMax else {
                    throw DecodeFault(
                        .overLimit(field: "cells", limit: cellsMax, actual: cells.count + 1),
                        at: field.offset)
                }
                cells.append(try cell(try field.bytes()))
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let block, !cells.isEmpty else { throw .malformed("no cells of a block") }
        return .cells(block: block, cells)
    }

    private static func cell(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> HeldCell {
        var reader = ProtobufReader(bytes)
        var row: UInt64 = 0
        var column: UInt64 = 0
        var sample: UnverifiedSample?
        while let field = try reader.next() {
            switch field.number {
            case 1: row = try field.varint()
            case 2: column = try field.varint()
            case 3: sample = try UnverifiedSample(protobuf: try field.bytes())
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let sample, row < UInt64(rowsMax), column < UInt64(rowsMax) else {
            throw .malformed("no cell")
        }
        return HeldCell(place: Coordinate(row: Int(row), column: Int(column)), sample: sample)
    }

    private static func cellQuestion(
        _ bytes: ArraySlice<UInt8>
    ) throws(DecodeFault) -> RowMessage {
        var reader = ProtobufReader(bytes)
        var block: Bytes32?
        var places: [UInt64] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: block = try field.fixed()
            case 2: try append(field, to: &places, below: rowsMax * rowsMax, limit: cellsMax)
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let block, !places.isEmpty else { throw .malformed("a question for no cells") }
        return .cellQuestion(
            block: block,
            places.map { Coordinate(row: Int($0) / rowsMax, column: Int($0) % rowsMax) })
    }

    /// Takes packed numbers that rise, so many at most.
    private static func append(
        _ field: ProtobufField, to list: inout [UInt64], below bound: Int, limit: Int
    ) throws(DecodeFault) {
        var packed = ByteReader(try field.bytes())
        while !packed.isAtEnd {
            let number = try packed.varint()
            guard number < UInt64(bound), list.count < limit, list.last.map({ $0 < number }) ?? true
            else { throw .malformed("numbers that do not rise", at: field.offset) }
            list.append(number)
        }
    }
}
