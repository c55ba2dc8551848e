// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Counts the weight of a commit's votes in a validator set.
///
/// Votes are found by their signer's address, so the same commit can be counted in an older set.
/// Signatures are only verified until the fraction is exceeded, as CometBFT does; one that was
/// verified for one set is not verified again for another.
public struct CommitTally {
    /// What to do with votes of somebody outside the set.
    public enum Strangers: Sendable {
        /// The commit is for exactly this set: a stranger makes it invalid.
        case refused
        /// The set is an older one: votes of later members do not count.
        case ignored
    }

    private let commit: Commit
    private let chainID: String
    private var verified: Set<Int> = []

    /// Prepares to count the votes of one commit.
    public init(_ commit: Commit, chainID: String) {
        self.commit = commit
        self.chainID = chainID
    }

    /// Throws unless the votes for the block weigh more than `fraction` of `set`.
    public mutating func require(
        moreThan fraction: VotingFraction, of set: ValidatorSet, strangers: Strangers
    ) throws(HeaderFault) {
        let voters = try voters(in: set, strangers: strangers)
        var power: Int64 = 0
        for voter in voters where commit.signatures[voter.place].flag == .commit {
            try verify(place: voter.place, by: voter.validator)
            power += voter.validator.votingPower
            if fraction.isExceeded(by: power, of: set.totalVotingPower) { return }
        }
        throw .notEnoughPower(signed: power, total: set.totalVotingPower)
    }

    /// The members of `set` that voted, by their places in the commit.
    private func voters(
        in set: ValidatorSet, strangers: Strangers
    ) throws(HeaderFault) -> [(place: Int, validator: Validator)] {
        var voters: [(place: Int, validator: Validator)] = []
        var seen: Set<Bytes20> = []
        for (place, vote) in commit.signatures.enumerated() {
            guard vote.isWellFormed else { throw .voteMalformed(place: place) }
            guard let address = vote.validatorAddress else { continue }
            guard seen.insert(address).inserted else { throw .signerTwice(address) }
            if let member = set.place(of: address) {
                voters.append((place, set.validators[member]))
            } else if strangers == .refused {
                throw .signerUnknown(address)
            }
        }
        return voters
    }

    private mutating func verify(
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
