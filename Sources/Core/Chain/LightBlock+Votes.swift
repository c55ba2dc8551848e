// SPDX-License-Identifier: Apache-2.0

extension LightBlock {
    /// Checks the block to its last vote: the set is the header's, each vote stands at its
    /// validator's place and is signed, and more than two thirds of the power voted for it.
    ///
    /// Following a chain needs only as many signatures as exceed a fraction; a document that is
    /// handed around must not hold a single one that is false.
    public func checkEveryVote() throws(HeaderFault) {
        try signedHeader.check(names: validatorSet)
        let commit = signedHeader.commit
        guard commit.signatures.count == validatorSet.count else {
            throw .commitSize(places: commit.signatures.count, members: validatorSet.count)
        }
        var tally = CommitTally(commit, chainID: header.chainID)
        for (place, vote) in commit.signatures.enumerated() {
            guard vote.isWellFormed, vote.flag != .absent || vote == .absent else {
                throw .voteMalformed(place: place)
            }
            guard let address = vote.validatorAddress else { continue }
            let validator = validatorSet.validators[place]
            guard address == validator.address else { throw .voteMisplaced(place: place) }
            try tally.verify(place: place, by: validator)
        }
        try tally.require(moreThan: .twoThirds, of: validatorSet)
    }
}
