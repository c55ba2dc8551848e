// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import Cryptography
import DataSquare
import Testing

/// What members tell each other about a block's lines and cells.
@Suite struct RowMessageTests {
    private static let block = SHA256.hash([1])

    private static func row(_ index: Int, _ bytes: [UInt8]) -> HalfLine {
        HalfLine(AxisLine(.row, index), bytes: bytes)
    }

    private static func column(_ index: Int, _ bytes: [UInt8]) -> HalfLine {
        HalfLine(AxisLine(.column, index), bytes: bytes)
    }

    private static func cell(row: Int, column: Int) throws -> HeldCell {
        let square = try AttestationMachineTests.square(2)
        let sample = square.sample(at: Coordinate(row: 1, column: 2), axis: .column)
        return HeldCell(place: Coordinate(row: row, column: column), sample: sample.container)
    }

    private static func messages() throws -> [RowMessage] {
        [
            .push(block: block, [row(0, [1, 2]), row(1_023, [3]), column(0, [4])]),
            .push(block: block, [column(1_023, [9])]),
            .question(block: block, [0, 5, 1_023].map { AxisLine(.row, $0) }),
            .question(block: block, [AxisLine(.row, 7), AxisLine(.column, 0)]),
            .question(block: block, [AxisLine(.column, 0), AxisLine(.column, 1_023)]),
            .cells(
                block: block,
                [try cell(row: 0, column: 0), try cell(row: 1_023, column: 1_023)]),
            .cellQuestion(
                block: block,
                [(0, 0), (0, 1), (1, 0), (1_023, 1_023)].map { Coordinate(row: $0, column: $1) }),
        ]
    }

    /// Messages survive their wire form, and no part of one is read as another.
    @Test func messages() throws {
        for message in try Self.messages() {
            let bytes = message.protobuf
            #expect(try RowMessage(protobuf: bytes) == message)
            for length in 0..<bytes.count {
                #expect(throws: DecodeFault.self) {
                    try RowMessage(protobuf: Array(bytes.prefix(length)))
                }
            }
        }
    }

    /// Nothing empty, out of order or outside of every square is read.
    @Test func refusedMessages() throws {
        let far = try Self.cell(row: 1_024, column: 0), near = try Self.cell(row: 0, column: 0)
        for message in [
            RowMessage.push(block: Self.block, []), .push(block: Self.block, [Self.row(9, [])]),
            .question(block: Self.block, []),
            .question(block: Self.block, [3, 3].map { AxisLine(.row, $0) }),
            .question(block: Self.block, [4, 3].map { AxisLine(.column, $0) }),
            .question(block: Self.block, [AxisLine(.row, 1_024)]),
            .question(block: Self.block, [AxisLine(.column, 1_024)]),
            .push(block: Self.block, [Self.row(1_024, [1])]),
            .push(block: Self.block, [Self.column(1, [1]), Self.row(1, [1])]),
            .cells(block: Self.block, []), .cells(block: Self.block, [far]),
            .cells(block: Self.block, Array(repeating: near, count: RowMessage.cellsMax + 1)),
            .cellQuestion(block: Self.block, []),
            .cellQuestion(
                block: Self.block, Array(repeating: Coordinate(row: 1, column: 1), count: 2)),
            .cellQuestion(
                block: Self.block,
                (0...RowMessage.cellsMax).map { Coordinate(row: 0, column: $0) }),
            .cellQuestion(block: Self.block, [Coordinate(row: 1_024, column: 0)]),
        ] {
            #expect(throws: DecodeFault.self, "\(message)") {
                try RowMessage(protobuf: message.protobuf)
            }
        }
    }
}
