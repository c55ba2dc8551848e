// SPDX-License-Identifier: Apache-2.0

import Agreement
import Bytes
import Chain
import Machinery
import Testing

/// A node without a seat is told by its chain where epochs end.
@Suite struct FollowedEpochTests {
    private let set: ValidatorSet
    private var machine: AgreementMachine
    private let now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    private let time = Timestamp(nanosecondsSince1970: 1_700_000_000_000_000_000)

    init() throws {
        set = try LeaderScheduleTests.set([1, 1, 1, 1])
        let rules = ProposalRules(
            chainID: "bench",
            consensusParameters: ConsensusParameters(blockMaxBytes: -1, blockMaxGas: -1),
            epochLength: 4)
        machine = AgreementMachine(
            AgreementConfiguration(rules: rules, ownAddress: nil),
            AgreementStart(
                epoch: EpochStart(
                    genesis: time, validatorSet: set, seed: Bytes32(repeating: 3))))
    }

    private func end(
        _ height: UInt64, epoch: UInt64 = 0, signers: Int = 3
    ) throws -> QuorumCertificate {
        let block = BlockReference(
            height: Height(height), hash: Bytes32(repeating: UInt8(height)),
            dataRoot: Bytes32(repeating: 1))
        let statement = Statement.finalize(block, Epoch(epoch), try #require(View(9)))
        return QuorumCertificate(
            statement,
            (0..<signers).map {
                SignedStatement(
                    statement, place: $0, timestamp: time, signature: Bytes64(repeating: 1))
            })
    }

    /// Tells the machine something; gives the epochs that began.
    private mutating func tell(_ event: AgreementMachine.Event) -> [EpochStart] {
        var effects: [AgreementMachine.Effect] = []
        machine.handle(event, at: now, into: &effects)
        return effects.compactMap { if case .epochBegan(let start) = $0 { start } else { nil } }
    }

    /// Once the end and the next members are known, in either order, the next epoch begins on that block;
    /// what is not the end of the present epoch, or has no quorum, ends nothing.
    @Test mutating func epochsFollow() throws {
        #expect(tell(.began).isEmpty)
        #expect(tell(.epochEnded(try end(3), time)).isEmpty)
        #expect(tell(.epochEnded(try end(8, epoch: 1), time)).isEmpty)
        #expect(tell(.epochEnded(try end(4, signers: 2), time)).isEmpty)
        #expect(machine.epoch == Epoch(0))
        #expect(tell(.epochEnded(try end(4), time)).isEmpty)
        #expect(tell(.epochEnded(try end(4), time)).isEmpty)
        let first = tell(.epochSet(Epoch(1), set))
        #expect(first.map(\.epoch) == [Epoch(1)])
        #expect(first[0].base.block == (try end(4)).statement.block && first[0].base.time == time)
        #expect(tell(.epochSet(Epoch(2), set)).isEmpty)
        let second = tell(.epochEnded(try end(8, epoch: 1), time))
        #expect(second.map(\.epoch) == [Epoch(2)] && machine.epoch == Epoch(2))
        #expect(second[0].base.time == time)
        #expect(tell(.epochEnded(try end(8, epoch: 1), time)).isEmpty)
    }
}
