// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A demand that those who hold a row show some of its shares.
///
/// Byte form: challenger (20) ‖ bond (8) ‖ price of an answer (8) ‖ height (8) ‖ row (2) ‖ epoch (8) ‖
/// time (8) ‖ count (1) ‖ columns (2 each) ‖ count (1) ‖ for each target operator (20) ‖ answered (1) ‖
/// excused (1) ‖ heights (4) ‖ of them voted (4).
public struct Challenge: StakingEntity {
    /// The most shares that one asks for.
    public static let columnsMax = 8

    /// Somebody who must answer.
    public struct Target: Hashable, Sendable {
        /// Who.
        public let operatorAddress: Bytes20
        /// Whether it has.
        public var hasAnswered: Bool
        /// Whether it had said before that it lost this height's data.
        public let isExcused: Bool
        /// Heights of whole epochs since the challenge at which it had a seat.
        public var heights: UInt32
        /// Those of them that it voted for.
        public var voted: UInt32
    }

    /// Who asks.
    public let challenger: Bytes20
    /// What it has laid down.
    public let bond: UInt64
    /// What each answer is paid of it.
    public let answerPrice: UInt64
    /// The block's height.
    public let height: UInt64
    /// The row of its extended square.
    public let row: UInt16
    /// The epoch in which it was asked.
    public let epoch: UInt64
    /// When it was asked, in milliseconds since 1970.
    public let time: UInt64
    /// The shares' places in the row, rising.
    public let columns: [UInt16]
    /// Who must answer.
    public var targets: [Target]

    init(
        challenger: Bytes20, bond: UInt64, answerPrice: UInt64, height: UInt64, row: UInt16,
        epoch: UInt64, time: UInt64, columns: [UInt16], targets: [Target]
    ) {
        self.challenger = challenger
        self.bond = bond
        self.answerPrice = answerPrice
        self.height = height
        self.row = row
        self.epoch = epoch
        self.time = time
        self.columns = columns
        self.targets = targets
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        challenger = try reader.fixed()
        bond = try reader.bigEndian()
        answerPrice = try reader.bigEndian()
        height = try reader.bigEndian()
        row = try reader.bigEndian()
        epoch = try reader.bigEndian()
        time = try reader.bigEndian()
        let columnCount = Int(try reader.byte())
        guard columnCount <= Self.columnsMax else {
            throw DecodeFault(
                .overLimit(field: "columns", limit: Self.columnsMax, actual: columnCount))
        }
        var columns: [UInt16] = []
        for _ in 0..<columnCount { columns.append(try reader.bigEndian()) }
        self.columns = columns
        let targetCount = Int(try reader.byte())
        guard targetCount <= CommitteeRecord.membersMax else {
            throw DecodeFault(
                .overLimit(
                    field: "targets", limit: CommitteeRecord.membersMax, actual: targetCount))
        }
        var targets: [Target] = []
        for _ in 0..<targetCount {
            targets.append(
                Target(
                    operatorAddress: try reader.fixed(), hasAnswered: try reader.flag(),
                    isExcused: try reader.flag(), heights: try reader.bigEndian(),
                    voted: try reader.bigEndian()))
        }
        self.targets = targets
    }

    package func encode() -> [UInt8] {
        var bytes = challenger.array
        bytes.append(bigEndian: bond)
        bytes.append(bigEndian: answerPrice)
        bytes.append(bigEndian: height)
        bytes.append(bigEndian: row)
        bytes.append(bigEndian: epoch)
        bytes.append(bigEndian: time)
        bytes.append(UInt8(columns.count))
        for column in columns { bytes.append(bigEndian: column) }
        bytes.append(UInt8(targets.count))
        for target in targets {
            bytes.append(target.operatorAddress)
            bytes.append(flag: target.hasAnswered)
            bytes.append(flag: target.isExcused)
            bytes.append(bigEndian: target.heights)
            bytes.append(bigEndian: target.voted)
        }
        return bytes
    }
}
