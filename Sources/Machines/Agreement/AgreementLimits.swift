// SPDX-License-Identifier: Apache-2.0

/// What a committee's machine keeps, accepts and waits for at most.
///
/// Specified in Protocol/20-agreement.md#limits.
package enum AgreementLimits {
    /// Views beyond the last final one that are entered; a chain that stalls longer needs people.
    package static let openViewsMax: UInt64 = 4_096
    /// Views up to the present one whose single votes are kept; of older ones certificates are.
    package static let talliedViewsMax: UInt64 = 64
    /// Proposals of one leader in one view that are looked at: the second shows a fault.
    package static let proposalsMax = 2
    /// Batches of signatures of one kind and view that are verified at once.
    package static let checksOfViewMax = 4
    /// Batches of signatures that are verified at once in all.
    package static let checksMax = 1_024
    /// Views before the last final one that stragglers are told of.
    package static let finalViewsKept: UInt64 = 16
    /// Heights beyond the last final one whose commit votes are kept.
    package static let commitsAheadMax: UInt64 = 64
    /// Heights up to the last final one that a slow member still votes for.
    package static let lateVotesMax: UInt64 = 8
    /// Heights without a commit that are told of, and asked for, at once.
    package static let commitsToldMax = 16
    /// Past epochs whose last finalization is kept for stragglers.
    package static let epochsKept = 16
    /// Coming epochs whose members are remembered.
    package static let epochsAheadMax = 2
    /// Views that are asked for at once.
    package static let questionsMax = 64
    /// Messages that one member is answered with between two retries.
    package static let answersMax = 64
    /// Members that are answered between two retries: those of the present epoch and others.
    package static let askersMax = 512
    /// Own turns that a leader misses before its views pass at once.
    package static let skipTurns = 10
    /// Δ before anything was measured, in milliseconds.
    package static let deltaMilliseconds: UInt64 = 200
    /// The least Δ, in milliseconds.
    package static let deltaMillisecondsMin: UInt64 = 50
    /// The greatest Δ that is measured, in milliseconds.
    package static let deltaMillisecondsMax: UInt64 = 3_000
    /// The greatest Δ that views without a block lead to, in milliseconds.
    package static let deltaMillisecondsCap: UInt64 = 60_000
    /// How many arrivals of proposals Δ is estimated from.
    package static let samplesMax = 16
    /// How many arrivals count as measured before there are any.
    package static let samplesAssumed = 3
    /// The time for encoding that a view has beside three Δ, in milliseconds.
    package static let encodeMilliseconds: UInt64 = 150
}
