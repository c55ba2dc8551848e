// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What shows by itself that somebody broke a rule: two statements, or one impossible vote.
///
/// Specified in Protocol/22-slashing.md#evidence.
public enum FaultEvidence: Hashable, Sendable {
    /// E1 to E6: two statements that one honest key cannot make.
    case pair(SlashingEvidence)
    /// E8: a vote for a header that nobody honest could have certified.
    case vote(ImpossibleVote)

    /// Reads either; the first byte tells which it is.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        // Field 4, of bytes: the first one of an impossible vote.
        if bytes.first == 0x22 {
            self = .vote(try ImpossibleVote(protobuf: bytes))
        } else {
            self = .pair(try SlashingEvidence(protobuf: bytes))
        }
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        switch self {
        case .pair(let pair): pair.protobuf
        case .vote(let vote): vote.protobuf
        }
    }

    /// What the same evidence is known by everywhere.
    public var id: Bytes32 {
        switch self {
        case .pair(let pair): pair.id
        case .vote(let vote): vote.id
        }
    }

    /// Whom it names.
    public var address: Bytes20 {
        switch self {
        case .pair(let pair): pair.address
        case .vote(let vote): vote.address
        }
    }

    /// The epoch in whose committee that is a member.
    public var epoch: Epoch {
        switch self {
        case .pair(let pair): pair.first.statement.epoch
        case .vote(let vote): vote.epoch
        }
    }
}

extension FaultEvidence: CustomStringConvertible {
    /// One line: what was signed.
    public var description: String {
        switch self {
        case .pair(let pair): "two statements that conflict: \(pair.first) and \(pair.second)"
        case .vote(let vote):
            "a header of height \(vote.header.height) that nobody honest could have certified: "
                + "\(vote.header.hash)"
        }
    }
}
