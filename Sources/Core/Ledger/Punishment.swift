// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Chain
internal import Staking

/// What one piece of evidence has cost at once.
public struct Punishment: Hashable, Sendable {
    /// The evidence, as the block has it.
    public let evidence: [UInt8]
    /// Who told.
    public let reporter: Bytes20
    /// The coins that were taken, of stake and of what left it.
    public let coins: UInt64
}

extension LedgerTransition {
    /// Puts one message of staking into effect, and notes what evidence costs.
    ///
    /// - Throws: why it has no effect; the state is then unchanged.
    func execute(
        _ message: StakingMessage, in state: inout LedgerState
    ) throws(LedgerFault) {
        guard let staking = rules.staking else {
            throw .unknownMessage(message.type.rawValue)
        }
        guard case .submitEvidence(let submitter, let evidence) = message else {
            return try state.stake(staking) { staked throws(StakingFault) in
                try staked.execute(message, witness)
            }
        }
        let coins = try state.stake(staking) { staked throws(StakingFault) in
            let before = try staked.totals()
            try staked.execute(message, witness)
            let after = try staked.totals()
            return before.bonded + before.unbonding - after.bonded - after.unbonding
        }
        state.punishments.append(
            Punishment(evidence: evidence, reporter: submitter, coins: coins))
    }

    /// Why evidence would have no effect on a state; nil when it would have one.
    public func refusal(of evidence: [UInt8], on state: LedgerState) -> LedgerFault? {
        var state = state
        do throws(LedgerFault) {
            try execute(.submitEvidence(submitter: Bytes20(), evidence: evidence), in: &state)
            return nil
        } catch {
            return error
        }
    }

    /// The earlier blocks that a block may include votes for, with the places that have none yet.
    ///
    /// `header` has the block's height and parent.
    ///
    /// - Throws: when the state contradicts itself.
    public func votesWanted(
        below header: BlockHeader, on state: LedgerState
    ) throws(LedgerFault) -> [(block: BlockReference, places: [Int])] {
        var wanted: [(block: BlockReference, places: [Int])] = []
        let top = header.height.value
        for height in top - min(top, StakingRules.inclusionBlocks)..<top {
            guard let voted = try votedBlock(at: height, below: header, on: state) else { continue }
            let places = voted.set.validators.indices.filter { !voted.record.hasVoted($0) }
            if !places.isEmpty { wanted.append((voted.block, places)) }
        }
        return wanted
    }
}
