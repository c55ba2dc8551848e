// SPDX-License-Identifier: Apache-2.0

/// What other parts of the protocol tell staking; equal questions must have equal answers everywhere.
public protocol StakingWitness {
    /// Who has to hold a row of a block, by their places in its committee, rising.
    func holders(
        ofRow row: Int, width: Int, height: UInt64, committee: CommitteeRecord
    ) -> [Int]
    /// What evidence shows; whatever it says is verified.
    ///
    /// - Throws: `evidence` when it shows nothing.
    func finding(in evidence: [UInt8]) throws(StakingFault) -> EvidenceFinding
}
