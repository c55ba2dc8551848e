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

/// Stake moves by signed transactions, and who decides moves with it.
@Suite struct SetChangeStoryTests {
    static let cast = StakedCommittee(count: 4, epochBlocks: 5)

    private static func name(_ index: Int) throws -> String {
        Bech32.encode(
            prefix: "celestiavaloper", try StakedCommittee.operatorAddress(index).array)
    }

    /// A network of four validators and a fifth node with a validator's key and no seat; the accounts
    /// of validators' nodes are their operators'.
    private static func story(seed: UInt64) throws -> Story {
        try cast.story(seed: seed, validators: 5) { configuration, number in
            guard configuration.kind == .validator else { return }
            configuration.accountKey = try? StakedCommittee.operatorKey(number)
        }
    }

    private static func stake(
        _ wish: StakeWish, at node: Int, in story: inout Story
    ) throws -> UInt64 {
        let answer = try story.ask(node, .stake(wish, SubmitOptions()))
        guard case .success(.included(let outcome)) = answer else {
            throw StoryFault("nothing is staked: \(answer)")
        }
        return outcome.height
    }

    private static func newcomer() throws -> StakeWish {
        let message = StakingMessage.createValidator(
            NewValidator(
                operatorAddress: try StakedCommittee.operatorAddress(4),
                key: StakedCommittee.key(4).publicKey.bytes,
                description: ValidatorDescription(moniker: "fifth"),
                rates: CommissionRates(
                    rate: Decimal18(basisPoints: 1000), maximum: Decimal18(basisPoints: 2000),
                    rise: Decimal18(basisPoints: 100)), selfMinimum: 1_000_000,
                amount: 600_000_000_000))
        return .messages([
            TypedMessage(
                typeURL: message.type.rawValue, value: message.protobuf(rules: cast.rules))
        ])
    }

    /// Moves stake thrice; gives the height by which all of it is in the chain.
    ///
    /// It is more than can come in one epoch, so the sets change several times.
    private static func move(in story: inout Story) throws -> UInt64 {
        let storage = story.scenario.storage[0]
        _ = try stake(
            .delegate(to: try name(0), amount: 100_000_000_000), at: storage, in: &story)
        let fifth = story.scenario.validators[4]
        _ = try stake(try newcomer(), at: fifth, in: &story)
        return try stake(
            .undelegate(from: try name(1), amount: 150_000_000_000),
            at: story.scenario.validators[1], in: &story)
    }

    /// Every header follows from the one before it by the rules of light clients, and any later one from
    /// the first, with headers between where these rules ask for them.
    private static func expectLight(_ headers: [ChainHeader]) throws {
        var trusted = try TrustedState(headers[0].lightBlock)
        for header in headers.dropFirst() {
            trusted = try LightVerification.verify(
                trusted: trusted, untrusted: header.lightBlock, now: header.header.time,
                rules: .celestia)
        }
        var skipping = try TrustedState(headers[0].lightBlock)
        var index = headers.count - 1
        var steps = 0
        while skipping.header.height < headers[headers.count - 1].height {
            steps += 1
            try #require(steps < 200)
            do throws(LightFault) {
                skipping = try LightVerification.verify(
                    trusted: skipping, untrusted: headers[index].lightBlock,
                    now: headers[headers.count - 1].header.time, rules: .celestia)
                index = headers.count - 1
            } catch {
                #expect(error.isSoft)
                index = Int((skipping.header.height.value + headers[index].height.value) / 2) - 1
            }
        }
        #expect(steps < headers.count)
    }

    private static func sets(_ headers: [ChainHeader]) -> Int {
        zip(headers, headers.dropFirst()).count {
            $0.header.validatorsHash != $1.header.validatorsHash
        }
    }

    /// Delegation, a newcomer and a departure change the set at least thrice; everybody follows, and the
    /// newcomer votes without a restart.
    @Test func setsFollowStake() throws {
        var story = try Self.story(seed: 601)
        let moved = try Self.move(in: &story)
        let all = story.scenario.validators + story.scenario.storage + story.scenario.light
        let goal = moved + 40
        let isFollowed = story.run(200_000) { world in
            all.allSatisfy { Story.head(of: $0, in: world) >= goal }
        }
        #expect(isFollowed)
        StakedCommitteeTests.expectOneChain(story, upTo: goal)
        let first = story.scenario.validator
        let world = story.scenario.world
        let headers = (1...goal).compactMap { world.disk(of: first).header($0) }
        try #require(headers.count == goal)
        #expect(Self.sets(headers) >= 3)
        try Self.expectLight(headers)
        let address = ValidatorKey.ed25519(StakedCommittee.key(4).publicKey).address
        #expect(headers[headers.count - 1].validatorSet.place(of: address) != nil)
        #expect(headers.contains { $0.header.proposerAddress == address }, "it leads")
        let state = try Self.cast.ledger(of: first, in: world)
        let staked = state.staking(Self.cast.rules)
        let recent = try staked.clock().height - 9
        let record = try #require(try staked.block(at: recent))
        let committee = try #require(try staked.committee(of: record.epoch))
        let place = try committee.validatorSet().place(of: address)
        #expect(record.hasVoted(try #require(place)), "its votes are in the chain")
        #expect(state.supply == (try staked.totals()).supply)
    }

    /// Each validator is away once while an epoch ends and the set changes, and comes back.
    @Test func restartsAcrossEpochs() throws {
        var story = try Self.story(seed: 602)
        _ = try Self.move(in: &story)
        let all = story.scenario.validators
        for (index, away) in all.enumerated() {
            let other = all[(index + 1) % all.count]
            story.scenario.world.crash(away)
            let before = Story.head(of: other, in: story.scenario.world)
            let isPast = story.run(120_000) { Story.head(of: other, in: $0) >= before + 7 }
            #expect(isPast, "validator \(index) is away")
            story.scenario.world.start(away)
            let isBack = story.run(120_000) { world in
                all.allSatisfy { Story.head(of: $0, in: world) >= before + 14 }
            }
            #expect(isBack, "validator \(index) is back")
        }
        let head = Story.head(of: all[0], in: story.scenario.world)
        StakedCommitteeTests.expectOneChain(story, upTo: head - 5)
        let disk = story.scenario.world.disk(of: all[0])
        let headers = (1...head - 5).compactMap { disk.header($0) }
        #expect(Self.sets(headers) >= 3)
        try Self.expectLight(headers)
        // Nobody lost stake, whoever was away.
        let state = try Self.cast.ledger(of: all[0], in: story.scenario.world)
        let staked = state.staking(Self.cast.rules)
        let totals = try staked.totals()
        #expect(totals.burned == 0)
        #expect(
            totals.bonded == 4 * StakedCommittee.stake + 100_000_000_000 + 600_000_000_000
                - 150_000_000_000)
    }
}
