// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain

/// An epoch with its members, as one of them sees it.
struct Committee: Sendable {
    let start: EpochStart
    let set: ValidatorSet
    let quorum: Int64
    /// This node's place; nil where it is no member.
    let ownPlace: Int?
    var base: ChainPoint
    private var schedule: LeaderSchedule

    init(_ start: EpochStart, own address: Bytes20?) {
        precondition(
            start.validatorSet.count <= QuorumCertificate.membersMax,
            "a committee has no more members than a certificate")
        self.start = start
        set = start.validatorSet
        quorum = set.quorumPower
        ownPlace = address.flatMap { start.validatorSet.place(of: $0) }
        base = start.base
        schedule = LeaderSchedule(start.validatorSet, seed: start.seed)
    }

    var epoch: Epoch { start.epoch }

    /// Whose turn a view is.
    mutating func leader(of view: View) -> Int? { schedule.leader(of: view) }

    func power(of place: Int) -> Int64 { set.validators[place].votingPower }

    func address(of place: Int) -> Bytes20 { set.validators[place].address }

    /// The key behind a claim: that of a member of this epoch or of the one before.
    func key(of signed: SignedStatement) -> ValidatorKey? {
        let members = signed.statement.epoch == epoch ? set : start.earlierSet
        return signed.place < members.count ? members.validators[signed.place].key : nil
    }
}
