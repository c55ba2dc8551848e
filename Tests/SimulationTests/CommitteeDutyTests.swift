// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Machinery
import Roles
import Simulation
import Staking
import Testing

/// Several validators with stake, of whom some do not show what they hold.
@Suite struct CommitteeDutyTests {
    private static let cast = StakedCommittee(count: 4, epochBlocks: 4)

    /// Sends a message from a node's own account and waits for its block.
    private static func send(
        _ message: StakingMessage, from node: Int, _ story: inout Story
    ) throws -> UInt64 {
        let typed = TypedMessage(
            typeURL: message.type.rawValue, value: message.protobuf(rules: cast.rules))
        let answer = try story.ask(node, .stake(.messages([typed]), SubmitOptions()))
        guard case .success(.included(let outcome)) = answer else {
            throw StoryFault("it is in no block: \(answer)")
        }
        return outcome.height
    }

    private static func account(_ number: Int) throws -> Bytes20 {
        let secret = SHA256.hash(Array("simulation: account \(number)".utf8))
        return AccountAddress(
            of: try #require(Secp256k1PrivateKey(bytes: secret)).publicKey
        ).bytes
    }

    /// Of four, one answers a challenge, one withholds (it votes and answers nothing), one is offline,
    /// and one has said that it lost the data: only the second pays, a hundredth of its stake.
    @Test func onlyWithholdingIsSlashed() throws {
        var story = try Self.cast.story(seed: 501, lightCount: 0) { configuration, number in
            guard configuration.kind == .validator else { return }
            // Who has no operator's key answers nothing by itself.
            if number == 1 || number == 3 { configuration.operatorKey = nil }
            if number == 3 { configuration.accountKey = try? StakedCommittee.operatorKey(3) }
        }
        let nodes = story.scenario.validators
        let first = nodes[0]
        #expect(story.run(60_000) { Story.head(of: first, in: $0) >= 14 })
        let lossy = try StakedCommittee.operatorAddress(3)
        _ = try Self.send(
            .reportLoss(validator: lossy, first: 1, last: 10), from: nodes[3], &story)
        story.scenario.world.crash(nodes[2])
        let challenged = try Self.send(
            .challenge(
                ChallengeRequest(
                    challenger: try Self.account(0), height: 6, row: 0, columns: [0, 1],
                    bond: StakingRules.challengeBond)),
            from: story.scenario.storage[0], &story)

        // The verdict comes with the end of the 24th whole epoch after that of the challenge.
        let verdict = (challenged / 4 + 1 + StakingRules.challengeEpochs) * 4
        let before = story.run(600_000) { Story.head(of: first, in: $0) >= verdict - 4 }
        #expect(before)
        let open = try Self.cast.ledger(of: first, in: story.scenario.world)
            .staking(Self.cast.rules)
        let challenge = try #require(try open.challenge(0))
        #expect(challenge.targets.count == 4)
        for target in challenge.targets {
            #expect(
                target.hasAnswered
                    == (target.operatorAddress == (try StakedCommittee.operatorAddress(0))))
            #expect(target.isExcused == (target.operatorAddress == lossy))
        }
        #expect(story.run(60_000) { Story.head(of: first, in: $0) >= verdict + 1 })

        let staked = try Self.cast.ledger(of: first, in: story.scenario.world)
            .staking(Self.cast.rules)
        #expect(try staked.challenge(0) == nil)
        var scores: [Decimal18] = []
        var earned: [UInt64] = []
        for number in 0..<4 {
            let name = try StakedCommittee.operatorAddress(number)
            let validator = try #require(try staked.validator(name))
            let lost = number == 1 ? StakedCommittee.stake / 100 : 0
            #expect(validator.tokens == StakedCommittee.stake - lost, "validator \(number)")
            #expect(validator.isJailed == (number == 1), "validator \(number)")
            scores.append(try staked.duty(of: name).auditScore)
            earned.append(validator.rewards + validator.commission)
        }
        print("audit scores \(scores), earned \(earned)")
        #expect(scores[0] > Decimal18(basisPoints: 9_900))
        #expect(scores[1] < Decimal18(basisPoints: 1_000))
        #expect(earned[0] > earned[1])
        let totals = try staked.totals()
        #expect(totals.challengesOpen == 0 && totals.bonds == 0)
    }

    /// A square that rots on one disk is had back from the others, and the audit of it is answered.
    @Test func rotIsHadBack() throws {
        var story = try Self.cast.story(seed: 502, lightCount: 0)
        let node = story.scenario.validators[1]
        #expect(story.run(60_000) { Story.head(of: node, in: $0) >= 12 })
        story.scenario.world.changeDisk(of: node) { disk in
            for height in 2...12 as ClosedRange<UInt64> { disk.damagedSquares.insert(height) }
        }
        #expect(story.run(120_000) { Story.head(of: node, in: $0) >= 48 })
        let world = story.scenario.world
        let damaged = world.disk(of: node).damagedSquares
        #expect(damaged.count < 11, "some were asked for and came again: \(damaged)")
        let staked = try Self.cast.ledger(of: node, in: world).staking(Self.cast.rules)
        let name = try StakedCommittee.operatorAddress(1)
        #expect(try staked.duty(of: name).auditScore > Decimal18(basisPoints: 8_000))
        #expect(try staked.asked(of: name, audits: []).reported.isEmpty)
    }
}
