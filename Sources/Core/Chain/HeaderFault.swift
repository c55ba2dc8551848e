// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The rule that a header or its commit breaks.
public enum HeaderFault: Error, Hashable, Sendable {
    /// The block protocol is not `BlockHeader.blockVersion`.
    case blockVersion(UInt64)
    /// The state machine's version is none that this software knows.
    case appVersion(UInt64)
    /// The chain id is longer than `BlockHeader.chainIDLimit` bytes.
    case chainIDTooLong(Int)
    /// The height is zero or beyond `Height.largest`.
    case height(Height)
    /// Nobody is named as proposer.
    case proposerMissing
    /// The set that came along is not the one that the header names.
    case validatorsHash(named: Bytes32?, given: Bytes32)
    /// The next set that came along is not the one that the header names.
    case nextValidatorsHash(named: Bytes32?, given: Bytes32)
    /// The availability header that came along is not the one that the header names.
    case dataHash(named: Bytes32?, given: Bytes32)
    /// The single root that came along does not lead to the data root that the header names.
    case rootUnproven
    /// The commit is for another height.
    case commitHeight(Height)
    /// The commit is for another block, or for none.
    case commitBlock(Bytes32?)
    /// The commit's block id lacks its part set, or its round is negative.
    case commitIncomplete
    /// The commit has not one place for each member of the set.
    case commitSize(places: Int, members: Int)
    /// A place has an address without a vote, or a vote without address or signature.
    case voteMalformed(place: Int)
    /// A vote stands at another member's place.
    case voteMisplaced(place: Int)
    /// A vote is by somebody outside the set.
    case signerUnknown(Bytes20)
    /// Two votes are by the same member.
    case signerTwice(Bytes20)
    /// A signature does not hold.
    case signature(Bytes20)
    /// The votes for the block do not weigh more than the fraction that is needed.
    case notEnoughPower(signed: Int64, total: Int64)
}

extension HeaderFault: CustomStringConvertible {
    /// One line: which rule, and what was found.
    public var description: String {
        switch self {
        case .blockVersion(let version): "block version \(version)"
        case .appVersion(let version): "unknown app version \(version)"
        case .chainIDTooLong(let count): "a chain id of \(count) bytes"
        case .height(let height): "height \(height) is out of range"
        case .proposerMissing: "no proposer is named"
        case .validatorsHash(let named, let given):
            "the header names validators \(Self.text(named)), not \(given)"
        case .nextValidatorsHash(let named, let given):
            "the header names next validators \(Self.text(named)), not \(given)"
        case .dataHash(let named, let given):
            "the header names the data root \(Self.text(named)), not \(given)"
        case .rootUnproven: "the root does not lead to the data root"
        case .commitHeight(let height): "the commit is for height \(height)"
        case .commitBlock(let hash): "the commit is for block \(Self.text(hash))"
        case .commitIncomplete: "the commit lacks a part set or has a negative round"
        case .commitSize(let places, let members):
            "the commit has \(places) places for \(members) validators"
        case .voteMalformed(let place): "vote \(place) is malformed"
        case .voteMisplaced(let place): "vote \(place) is another validator's"
        case .signerUnknown(let address): "\(address) voted, but is no validator"
        case .signerTwice(let address): "\(address) voted twice"
        case .signature(let address): "the signature of \(address) does not hold"
        case .notEnoughPower(let signed, let total): "only \(signed) of \(total) power signed"
        }
    }

    private static func text(_ hash: Bytes32?) -> String { hash?.hex ?? "none" }
}
