// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Staking
import Testing

/// What only a block's proposer says: votes of others, and faults.
@Suite struct BlockOpeningTests {
    /// Votes of any of the eight heights below count once each, whichever view they are of, and those of
    /// a height beyond four are late.
    @Test func votesCount() throws {
        var chain = try OpenedLedger()
        for _ in 0..<9 { try chain.block() }
        let results = try chain.block([
            chain.opening([
                .init(height: 2, votes: [try chain.vote(of: 1, at: 2)]),
                .init(
                    height: 9,
                    votes: [
                        try chain.vote(of: 0, at: 9, round: 0), try chain.vote(of: 2, at: 9),
                    ]),
            ])
        ])
        #expect(results.map(\.code) == [0] && results[0].gasUsed == 0)
        let staked = chain.ledger.state.staking(chain.ledger.rules)
        let first = try #require(try staked.block(at: 2))
        #expect((0..<3).map { first.hasVoted($0) } == [false, true, false])
        #expect(first.wasLate(1))
        let last = try #require(try staked.block(at: 9))
        #expect((0..<3).map { last.hasVoted($0) } == [true, false, true])
        #expect(!last.wasLate(0))
        let powers = try chain.set(at: 9).validators.map { UInt64($0.votingPower) }
        #expect(
            try staked.block(at: 10)?.includedPower
                == (try chain.set(at: 2).validators[1].votingPower.magnitude) + powers[0]
                + powers[2])
    }

    /// Votes that do not verify, or are not for one of the eight blocks, make a block none.
    @Test func votesThatAreNone() throws {
        var chain = try OpenedLedger()
        for _ in 0..<10 { try chain.block() }
        let good = try chain.vote(of: 1, at: 10)
        func fault(_ heights: [IncludedVotes.OfHeight]) -> LedgerFault? {
            chain.fault([chain.opening(heights)])
        }
        #expect(fault([.init(height: 10, votes: [good])]) == nil)
        #expect(fault([.init(height: 3, votes: [try chain.vote(of: 1, at: 3)])]) == nil)
        // A height too old, the block's own, and one that does not exist.
        #expect(fault([.init(height: 2, votes: [try chain.vote(of: 1, at: 2)])]) != nil)
        #expect(fault([.init(height: 11, votes: [good])]) != nil)
        #expect(fault([.init(height: 0, votes: [good])]) != nil)
        // No votes; places out of order, twice, or of nobody.
        #expect(fault([.init(height: 10, votes: [])]) != nil)
        let other = try chain.vote(of: 0, at: 10)
        #expect(fault([.init(height: 10, votes: [other, good])]) == nil)
        #expect(fault([.init(height: 10, votes: [good, other])]) != nil)
        #expect(fault([.init(height: 10, votes: [good, good])]) != nil)
        let nobody = IncludedVotes.Vote(
            place: 3, round: 7, timestamp: good.timestamp, signature: good.signature)
        #expect(fault([.init(height: 10, votes: [nobody])]) != nil)
        // Heights out of order or twice.
        let earlier = IncludedVotes.OfHeight(height: 9, votes: [try chain.vote(of: 1, at: 9)])
        let later = IncludedVotes.OfHeight(height: 10, votes: [good])
        #expect(fault([earlier, later]) == nil)
        #expect(fault([later, earlier]) != nil)
        #expect(fault([later, later]) != nil)
        // Another's signature, another view's, another block's, another time's.
        #expect(
            fault([
                .init(
                    height: 10,
                    votes: [
                        .init(
                            place: 1, round: 7, timestamp: good.timestamp,
                            signature: other.signature)
                    ])
            ]) != nil)
        #expect(
            fault([
                .init(
                    height: 10,
                    votes: [
                        .init(
                            place: 1, round: 8, timestamp: good.timestamp,
                            signature: good.signature)
                    ])
            ]) != nil)
        var foreign = chain.headers[9]
        foreign.dataHash = Bytes32(repeating: 1)
        let elsewhere = try chain.vote(of: 1, at: 10, header: foreign)
        #expect(fault([.init(height: 10, votes: [elsewhere])]) != nil)
        // Votes for the parent are for the parent that the header names.
        var header = try chain.nextHeader()
        header.lastBlockID = BlockID(header: foreign)
        let votes = [chain.opening([.init(height: 10, votes: [good])])]
        #expect(chain.fault(votes, header: header) != nil)
    }

    /// A vote that the chain has already makes a block none.
    @Test func votesOnce() throws {
        var chain = try OpenedLedger()
        try chain.block()
        let votes = [chain.opening([.init(height: 1, votes: [try chain.vote(of: 1, at: 1)])])]
        try chain.block(votes)
        #expect(chain.fault(votes) != nil)
        let other = [chain.opening([.init(height: 1, votes: [try chain.vote(of: 2, at: 1)])])]
        #expect(chain.fault(other) == nil)
    }

    /// Evidence slashes at no fee, and tells the proposer's operator.
    @Test func evidenceCounts() throws {
        var chain = try OpenedLedger()
        try chain.block()
        let pair = try chain.doubleVote(of: 1, epoch: 0)
        let header = try chain.nextHeader()
        let before = try chain.ledger.state.staking(chain.ledger.rules).totals()
        try chain.block([chain.opening([try chain.report(pair.protobuf, by: header)])])
        let staked = chain.ledger.state.staking(chain.ledger.rules)
        let after = try staked.totals()
        #expect(before.bonded - after.bonded == 1_500_000)
        #expect(chain.ledger.state.supply == after.supply && after.burned > 0)
        let punishment = try #require(chain.ledger.state.punishments.first)
        #expect(punishment.coins == 1_500_000 && punishment.evidence == pair.protobuf)
        let guilty = try #require(
            try staked.committee(of: 0)?.members.first { $0.address == pair.address })
        #expect(try staked.validator(guilty.operatorAddress)?.isJailed == true)
        let fault = try #require(
            try staked.fault(of: guilty.operatorAddress, in: 0, .equivocation))
        #expect(fault.evidence == pair.id && fault.reporter == punishment.reporter)
        try chain.block()
        #expect(chain.ledger.state.punishments.isEmpty)
        // The same once more, and another pair of the same epoch, have no effect.
        let next = try chain.nextHeader()
        for view in [3, 4] as [UInt64] {
            let again = try chain.doubleVote(of: 1, epoch: 0, view: view)
            #expect(
                chain.fault([chain.opening([try chain.report(again.protobuf, by: next)])]) != nil)
        }
    }

    /// Evidence that shows nothing, that another tells, or that stands in the wrong place.
    @Test func evidenceThatIsNone() throws {
        var chain = try OpenedLedger()
        try chain.block()
        let header = try chain.nextHeader()
        let pair = try chain.doubleVote(of: 1, epoch: 0)
        let message = try chain.report(pair.protobuf, by: header)
        let good = chain.opening([message])
        let votes = chain.opening([.init(height: 1, votes: [try chain.vote(of: 0, at: 1)])])
        #expect(chain.fault([votes, good]) == nil)
        #expect(chain.fault([good, votes]) != nil)
        #expect(chain.fault([votes, votes]) != nil)
        #expect(chain.fault([chain.opening([message, message])]) != nil)
        #expect(chain.fault([chain.opening([message], memo: "hello")]) != nil)
        #expect(chain.fault([chain.opening([message], gas: 1)]) != nil)
        let stranger = chain.ledger.signers[7].address.bytes
        let foreign = try chain.report(pair.protobuf, by: header, submitter: stranger)
        #expect(chain.fault([chain.opening([foreign])]) != nil)
        let broken = try chain.report(Array(pair.protobuf.dropLast()), by: header)
        #expect(chain.fault([chain.opening([broken])]) != nil)
        // Behind what an account signed, nobody speaks without a signature.
        let signed = try chain.ledger.signed(
            [.delegate(chain.ledger.move(5, 0, 7_000_000))], by: 5)
        #expect(chain.fault([good, signed]) == nil)
        #expect(chain.fault([signed, good]) != nil)
        // Nor does anything else than votes and evidence.
        let staking = StakingMessage.delegate(chain.ledger.move(5, 0, 1))
        let delegation = TypedMessage(
            typeURL: staking.type.rawValue, value: staking.protobuf(rules: chain.ledger.rules))
        #expect(chain.fault([chain.opening([delegation])]) != nil)
        // And a pool takes nothing of the kind.
        #expect(throws: LedgerFault.noSignatures) { try chain.transition.read(votes) }
        #expect(throws: LedgerFault.noSignatures) { try chain.transition.read(good) }
    }

    /// A mebibyte of evidence is the most, whatever it says.
    @Test func evidenceIsBounded() throws {
        var chain = try OpenedLedger()
        try chain.block()
        let header = try chain.nextHeader()
        let large = chain.opening([
            try chain.report([UInt8](repeating: 1, count: 65_536), by: header)
        ])
        let block = [[UInt8]](repeating: large, count: 17)
        #expect(throws: LedgerFault.tooLarge(actual: 17 * 65_536, limit: 1 << 20)) {
            try chain.transition.read(block: block)
        }
        #expect(try chain.transition.read(block: Array(block.dropLast())).count == 16)
    }

    /// What a proposer makes is what everybody reads, and the evidence without effect is left out.
    @Test func opened() throws {
        var chain = try OpenedLedger()
        for _ in 0..<3 { try chain.block() }
        let header = try chain.nextHeader()
        let wanted = try chain.transition.votesWanted(below: header, on: chain.ledger.state)
        #expect(wanted.map(\.block.height.value) == [1, 2, 3])
        #expect(wanted.allSatisfy { $0.places == [0, 1, 2] })
        #expect(wanted.map(\.block.blockID) == chain.headers.map { BlockID(header: $0) })
        let votes = IncludedVotes([
            .init(height: 2, votes: [try chain.vote(of: 0, at: 2)]),
            .init(height: 3, votes: [try chain.vote(of: 2, at: 3)]),
        ])
        let pairs = [
            try chain.doubleVote(of: 0, epoch: 0), try chain.doubleVote(of: 0, epoch: 0, view: 5),
            try chain.doubleVote(of: 2, epoch: 0),
        ]
        let opening = try chain.transition.open(
            header, votes: votes, evidence: pairs.map(\.protobuf), on: chain.ledger.state)
        #expect(opening.idle.map(\.index) == [1])
        #expect(opening.transactions.count == 3 && opening.block.hasEvidence)
        let signed = try chain.ledger.signed(
            [.delegate(chain.ledger.move(5, 0, 7_000_000))], by: 5)
        let read = try chain.transition.read(block: opening.transactions + [signed])
        var ours = chain.ledger.state
        var theirs = chain.ledger.state
        let mine = try chain.transition.apply(
            opening.block.with(read.transactions), of: header, width: 32, to: &ours)
        let others = try chain.transition.apply(read, of: header, width: 32, to: &theirs)
        #expect(mine == others && mine.count == 4 && ours.hash == theirs.hash)
    }

    /// Every form of votes that is not the one that is written is refused.
    @Test func oneForm() throws {
        var chain = try OpenedLedger()
        try chain.block()
        let votes = IncludedVotes([
            .init(
                height: 1,
                votes: [try chain.vote(of: 0, at: 1, round: 0), try chain.vote(of: 1, at: 1)])
        ])
        let bytes = votes.protobuf
        #expect(try IncludedVotes(protobuf: bytes) == votes)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let read = try? IncludedVotes(protobuf: changed)
            #expect(read == nil || read?.protobuf == changed && read != votes)
            #expect((try? IncludedVotes(protobuf: Array(bytes[..<index]))) == nil || index == 0)
        }
        let many = IncludedVotes((1...9).map { .init(height: $0, votes: votes.heights[0].votes) })
        #expect(throws: DecodeFault.self) { try IncludedVotes(protobuf: many.protobuf) }
    }
}
