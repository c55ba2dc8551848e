// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
package import Machinery
internal import Pooling

/// When a block of the committee got how far at this member, from its header's time on.
///
/// Members' clocks may differ; what is counted from the header's time differs with them.
/// Specified in Protocol/19-observability.md#stages.
package struct BlockMilestones: Hashable, Sendable {
    /// How far a block can get, in the order of a block that somebody else proposed.
    package enum Milestone: String, CaseIterable, Sendable {
        /// The proposal is here and was verified.
        case proposed
        /// The rows that this member is owed are here.
        case rows
        /// The proposal is durable.
        case kept
        /// A quorum has voted for it once.
        case notarized
        /// Its square is whole and extended.
        case square
        /// Its transactions are in effect.
        case executed
        /// Its square is durable: this member votes to make it final.
        case certified
        /// A quorum has made it final.
        case final
        /// It is the chain's, its square in its place, its ledger in use.
        case entered
    }

    /// Nanoseconds of the epoch, 0 for what has not come about.
    private var moments = [UInt64](repeating: 0, count: Milestone.allCases.count)

    /// Nothing has come about.
    package init() {}

    /// The first time counts.
    package mutating func reach(_ milestone: Milestone, at now: Instant) {
        let place = Self.place(of: milestone)
        if moments[place] == 0 { moments[place] = now.nanoseconds }
    }

    /// What came about, with the microseconds from `start` on; 0 for what came before it.
    package func microseconds(
        since start: Instant
    ) -> [(milestone: Milestone, microseconds: UInt64)] {
        zip(Milestone.allCases, moments).compactMap { milestone, moment in
            guard moment != 0 else { return nil }
            return (milestone, (max(moment, start.nanoseconds) - start.nanoseconds) / 1_000)
        }
    }

    private static func place(of milestone: Milestone) -> Int {
        Milestone.allCases.firstIndex(of: milestone) ?? 0
    }
}

/// How a block of the committee fared at this member, told when it has entered the chain.
package struct BlockProgress: Hashable, Sendable {
    /// Its height.
    package let height: UInt64
    /// Its view.
    package let view: UInt64
    /// Its time by its header, as the proposer's clock has it: when its building began.
    package let time: Instant
    /// Whether this member proposed it.
    package let isOwn: Bool
    /// When it got how far.
    package let milestones: BlockMilestones
}

extension Node {
    /// A block has got further.
    mutating func mark(
        _ milestone: BlockMilestones.Milestone, _ block: Bytes32, at now: Instant
    ) {
        committee?.blocks[block]?.milestones.reach(milestone, at: now)
    }

    /// Tells how a block fared that has entered the chain.
    mutating func reportProgress(
        of block: Bytes32, at now: Instant, into effects: inout [RoleEffect]
    ) {
        mark(.entered, block, at: now)
        guard let committee, let known = committee.blocks[block],
            let time = known.proposal.header.time.nanosecondsSince1970
        else { return }
        if let final = known.milestones.microseconds(
            since: Instant(nanoseconds: time)
        ).first(where: { $0.milestone == .final }) {
            let `extension` = known.proposal.extension
            self.committee?.pace.finalized(
                width: known.proposal.roots.originalWidth,
                afterMilliseconds: final.microseconds / 1_000,
                skippedViews: UInt64(`extension`.nullifications.count))
        }
        effects.append(
            .report(
                .progressed(
                    BlockProgress(
                        height: known.proposal.header.height.value,
                        view: known.proposal.view.value, time: Instant(nanoseconds: time),
                        isOwn: known.proposal.header.proposerAddress == committee.greeting.address,
                        milestones: known.milestones))))
    }
}
