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
    private let mutant: AgreementMutant?

    init(_ start: EpochStart, own address: Bytes20?, mutant: AgreementMutant? = nil) {
        precondition(
            start.validatorSet.count <= QuorumCertificate.membersMax,
            "a committee has no more members than a certificate")
        self.start = start
        self.mutant = mutant
        set = start.validatorSet
        quorum = Self.quorum(of: set, mutant)
        ownPlace = address.flatMap { start.validatorSet.place(of: $0) }
        base = start.base
        schedule = LeaderSchedule(start.validatorSet, seed: start.seed)
    }

    var epoch: Epoch { start.epoch }

    private static func quorum(of set: ValidatorSet, _ mutant: AgreementMutant?) -> Int64 {
        switch mutant {
        case .quorumLow: set.totalVotingPower * 2 / 3
        case .quorumByCount: Int64(set.count * 2 / 3 + 1)
        default: set.quorumPower
        }
    }

    /// Whether a certificate's signers weigh enough.
    func hasQuorum(_ certificate: QuorumCertificate, of set: ValidatorSet) -> Bool {
        guard let mutant else { return certificate.hasQuorum(of: set) }
        if mutant == .certificateUnweighed { return true }
        var power: Int64 = 0
        for signature in certificate.signatures where signature.place < set.count {
            power += mutant == .quorumByCount ? 1 : set.validators[signature.place].votingPower
        }
        return power >= Self.quorum(of: set, mutant)
    }

    /// Whose turn a view is.
    mutating func leader(of view: View) -> Int? { schedule.leader(of: view) }

    func power(of place: Int) -> Int64 {
        mutant == .quorumByCount ? 1 : set.validators[place].votingPower
    }

    func address(of place: Int) -> Bytes20 { set.validators[place].address }

    /// The key behind a claim: that of a member of this epoch or of the one before.
    func key(of signed: SignedStatement) -> ValidatorKey? {
        let members = signed.statement.epoch == epoch ? set : start.earlierSet
        return signed.place < members.count ? members.validators[signed.place].key : nil
    }
}
