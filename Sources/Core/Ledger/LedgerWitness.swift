// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Staking

/// What staking asks the rest of the protocol, answered from the chain's name and the question alone.
struct LedgerWitness: StakingWitness {
    let chainID: String
    /// Blocks of an epoch; at least one.
    let epochBlocks: UInt64

    /// The row's first five holders, who hold it in any case.
    func holders(
        ofRow row: Int, width: Int, height: UInt64, parentHash: Bytes32,
        committee: CommitteeRecord
    ) -> [Int] {
        guard (2...1024).contains(width), (0..<width).contains(row), let set = committee.set else {
            return []
        }
        return CustodyAssignment.holders(
            ofRow: row,
            seed: CustodyAssignment.seed(parentHash: parentHash, height: Height(height)),
            lineCount: width, committee: set)
    }

    /// Reads evidence and verifies it by the committees of the epochs that it is about.
    func finding(
        in evidence: [UInt8], blockHash: (UInt64) -> Bytes32?,
        committee: (UInt64) throws(StakingFault) -> CommitteeRecord?
    ) throws(StakingFault) -> EvidenceFinding {
        let read: FaultEvidence
        do throws(DecodeFault) {
            read = try FaultEvidence(protobuf: evidence)
        } catch {
            throw .evidence(error.description)
        }
        guard let set = try committee(read.epoch.value)?.set else {
            throw .evidence("its epoch is not known")
        }
        switch read {
        case .pair(let pair):
            guard pair.isValid(by: set, chainID: chainID),
                let kind = EvidenceFinding.Kind(rawValue: pair.fault.rawValue)
            else { throw .evidence("its signatures do not hold") }
            let block = pair.first.statement.block ?? pair.second.statement.block
            return EvidenceFinding(
                validator: pair.address, kind: kind, height: block?.height.value ?? 0,
                epoch: read.epoch.value, id: pair.id)
        case .vote(let vote):
            return try finding(vote, by: set, blockHash: blockHash, committee: committee)
        }
    }

    /// A vote that nobody honest gives, by a member of the epoch that it names.
    private func finding(
        _ vote: ImpossibleVote, by members: ValidatorSet, blockHash: (UInt64) -> Bytes32?,
        committee: (UInt64) throws(StakingFault) -> CommitteeRecord?
    ) throws(StakingFault) -> EvidenceFinding {
        let height = vote.header.height.value
        let own = (height - 1) / epochBlocks
        guard vote.epoch.value <= own, let place = members.place(of: vote.address) else {
            throw .evidence("it names nobody who voted in that epoch")
        }
        guard vote.isValid(by: members.validators[place].key, chainID: chainID) else {
            throw .evidence("its signature does not hold")
        }
        guard let set = try committee(own)?.set else {
            throw .evidence("the committee of its height is not known")
        }
        let ground = ImpossibleVote.Ground(
            chainID: chainID, committee: set,
            nextCommittee: try committee(height / epochBlocks)?.set,
            blockHash: blockHash(height))
        guard vote.reason(on: ground) != nil else {
            throw .evidence("somebody honest may have voted so")
        }
        return EvidenceFinding(
            validator: vote.address, kind: .impossibleHeader, height: height,
            epoch: vote.epoch.value, id: vote.id)
    }
}
