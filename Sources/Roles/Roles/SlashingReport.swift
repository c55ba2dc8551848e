// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain

/// What a node that executes blocks knows of faults: what waits, what the chain had, what it cost.
package struct SlashingReport: Hashable, Sendable {
    /// A pair of statements, or evidence of another kind, that the chain has.
    package struct Told: Hashable, Sendable {
        /// What the chain has.
        package let evidence: SlashedEvidence
        /// The account whose validator it was, as text; empty where the state does not say.
        package let operatorAddress: String
        /// Which part of the stake was taken so far, in decimal.
        package let fraction: String
        /// Whether nothing more will be taken.
        package let isDone: Bool
        /// Who told, as text; empty for nobody.
        package let reporter: String
    }

    /// A validator with its stake.
    package struct Stake: Hashable, Sendable {
        /// The account that runs it, as text.
        package let operatorAddress: String
        /// The address of the key that it votes with.
        package let address: Bytes20
        /// What is staked with it.
        package let tokens: UInt64
        /// Whether it is kept out of committees.
        package let isJailed: Bool
        /// Whether that is for ever.
        package let isTombstoned: Bool
    }

    /// The height after which all of this holds.
    package let height: UInt64
    /// The smallest coin.
    package let denom: String
    /// All coins, and what became of those that were taken.
    package let supply: UInt64
    package let bonded: UInt64
    package let burned: UInt64
    package let fund: UInt64
    /// The validators, by operator.
    package let stakes: [Stake]
    /// What no block has yet.
    package let pending: [FaultEvidence]
    /// What the chain has, oldest first.
    package let told: [Told]
}
