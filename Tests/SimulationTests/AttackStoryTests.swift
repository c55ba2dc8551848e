// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Roles
import Simulation
import Staking
import Syncing
import Testing

/// Members of a committee sign a header for a light client's eyes; it is seen, told, and slashed for.
@Suite struct AttackStoryTests {
    /// A header of a height of its own state, signed by some members who say that they are all.
    private static func forged(_ real: ChainHeader, by members: [Int]) throws -> ExtendedHeader {
        let keys = members.map { StakedCommittee.key($0) }
        let set = try ValidatorSet(
            keys.map { Validator(key: .ed25519($0.publicKey), votingPower: 10) })
        var header = real.header
        header.validatorsHash = set.hash
        header.appHash = SHA256.hash([1]).array
        let votes = keys.map {
            BlockBuilding.vote(for: header, round: 1, by: $0, at: header.time)
        }
        return ExtendedHeader(
            header: header,
            commit: BlockBuilding.commit(for: header, round: 1, votes: votes, of: set),
            validatorSet: set, dataAvailabilityHeader: try #require(real.roots))
    }

    /// Two of four sign another header; the light node stops and tells, and the two are slashed alone.
    ///
    /// A storage node shows it, on whose disk somebody has put it.
    @Test(arguments: [701] as [UInt64])
    func twoOfFourAreSlashed(seed: UInt64) throws {
        let cast = StakedCommittee(count: 4, epochBlocks: 10)
        var story = try cast.story(seed: seed, storageCount: 3, lightCount: 1)
        let (liar, light) = (story.scenario.storage[2], story.scenario.light[0])
        #expect(
            story.run(60_000) { world in
                Story.head(of: liar, in: world) >= 6 && Story.head(of: light, in: world) >= 6
            })
        story.scenario.world.crash(liar)
        let height = Story.head(of: liar, in: story.scenario.world)
        let real = try #require(story.scenario.world.disk(of: liar).header(height))
        let forged = try Self.forged(real, by: [1, 2])
        story.scenario.world.changeDisk(of: liar) { $0.forge(forged) }
        story.scenario.world.start(liar)

        let isStopped = story.run(60_000) { world in
            Self.incidents(of: light, in: world).contains {
                $0.contains("both signed by the committee")
            }
        }
        #expect(isStopped, "the light node sees two heads and follows none")
        let head = Story.head(of: light, in: story.scenario.world)
        let honest = [story.scenario.validators[0], story.scenario.validators[3]]
        let guilty = Set(try [1, 2].map { try StakedCommittee.operatorAddress($0) })
        let isSlashed = story.run(60_000) { world in
            honest.allSatisfy { node in
                guard let state = try? cast.ledger(of: node, in: world),
                    let validators = try? state.staking(cast.rules).validators()
                else { return false }
                return validators.count(where: \.isJailed) == 2
            }
        }
        #expect(isSlashed)
        #expect(Story.head(of: light, in: story.scenario.world) == head)
        for node in honest {
            let state = try cast.ledger(of: node, in: story.scenario.world)
            for validator in try state.staking(cast.rules).validators() {
                let isGuilty = guilty.contains(validator.operatorAddress)
                let left = StakedCommittee.stake / 200 * (isGuilty ? 199 : 200)
                #expect(validator.tokens == left && validator.isJailed == isGuilty)
            }
            #expect(state.supply == (try state.staking(cast.rules).totals()).supply)
            guard case .success(.slashings(let report)) = try story.ask(node, .slashings) else {
                Issue.record("no answer")
                continue
            }
            #expect(report.told.count == 2)
            for told in report.told {
                guard case .vote(let vote) = told.evidence.fault else {
                    Issue.record("another kind of evidence")
                    continue
                }
                #expect(vote.header == forged.header)
            }
        }
        #expect(story.penalties == [], "nobody who told the truth is blamed")

        // It does not go on after a restart either.
        story.scenario.world.crash(light)
        story.scenario.world.start(light)
        _ = story.run(10_000) { _ in false }
        #expect(Story.head(of: light, in: story.scenario.world) == head)
    }

    private static func incidents(of node: Int, in world: World) -> [String] {
        world.observations.compactMap { reporter, observation in
            if reporter == node, case .incident(let text) = observation { text } else { nil }
        }
    }
}
