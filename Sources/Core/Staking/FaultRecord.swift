// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What somebody read out of evidence: who broke which rule, when.
///
/// Whoever makes one has verified the signatures; staking decides what follows.
public struct EvidenceFinding: Hashable, Sendable {
    /// The kinds of evidence that name a validator; the numbers are those of the chapter.
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// Two first votes of one view for different blocks.
        case notarizations = 1
        /// Two deciding votes of one view for different blocks.
        case finalizations = 2
        /// A vote against a view and a deciding vote in it.
        case nullifiedFinalization = 3
        /// A first vote for one block and a deciding vote for another, in one view.
        case crossedVotes = 4
        /// Two late votes of one height for different blocks.
        case commitVotes = 5
        /// Two proposals of one view.
        case proposals = 6
        /// A vote for a bridge's root that is not the chain's.
        case bridgeVote = 7
        /// A deciding vote for a header that no honest node could have certified.
        case impossibleHeader = 8
    }

    /// The address of the key that signed.
    public let validator: Bytes20
    /// What it did.
    public let kind: Kind
    /// The height that it voted on.
    public let height: UInt64
    /// The epoch that it voted in.
    public let epoch: UInt64
    /// What names the evidence.
    public let id: Bytes32

    /// Names what was found.
    public init(validator: Bytes20, kind: Kind, height: UInt64, epoch: UInt64, id: Bytes32) {
        self.validator = validator
        self.kind = kind
        self.height = height
        self.epoch = epoch
        self.id = id
    }
}

/// How faults are told apart when each is slashed once an epoch.
public enum SlashClass: UInt8, CaseIterable, Sendable {
    /// Contradicting votes.
    case equivocation = 1
    /// Withheld data.
    case withholding = 2
}

/// A fault that was slashed, or is being so.
///
/// Byte form: height (8) ‖ share of the stake (8) ‖ halved (1) ‖ fraction taken so far (8) ‖ done (1) ‖
/// reporter (20, zero for none) ‖ evidence (32) ‖ time (8).
public struct FaultRecord: StakingEntity {
    /// The height of the fault.
    public let height: UInt64
    /// Which part of its committee's stake the validator was.
    public let share: Decimal18
    /// Whether it costs half.
    public let isHalved: Bool
    /// Which part of the stake was taken so far.
    public var taken: Decimal18
    /// Whether nothing more will be taken.
    public var isDone: Bool
    /// Who told, or zero.
    public let reporter: Bytes20
    /// What names the evidence.
    public let evidence: Bytes32
    /// When it was first slashed, in milliseconds since 1970.
    public let time: UInt64

    package init(
        height: UInt64, share: Decimal18, isHalved: Bool, taken: Decimal18, isDone: Bool,
        reporter: Bytes20, evidence: Bytes32, time: UInt64
    ) {
        self.height = height
        self.share = share
        self.isHalved = isHalved
        self.taken = taken
        self.isDone = isDone
        self.reporter = reporter
        self.evidence = evidence
        self.time = time
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        height = try reader.bigEndian()
        share = try reader.rate()
        isHalved = try reader.flag()
        taken = try reader.rate()
        isDone = try reader.flag()
        reporter = try reader.fixed()
        evidence = try reader.fixed()
        time = try reader.bigEndian()
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: height)
        bytes.append(rate: share)
        bytes.append(flag: isHalved)
        bytes.append(rate: taken)
        bytes.append(flag: isDone)
        bytes.append(reporter)
        bytes.append(evidence)
        bytes.append(bigEndian: time)
        return bytes
    }
}

/// The audits of this epoch that a validator has passed.
///
/// Byte form: epoch (8) ‖ a bit for each audit (1).
struct AuditRecord: StakingEntity {
    var epoch: UInt64
    var passed: UInt8

    init(epoch: UInt64, passed: UInt8) {
        self.epoch = epoch
        self.passed = passed
    }

    init(from reader: inout ByteReader) throws(DecodeFault) {
        epoch = try reader.bigEndian()
        passed = try reader.byte()
    }

    func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: epoch)
        bytes.append(passed)
        return bytes
    }
}

/// Heights whose data a validator has said it lost; the first is in the key.
///
/// Byte form: last height (8) ‖ time (8).
public struct LossReport: StakingEntity {
    /// The last height, itself included.
    public let last: UInt64
    /// When it was said, in milliseconds since 1970.
    public let time: UInt64

    init(last: UInt64, time: UInt64) {
        self.last = last
        self.time = time
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        last = try reader.bigEndian()
        time = try reader.bigEndian()
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: last)
        bytes.append(bigEndian: time)
        return bytes
    }
}
