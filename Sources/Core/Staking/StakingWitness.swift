// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What other parts of the protocol tell staking; equal questions must have equal answers everywhere.
public protocol StakingWitness {
    /// Who has to hold a row of a block, by their places in its committee, rising.
    ///
    /// `parentHash` is that of the block before it, from which holders are drawn.
    func holders(
        ofRow row: Int, width: Int, height: UInt64, parentHash: Bytes32,
        committee: CommitteeRecord
    ) -> [Int]
    /// What evidence shows; whatever it says is verified by the committee that it is about.
    ///
    /// `blockHash` gives the hash of the chain's block of a height; nil where it is not remembered.
    ///
    /// - Throws: `evidence` when it shows nothing, and whatever `committee` throws.
    func finding(
        in evidence: [UInt8], blockHash: (_ height: UInt64) -> Bytes32?,
        committee: (_ epoch: UInt64) throws(StakingFault) -> CommitteeRecord?
    ) throws(StakingFault) -> EvidenceFinding
}
