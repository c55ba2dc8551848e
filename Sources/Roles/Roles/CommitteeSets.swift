// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain

/// Who decides the present epoch, who decided the one before, and who decides the next.
struct CommitteeSets: Sendable {
    /// The present epoch.
    let epoch: Epoch
    /// Its members.
    let present: ValidatorSet
    /// Those of the epoch before.
    let earlier: ValidatorSet
    /// Those of the next epoch, once the ledger has fixed them.
    var next: ValidatorSet?

    init(_ start: EpochStart) {
        epoch = start.epoch
        present = start.validatorSet
        earlier = start.earlierSet
    }

    /// The members of one of the three epochs.
    func members(of epoch: Epoch) -> ValidatorSet? {
        if epoch == self.epoch { return present }
        if epoch == self.epoch.next { return next }
        return epoch.next == self.epoch ? earlier : nil
    }

    /// The validators that this node speaks to: those of the present epoch, then who joins them.
    var spokenTo: [Validator] {
        present.validators
            + (next?.validators ?? []).filter { present.place(of: $0.address) == nil }
    }

    /// The set of which a validator is a member: the present one, else the next.
    func set(with address: Bytes20) -> ValidatorSet? {
        if present.place(of: address) != nil { return present }
        if let next, next.place(of: address) != nil { return next }
        return nil
    }
}
