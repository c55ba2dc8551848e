// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import Chain
internal import Cryptography
internal import Staking

/// Votes of which every signature was verified, for one block that includes them.
struct VerifiedVotes: Hashable, Sendable {
    /// The block's height and its parent, which say what the votes are for.
    let height: Height
    let parent: BlockID
    /// Who voted.
    let places: [StakingBlock.Votes]
}

/// What only a block's proposer says: the votes that it knows, and evidence.
///
/// All that these are verified by is in the state: the hash of each earlier block, its data root and
/// its committee. Specified in Protocol/21-staking.md#included-votes.
extension LedgerTransition {
    /// The votes of a block, each of its member, for the chain's block, and not included before.
    ///
    /// - Throws: at the first that is none of these, or of another height than the eight before.
    func verified(
        _ block: ReadBlock, of header: BlockHeader, on state: LedgerState
    ) throws(LedgerFault) -> VerifiedVotes {
        if let known = block.verified, known.height == header.height,
            known.parent == header.lastBlockID
        {
            return known
        }
        var places: [StakingBlock.Votes] = []
        for votes in block.votes?.heights ?? [] {
            guard places.last?.height ?? 0 < votes.height else {
                throw .invalidRequest("heights of votes do not rise")
            }
            places.append(try verified(votes, in: header, on: state))
        }
        return VerifiedVotes(height: header.height, parent: header.lastBlockID, places: places)
    }

    private func verified(
        _ votes: IncludedVotes.OfHeight, in header: BlockHeader, on state: LedgerState
    ) throws(LedgerFault) -> StakingBlock.Votes {
        guard let voted = try votedBlock(at: votes.height, below: header, on: state) else {
            throw .invalidRequest("votes of height \(votes.height) cannot be included")
        }
        guard !votes.votes.isEmpty else { throw .invalidRequest("a height without votes") }
        var places: [Int] = []
        for vote in votes.votes {
            guard places.last ?? -1 < vote.place, vote.place < voted.set.count,
                !voted.record.hasVoted(vote.place)
            else { throw .invalidRequest("a vote that does not count at \(votes.height)") }
            let bytes = Vote(
                kind: .precommit, height: voted.block.height, round: vote.round,
                blockID: voted.block.blockID, timestamp: vote.timestamp
            ).signBytes(chainID: rules.chainID)
            guard voted.set.validators[vote.place].key.isValid(vote.signature, for: bytes) else {
                throw .invalidRequest("a vote of height \(votes.height) that nobody signed")
            }
            places.append(vote.place)
        }
        return StakingBlock.Votes(height: votes.height, places: places)
    }

    /// An earlier block that votes may be included for, as the state names it.
    struct VotedBlock {
        let block: BlockReference
        let set: ValidatorSet
        let record: BlockRecord
    }

    /// The block of one of the eight heights below a header on the state after its parent, or nil.
    func votedBlock(
        at height: UInt64, below header: BlockHeader, on state: LedgerState
    ) throws(LedgerFault) -> VotedBlock? {
        guard let staking = rules.staking, height > 0, height < header.height.value,
            header.height.value - height <= StakingRules.inclusionBlocks
        else { return nil }
        let staked = state.staking(staking)
        do throws(StakingFault) {
            guard let record = try staked.block(at: height),
                let set = try staked.committee(of: record.epoch)?.set
            else { return nil }
            let isParent = height + 1 == header.height.value
            let hash = isParent ? header.lastBlockID.hash : staked.parentHash(of: height + 1)
            guard let hash else { return nil }
            return VotedBlock(
                block: BlockReference(
                    height: Height(height), hash: hash, dataRoot: record.dataRoot), set: set,
                record: record)
        } catch {
            throw .staking(error)
        }
    }

    /// Punishes whom a block's evidence names.
    ///
    /// - Throws: for evidence without effect, and when somebody else than the proposer's operator
    ///   tells.
    func report(
        _ reports: [ReadBlock.Report], by proposer: Bytes20?, in state: inout LedgerState
    ) throws(LedgerFault) {
        guard !reports.isEmpty else { return }
        let submitter = try submitter(proposer, on: state)
        for report in reports {
            guard report.submitter == submitter else {
                throw .invalidRequest("evidence that another than the proposer tells")
            }
            try execute(
                .submitEvidence(submitter: report.submitter, evidence: report.evidence),
                in: &state)
        }
    }

    /// The operator of the block's proposer.
    private func submitter(
        _ proposer: Bytes20?, on state: LedgerState
    ) throws(LedgerFault) -> Bytes20 {
        guard let staking = rules.staking else { throw .invalidRequest("nobody has staked") }
        let staked = state.staking(staking)
        do throws(StakingFault) {
            let committee = try staked.committee(of: try staked.clock().epoch)
            guard let member = committee?.members.first(where: { $0.address == proposer }) else {
                throw .state("a proposer outside of the committee")
            }
            return member.operatorAddress
        } catch {
            throw .staking(error)
        }
    }
}

/// The beginning of a block of one's own.
public struct BlockOpening: Sendable {
    /// What the proposer says, read.
    public let block: ReadBlock
    /// The same as it goes into the square, ahead of everything else.
    public let transactions: [[UInt8]]
    /// The state on which accounts' transactions are put into effect.
    public let state: LedgerState
    /// Places of evidence that has no effect on this state, and why.
    public let idle: [(index: Int, fault: LedgerFault)]
}

extension LedgerTransition {
    /// What stands first in a block of one's own, with the evidence that has effect.
    ///
    /// `header` has the block's height, time, proposer and parent; its square is not known yet. On a
    /// chain without staking there is nothing.
    ///
    /// - Throws: for votes that the block may not include, and a block that does not follow the last.
    public func open(
        _ header: BlockHeader, votes: IncludedVotes?, evidence: [[UInt8]], on state: LedgerState
    ) throws(LedgerFault) -> BlockOpening {
        guard let staking = rules.staking else {
            return BlockOpening(block: ReadBlock(), transactions: [], state: state, idle: [])
        }
        var block = ReadBlock()
        var transactions: [[UInt8]] = []
        if let votes, !votes.heights.isEmpty {
            block.votes = votes
            transactions.append(
                Self.opening(
                    TypedMessage(typeURL: IncludedVotes.typeURL, value: votes.protobuf)))
        }
        let verified = try verified(block, of: header, on: state)
        block.verified = verified
        var next = state
        try begin(StakingBlock(header, width: 0, votes: verified.places), on: &next)
        var idle: [(index: Int, fault: LedgerFault)] = []
        var size = 0
        for (index, pair) in evidence.enumerated() {
            let submitter = try submitter(header.proposerAddress, on: next)
            let report = ReadBlock.Report(submitter: submitter, evidence: pair)
            guard size + pair.count <= ReadBlock.evidenceBytesMax else { continue }
            do throws(LedgerFault) {
                try self.report([report], by: header.proposerAddress, in: &next)
            } catch {
                idle.append((index, error))
                continue
            }
            size += pair.count
            block.reports.append(report)
            let message = StakingMessage.submitEvidence(submitter: submitter, evidence: pair)
            transactions.append(
                Self.opening(
                    TypedMessage(
                        typeURL: message.type.rawValue, value: message.protobuf(rules: staking))))
        }
        block.openingHashes = transactions.map { SHA256.hash($0) }
        return BlockOpening(block: block, transactions: transactions, state: next, idle: idle)
    }
}
