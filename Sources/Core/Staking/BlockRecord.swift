// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What staking remembers of a block: what it committed to, and who voted for it.
///
/// Byte form: epoch (8) ‖ time (8) ‖ data root (32) ‖ width of the extended square (2) ‖ place of the
/// proposer (2) ‖ power of the votes that it was the first to include (8) ‖ count (2) ‖ a bit for each
/// member that voted ‖ a bit for each of them that was late, first member in the highest bit.
public struct BlockRecord: StakingEntity {
    /// The epoch of the block.
    public let epoch: UInt64
    /// Its time, in milliseconds since 1970.
    public let time: UInt64
    /// Its data root.
    public let dataRoot: Bytes32
    /// Shares along one side of its extended square.
    public let width: UInt16
    /// Who proposed it, by its place in the committee.
    public let proposer: UInt16
    /// The power of the votes that it was the first to include.
    public var includedPower: UInt64 = 0
    private(set) var voted: [UInt8]
    private(set) var late: [UInt8]
    let members: UInt16

    init(
        epoch: UInt64, time: UInt64, dataRoot: Bytes32, width: UInt16, proposer: UInt16,
        members: Int
    ) {
        self.epoch = epoch
        self.time = time
        self.dataRoot = dataRoot
        self.width = width
        self.proposer = proposer
        self.members = UInt16(members)
        voted = [UInt8](repeating: 0, count: (members + 7) / 8)
        late = voted
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        epoch = try reader.bigEndian()
        time = try reader.bigEndian()
        dataRoot = try reader.fixed()
        width = try reader.bigEndian()
        proposer = try reader.bigEndian()
        includedPower = try reader.bigEndian()
        members = try reader.bigEndian()
        guard members <= CommitteeRecord.membersMax else {
            throw DecodeFault(
                .overLimit(
                    field: "members", limit: CommitteeRecord.membersMax, actual: Int(members)))
        }
        voted = try reader.array((Int(members) + 7) / 8)
        late = try reader.array((Int(members) + 7) / 8)
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: epoch)
        bytes.append(bigEndian: time)
        bytes.append(dataRoot)
        bytes.append(bigEndian: width)
        bytes.append(bigEndian: proposer)
        bytes.append(bigEndian: includedPower)
        bytes.append(bigEndian: members)
        return bytes + voted + late
    }

    /// Whether a member's vote is in the chain.
    public func hasVoted(_ place: Int) -> Bool { Self.bit(voted, place) }

    /// Whether it came late.
    public func wasLate(_ place: Int) -> Bool { Self.bit(late, place) }

    /// Notes a vote; false if it is noted already, or of nobody.
    mutating func note(_ place: Int, isLate: Bool) -> Bool {
        guard place >= 0, place < Int(members), !hasVoted(place) else { return false }
        voted[place / 8] |= 0x80 >> UInt8(place % 8)
        if isLate { late[place / 8] |= 0x80 >> UInt8(place % 8) }
        return true
    }

    private static func bit(_ bits: [UInt8], _ place: Int) -> Bool {
        place / 8 < bits.count && bits[place / 8] & 0x80 >> UInt8(place % 8) != 0
    }
}

/// How well a validator does its duties.
///
/// Byte form: missed (2) ‖ inactivity (4) ‖ audit score (8) ‖ low epochs (1) ‖ last epoch of misses
/// noted, plus one (8).
public struct DutyRecord: StakingEntity {
    /// Blocks of the last 2,000 that it did not vote for in time.
    public var missed: UInt16 = 0
    /// Rises by four with each epoch of absence, and falls faster; scales rewards only.
    public var inactivity: UInt32 = 0
    /// The share of audits that it passed, newer ones counting more.
    public var auditScore: Decimal18 = .one
    /// Epochs in a row with a low score.
    public var lowEpochs: UInt8 = 0
    /// The last epoch in which it had a seat, plus one; 0 for none.
    public var seatedIn: UInt64 = 0

    init() {}

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        missed = try reader.bigEndian()
        inactivity = try reader.bigEndian()
        auditScore = try reader.rate()
        lowEpochs = try reader.byte()
        seatedIn = try reader.bigEndian()
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: missed)
        bytes.append(bigEndian: inactivity)
        bytes.append(rate: auditScore)
        bytes.append(lowEpochs)
        bytes.append(bigEndian: seatedIn)
        return bytes
    }
}
