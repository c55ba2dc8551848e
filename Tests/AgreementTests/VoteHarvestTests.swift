// SPDX-License-Identifier: Apache-2.0

import Agreement
import Bytes
import Chain
import Testing

/// Which votes a member keeps to include, and which of them it has verified.
@Suite struct VoteHarvestTests {
    private static func block(_ height: UInt64, _ byte: UInt8 = 1) -> BlockReference {
        BlockReference(
            height: Height(height), hash: Bytes32(repeating: byte),
            dataRoot: Bytes32(repeating: byte))
    }

    private static func vote(
        _ place: Int, for block: BlockReference, view: UInt64 = 3, signature: UInt8 = 1
    ) throws -> SignedStatement {
        let statement: Statement =
            view == 0
            ? .commit(block, Epoch(0))
            : .finalize(block, Epoch(0), try #require(View(view)))
        return SignedStatement(
            statement, place: place, timestamp: .zero, signature: Bytes64(repeating: signature))
    }

    /// What a certificate has counts at once; other votes when their block is in the chain and their
    /// signature holds, whichever of the two comes first.
    @Test func verifiedWhenItMatters() throws {
        var harvest = VoteHarvest(height: 9)
        let block = Self.block(10)
        let sure = try Self.vote(0, for: block)
        let early = try Self.vote(1, for: block)
        #expect(harvest.note(sure, isVerified: true, memberCount: 4) == nil)
        #expect(harvest.note(early, isVerified: false, memberCount: 4) == nil)
        #expect(harvest.verified(for: block) == [sure])
        #expect(harvest.confirm(block) == [early])
        #expect(harvest.confirm(block) == [])
        let late = try Self.vote(2, for: block, view: 0)
        #expect(harvest.note(late, isVerified: false, memberCount: 4) == late)
        #expect(harvest.note(late, isVerified: false, memberCount: 4) == nil)
        harvest.judge(early, holds: true)
        harvest.judge(late, holds: false)
        #expect(harvest.verified(for: block) == [sure, early])
        // A false one is forgotten, so that a true one can come.
        let again = try Self.vote(2, for: block, view: 0, signature: 2)
        #expect(harvest.note(again, isVerified: false, memberCount: 4) == again)
        harvest.judge(again, holds: true)
        #expect(harvest.verified(for: block) == [sure, early, again])
        // What was verified stays.
        #expect(
            harvest.note(
                try Self.vote(1, for: block, view: 0), isVerified: false, memberCount: 4) == nil)
        #expect(harvest.verified(for: block) == [sure, early, again])
    }

    /// Votes for another block of the height are not those for the chain's, and give way to these.
    @Test func otherBlocks() throws {
        var harvest = VoteHarvest(height: 9)
        let other = try Self.vote(1, for: Self.block(10, 7), view: 2)
        #expect(harvest.note(other, isVerified: true, memberCount: 4) == nil)
        let block = Self.block(10)
        #expect(harvest.confirm(block) == [])
        #expect(harvest.verified(for: block) == [])
        let good = try Self.vote(1, for: block)
        #expect(harvest.note(good, isVerified: false, memberCount: 4) == good)
        harvest.judge(other, holds: true)
        harvest.judge(good, holds: true)
        #expect(harvest.verified(for: block) == [good])
        #expect(harvest.verified(for: Self.block(10, 7)) == [])
    }

    /// One vote of each member for each of a few heights: whatever is sent, no more is kept.
    @Test func isBounded() throws {
        var harvest = VoteHarvest(height: 100)
        for round in 0..<3 as Range<UInt8> {
            for height in 1...300 as ClosedRange<UInt64> {
                for place in 0..<6 {
                    let vote = try Self.vote(
                        place, for: Self.block(height, round + 1), signature: round)
                    _ = harvest.note(vote, isVerified: false, memberCount: 4)
                }
            }
        }
        let heights = Int(VoteHarvest.heightsKept + VoteHarvest.heightsAhead)
        #expect(harvest.count == 4 * heights)
        harvest.advance(to: 110)
        #expect(harvest.count == 4 * (heights - 10))
        harvest.advance(to: 500)
        #expect(harvest.count == 0)
        let notarized = SignedStatement(
            .notarize(Self.block(501), Epoch(0), .first), place: 0, timestamp: .zero,
            signature: Bytes64())
        #expect(harvest.note(notarized, isVerified: true, memberCount: 4) == nil)
        #expect(harvest.count == 0)
    }
}
