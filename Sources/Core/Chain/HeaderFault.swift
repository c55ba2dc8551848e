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
