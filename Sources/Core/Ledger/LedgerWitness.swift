// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Staking

/// What staking asks the rest of the protocol, answered from the chain's name and the question alone.
struct LedgerWitness: StakingWitness {
    let chainID: String

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

    /// Reads a pair of statements and verifies both by the committee of their epoch.
    func finding(
        in evidence: [UInt8], committee: (UInt64) throws(StakingFault) -> CommitteeRecord?
    ) throws(StakingFault) -> EvidenceFinding {
        let pair: SlashingEvidence
        do throws(DecodeFault) {
            pair = try SlashingEvidence(protobuf: evidence)
        } catch {
            throw .evidence(error.description)
        }
        let epoch = pair.first.statement.epoch.value
        guard let set = try committee(epoch)?.set else {
            throw .evidence("its epoch is not known")
        }
        guard pair.isValid(by: set, chainID: chainID),
            let kind = EvidenceFinding.Kind(rawValue: pair.fault.rawValue)
        else { throw .evidence("its signatures do not hold") }
        let block = pair.first.statement.block ?? pair.second.statement.block
        return EvidenceFinding(
            validator: pair.address, kind: kind, height: block?.height.value ?? 0, epoch: epoch,
            id: pair.id)
    }
}
