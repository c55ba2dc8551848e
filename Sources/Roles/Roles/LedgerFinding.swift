// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Ledger
package import Staking

/// What was found in the ledger; `LedgerQuestion` says which case follows which question.
package enum LedgerFinding: Hashable, Sendable {
    case quote(FeeQuote, gas: UInt64)
    /// A key's value, or nil where there is none.
    case value([UInt8]?)
    case account(AccountAddress, Account?)
    case delegation(DelegationView)
    /// Coins.
    case rewards(UInt64)
    case unbonding(UnbondingView)
    case redelegation(RedelegationView)
    case validators([ValidatorView])
    case committee(Staking.CommitteeRecord)
    case supply(StakingTotals)
}

/// A finding, and how much is to be believed of it.
package struct LedgerAnswer: Hashable, Sendable {
    /// What was found.
    package let finding: LedgerFinding
    /// The header whose app hash it was proven under; nil for what a validator read of its own ledger.
    package let provenAt: UInt64?
    /// The proofs of the keys, where they were asked for: ICS-23's `CommitmentProof`s.
    package let proofs: [[UInt8]]
    /// How texts of addresses begin, and the kind of coin.
    package let rules: LedgerRules

    package init(
        finding: LedgerFinding, provenAt: UInt64?, proofs: [[UInt8]] = [], rules: LedgerRules
    ) {
        self.finding = finding
        self.provenAt = provenAt
        self.proofs = proofs
        self.rules = rules
    }
}

/// Shares of the node's account in a validator's stake.
package struct DelegationView: Hashable, Sendable {
    package let delegator: Bytes20
    package let validator: Bytes20
    package let shares: UInt64
    /// What they are worth now, in the smallest coin.
    package let worth: UInt64

    package init(delegator: Bytes20, validator: Bytes20, shares: UInt64, worth: UInt64) {
        self.delegator = delegator
        self.validator = validator
        self.shares = shares
        self.worth = worth
    }
}

/// Coins of the node's account on their way out of a validator's stake.
package struct UnbondingView: Hashable, Sendable {
    package let delegator: Bytes20
    package let validator: Bytes20
    package let entries: [UnbondingEntryView]

    package init(delegator: Bytes20, validator: Bytes20, entries: [UnbondingEntryView]) {
        self.delegator = delegator
        self.validator = validator
        self.entries = entries
    }
}

/// Coins of the node's account that went from one validator to another.
package struct RedelegationView: Hashable, Sendable {
    package let delegator: Bytes20
    package let source: Bytes20
    package let redelegation: Redelegation

    package init(delegator: Bytes20, source: Bytes20, redelegation: Redelegation) {
        self.delegator = delegator
        self.source = source
        self.redelegation = redelegation
    }
}

/// A validator with what it says of itself.
package struct ValidatorView: Hashable, Sendable {
    package let validator: StakedValidator
    package let description: ValidatorDescription
}
