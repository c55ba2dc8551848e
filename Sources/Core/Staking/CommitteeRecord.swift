// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Chain
internal import Cryptography

/// The chain's place in time, as staking counts it.
///
/// Byte form: the members in order, 8 bytes each, the seed 32.
public struct StakingClock: StakingEntity {
    /// The epoch that runs.
    public var epoch: UInt64 = 0
    /// Its first height.
    public var epochStart: UInt64 = 1
    /// When the last epoch ended, in milliseconds since 1970.
    public var epochStartTime: UInt64 = 0
    /// The height of the block that runs, or of the last one.
    public var height: UInt64 = 0
    /// Its time, in milliseconds since 1970.
    public var time: UInt64 = 0
    /// When the chain began, in milliseconds since 1970.
    public var genesisTime: UInt64 = 0
    /// The lowest height that is audited in this epoch.
    public var auditLow: UInt64 = 0
    /// The height above the highest that is audited in this epoch.
    public var auditHigh: UInt64 = 0
    /// What audits of this epoch are drawn from.
    public var seed = Bytes32()

    init() {}

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        epoch = try reader.bigEndian()
        epochStart = try reader.bigEndian()
        epochStartTime = try reader.bigEndian()
        height = try reader.bigEndian()
        time = try reader.bigEndian()
        genesisTime = try reader.bigEndian()
        auditLow = try reader.bigEndian()
        auditHigh = try reader.bigEndian()
        seed = try reader.fixed()
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for number in [
            epoch, epochStart, epochStartTime, height, time, genesisTime, auditLow, auditHigh,
        ] {
            bytes.append(bigEndian: number)
        }
        return bytes + seed.array
    }
}

/// A member of an epoch's committee.
public struct CommitteeMember: Hashable, Sendable {
    /// The account that runs it.
    public let operatorAddress: Bytes20
    /// The Ed25519 key that it votes with in this epoch.
    public let key: Bytes32
    /// The coins that it votes for.
    public let weight: UInt64

    package init(operatorAddress: Bytes20, key: Bytes32, weight: UInt64) {
        self.operatorAddress = operatorAddress
        self.key = key
        self.weight = weight
    }

    /// The address that votes bear.
    public var address: Bytes20 { ValidatorKey.ed25519(Ed25519PublicKey(key)).address }
}

/// Who votes in an epoch, in the order of a validator set.
///
/// Byte form: epoch (8) ‖ first height (8) ‖ start (8) ‖ count (2) ‖ for each member operator (20) ‖
/// key (32) ‖ weight (8). First height and start are zero until the epoch begins.
public struct CommitteeRecord: StakingEntity {
    /// The most members.
    public static let membersMax = 100
    /// The most power that a committee has together.
    public static let powerMax: UInt64 = 1 << 40

    /// The epoch.
    public let epoch: UInt64
    /// Its first height.
    public var firstHeight: UInt64 = 0
    /// When the epoch before it ended, in milliseconds since 1970.
    public var start: UInt64 = 0
    /// The members, by falling power, equal ones by address.
    public let members: [CommitteeMember]

    package init(epoch: UInt64, members: [CommitteeMember]) {
        self.epoch = epoch
        let total = members.reduce(0) { $0 + $1.weight }
        let ranked = members.map { (Self.power($0.weight, of: total), $0.address, $0) }
        self.members = ranked.sorted { ($1.0, $0.1) < ($0.0, $1.1) }.map(\.2)
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        epoch = try reader.bigEndian()
        firstHeight = try reader.bigEndian()
        start = try reader.bigEndian()
        let count: UInt16 = try reader.bigEndian()
        guard count <= Self.membersMax else {
            throw DecodeFault(
                .overLimit(field: "members", limit: Self.membersMax, actual: Int(count)))
        }
        var members: [CommitteeMember] = []
        for _ in 0..<count {
            members.append(
                CommitteeMember(
                    operatorAddress: try reader.fixed(), key: try reader.fixed(),
                    weight: try reader.bigEndian()))
        }
        self.members = members
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for number in [epoch, firstHeight, start] { bytes.append(bigEndian: number) }
        bytes.append(bigEndian: UInt16(members.count))
        for member in members {
            bytes.append(member.operatorAddress)
            bytes.append(member.key)
            bytes.append(bigEndian: member.weight)
        }
        return bytes
    }

    /// The coins that all of them vote for.
    public var weight: UInt64 { members.reduce(0) { $0 + $1.weight } }

    /// The power of each member, in their order.
    public var powers: [UInt64] {
        let total = weight
        return members.map { Self.power($0.weight, of: total) }
    }

    /// A weight, brought down so that all together are at most 2⁴⁰, and at least one.
    package static func power(_ weight: UInt64, of total: UInt64) -> UInt64 {
        // Rounding one up to 1 may add as many units as there are members.
        let limit = powerMax - UInt64(membersMax)
        guard total > limit else { return weight }
        let scaled = UInt128(weight) * UInt128(limit) / UInt128(total)
        return max(1, UInt64(truncatingIfNeeded: scaled))
    }

    /// The place of an operator among the members.
    func place(of operatorAddress: Bytes20) -> Int? {
        members.firstIndex { $0.operatorAddress == operatorAddress }
    }

    /// What headers name.
    public func validatorSet() throws(ValidatorSetFault) -> ValidatorSet {
        try ValidatorSet(
            zip(members, powers).map { member, power in
                Validator(
                    key: .ed25519(Ed25519PublicKey(member.key)), votingPower: Int64(power))
            })
    }
}
