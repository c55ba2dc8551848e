// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Counts the weight of a commit's votes in a validator set.
///
/// Votes are found by their signer's address, so the same commit can be counted in an older set.
/// Signatures are only verified until the fraction is exceeded, as CometBFT does; one that was
/// verified for one set is not verified again for another.
public struct CommitTally {
    private let commit: Commit
    private let chainID: String
    private var verified: Set<Int> = []

    /// Prepares to count the votes of one commit.
    public init(_ commit: Commit, chainID: String) {
        self.commit = commit
        self.chainID = chainID
    }

    /// Throws unless every vote is well-formed and by another member of `set`.
    ///
    /// A commit for exactly this set must pass; for an older set, votes of later members are
    /// simply not counted.
    public func requireMembers(of set: ValidatorSet) throws(HeaderFault) {
        var seen: Set<Bytes20> = []
        for (place, vote) in commit.signatures.enumerated() {
            guard vote.isWellFormed else { throw .voteMalformed(place: place) }
            guard let address = vote.validatorAddress else { continue }
            guard seen.insert(address).inserted else { throw .signerTwice(address) }
            guard set.place(of: address) != nil else { throw .signerUnknown(address) }
        }
    }

    /// Throws unless the votes for the block weigh more than `fraction` of `set`.
    public mutating func require(
        moreThan fraction: VotingFraction, of set: ValidatorSet
    ) throws(HeaderFault) {
        var seen: Set<Bytes20> = []
        var power: Int64 = 0
        for (place, vote) in commit.signatures.enumerated() where vote.flag == .commit {
            guard let address = vote.validatorAddress else {
                throw .voteMalformed(place: place)
            }
            guard seen.insert(address).inserted else { throw .signerTwice(address) }
            guard let member = set.place(of: address) else { continue }
            let validator = set.validators[member]
            try verify(place: place, by: validator)
            power += validator.votingPower
            if fraction.isExceeded(by: power, of: set.totalVotingPower) { return }
        }
        throw .notEnoughPower(signed: power, total: set.totalVotingPower)
    }

    /// Throws unless the vote at a place is signed by that validator.
    mutating func verify(
        place: Int, by validator: Validator
    ) throws(HeaderFault) {
        guard !verified.contains(place) else { return }
        guard let signature = commit.signatures[place].signature,
            let message = commit.signBytes(at: place, chainID: chainID),
            validator.key.isValid(signature, for: message)
        else { throw .signature(validator.address) }
        verified.insert(place)
    }
}
