// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Testing

/// The way to far headers on chains whose committees change, drawn from seeds.
@Suite struct LightBisectionTests {
    /// A chain of so many blocks; from block to block each member leaves with some chance.
    struct Chain {
        var blocks: [LightBlock] = []
        var committees: [[Int: Int64]] = []

        init(seed: UInt64, count: Int, changePercent: UInt64) throws {
            var random = SeededNumbers(state: seed)
            var committee: [Int: Int64] = [:]
            for member in 0..<4 { committee[member] = Int64(random.next() % 5) + 1 }
            var newcomer = 4
            var parent = BlockBuilding.Parent.none
            for height in 1...count {
                var next = committee
                for member in committee.keys.sorted() where random.next() % 100 < changePercent {
                    next[member] = nil
                    next[newcomer % 40] = Int64(random.next() % 5) + 1
                    newcomer += 1
                }
                let block = try ChainExamples.block(
                    on: parent, at: Int64(1000 + height), by: committee, next: next)
                blocks.append(block)
                committees.append(committee)
                parent = .block(block.signedHeader)
                committee = next
            }
        }

        func block(_ height: Height) -> LightBlock { blocks[Int(height.value) - 1] }
    }

    static func run(
        _ chain: Chain, to target: UInt64, now: Timestamp,
        answer: ((Height) throws -> LightBlock)? = nil
    ) throws -> (step: LightBisection.Step, requests: Int, trace: [Height]) {
        var bisection = LightBisection(
            trusted: try TrustedState(chain.blocks[0]), target: Height(target),
            rules: .celestia)
        var requests = 0
        while case .need(let height) = bisection.step {
            requests += 1
            try #require(requests <= 200)
            _ = bisection.give(try answer?(height) ?? chain.block(height), now: now)
        }
        return (bisection.step, requests, bisection.trace.map(\.height))
    }

    /// Every target of an honest chain is reached, in one request where nobody left.
    @Test func honestChains() throws {
        var requests: [Int] = []
        for (seed, percent) in [(1, 0), (2, 5), (3, 20), (4, 50), (5, 100)] as [(UInt64, UInt64)] {
            let chain = try Chain(seed: seed, count: 40, changePercent: percent)
            let now = chain.blocks[39].header.time
            for target in [1, 2, 3, 17, 39, 40] as [UInt64] {
                let run = try Self.run(chain, to: target, now: now)
                guard case .done(let trusted) = run.step else {
                    Issue.record("seed \(seed), target \(target): \(run.step)")
                    continue
                }
                #expect(trusted.header == chain.block(Height(target)).header)
                #expect(run.trace == run.trace.sorted())
                #expect(target == 1 || run.trace.last == Height(target))
                if percent == 0 { #expect(run.requests == (target == 1 ? 0 : 1)) }
                if percent == 100 { #expect(run.trace.count == Int(target) - 1) }
                requests.append(run.requests)
            }
        }
        #expect(requests.max() ?? 0 > 10, "some ways are long")
    }

    /// A chain forged by people who left long ago leads nowhere.
    @Test func forgedChains() throws {
        let chain = try Chain(seed: 7, count: 30, changePercent: 30)
        let now = chain.blocks[29].header.time
        let forged = try ChainExamples.block(
            on: .block(chain.blocks[28].signedHeader), at: 1030, by: [100: 1], next: [100: 1])
        let run = try Self.run(chain, to: 30, now: now) { height in
            height == Height(30) ? forged : chain.block(height)
        }
        #expect(run.step == .failed(Height(30), .notNextValidators))
        #expect(run.trace.last == Height(29))
    }

    /// Headers in between that are broken end the way with their own fault.
    @Test func brokenHeaders() throws {
        let chain = try Chain(seed: 8, count: 30, changePercent: 60)
        let now = chain.blocks[29].header.time
        var broken = 0
        for victim in 2...30 as ClosedRange<UInt64> {
            var used = false
            let run = try Self.run(chain, to: 30, now: now) { height in
                var block = chain.block(height)
                if height == Height(victim) {
                    used = true
                    block.signedHeader.header.appHash = [9]
                }
                return block
            }
            if used {
                broken += 1
                #expect(
                    run.step
                        == .failed(
                            Height(victim),
                            .invalid(
                                .commitBlock(chain.block(Height(victim)).header.hash))))
            } else if case .done = run.step {
            } else {
                Issue.record("\(victim): \(run.step)")
            }
        }
        #expect(broken > 5)
    }

    /// Wrong heights, an expired start, a target below, and answers after the end.
    @Test func edges() throws {
        let chain = try Chain(seed: 9, count: 5, changePercent: 0)
        let now = chain.blocks[4].header.time
        let wrong = try Self.run(chain, to: 5, now: now) { _ in chain.blocks[3] }
        #expect(wrong.step == .failed(Height(5), .heightNotIncreasing(Height(4))))
        let late = chain.blocks[0].header.time.advanced(
            byNanoseconds: LightRules.celestia.trustingPeriodNanoseconds)
        #expect(try Self.run(chain, to: 5, now: late).step == .failed(Height(5), .expired))
        let early = try #require(Timestamp(seconds: 900))
        #expect(
            try Self.run(chain, to: 5, now: early).step
                == .failed(Height(5), .fromFuture(chain.blocks[4].header.time)))
        var below = LightBisection(
            trusted: try TrustedState(chain.blocks[2]), target: Height(2), rules: .celestia)
        #expect(below.step == .failed(Height(2), .heightNotIncreasing(Height(2))))
        #expect(below.give(chain.blocks[1], now: now) == below.step)
    }

    /// Each rule of a single step, broken alone.
    @Test func singleSteps() throws {
        let chain = try Chain(seed: 10, count: 4, changePercent: 0)
        let now = chain.blocks[3].header.time
        func fault(
            from first: Int, to second: LightBlock, rules: LightRules = .celestia
        ) throws -> LightFault? {
            let trusted = try TrustedState(chain.blocks[first])
            do throws(LightFault) {
                _ = try LightVerification.verify(
                    trusted: trusted, untrusted: second, now: now, rules: rules)
                return nil
            } catch {
                return error
            }
        }
        #expect(try fault(from: 0, to: chain.blocks[1]) == nil)
        #expect(try fault(from: 0, to: chain.blocks[3]) == nil)
        #expect(
            try fault(from: 2, to: chain.blocks[1]) == .heightNotIncreasing(Height(2)))
        let orphan = try ChainExamples.block(
            on: .block(
                try ChainExamples.block(
                    on: .none, at: 1, by: chain.committees[0], next: chain.committees[0]
                ).signedHeader), at: 1002, by: chain.committees[1], next: chain.committees[1])
        #expect(try fault(from: 0, to: orphan) == .parent)
        let lenient = try #require(LightRules(demandsParent: false))
        #expect(try fault(from: 0, to: orphan, rules: lenient) == nil)
        var other = chain.blocks[1]
        other.signedHeader.header.chainID = "other"
        #expect(try fault(from: 0, to: other) == .chainID)
        var still = chain.blocks[1]
        still.signedHeader.header.time = chain.blocks[0].header.time
        #expect(try fault(from: 0, to: still) == .timeNotIncreasing(still.header.time))
        var nextSet = chain.blocks[1]
        nextSet.nextValidatorSet = try ChainExamples.set([200: 1])
        guard case .invalid(.nextValidatorsHash) = try fault(from: 0, to: nextSet) else {
            Issue.record("a foreign next set is taken")
            return
        }
        #expect(throws: HeaderFault.self) {
            try TrustedState(
                header: chain.blocks[0].header, validatorSet: try ChainExamples.set([200: 1]))
        }
        #expect(LightRules(trustLevel: try #require(VotingFraction(1, 4))) == nil)
    }

    /// The clock's borders, to the nanosecond: drift counts as now, the end of trust does not.
    @Test func clockBorders() throws {
        let chain = try Chain(seed: 11, count: 3, changePercent: 0)
        let rules = LightRules.celestia
        let trusted = try TrustedState(chain.blocks[0])
        let untrusted = chain.blocks[2]
        let expiry = trusted.header.time.advanced(
            byNanoseconds: rules.trustingPeriodNanoseconds)
        let earliest = untrusted.header.time.advanced(
            byNanoseconds: -rules.clockDriftNanoseconds)
        for (now, holds) in [
            (expiry, false), (expiry.advanced(byNanoseconds: -1), true), (earliest, true),
            (earliest.advanced(byNanoseconds: -1), false),
        ] {
            do throws(LightFault) {
                _ = try LightVerification.verify(
                    trusted: trusted, untrusted: untrusted, now: now, rules: rules)
                #expect(holds)
            } catch {
                #expect(!holds && [.expired, .fromFuture(untrusted.header.time)].contains(error))
            }
        }
    }

    /// Exactly the trust level is not enough, and exactly two thirds neither.
    @Test func powerBorders() throws {
        let old: [Int: Int64] = [1: 1, 2: 1, 3: 1]
        let first = try ChainExamples.block(on: .none, at: 1000, by: old, next: old)
        let trusted = try TrustedState(first)
        let now = try #require(Timestamp(seconds: 2000))
        for (new, holds) in [([1: 3, 4: 1], false), ([1: 3, 2: 3, 4: 3], true)]
            as [([Int: Int64], Bool)]
        {
            let second = try ChainExamples.block(
                on: .block(first.signedHeader), at: 1001, by: new, next: new)
            let third = try ChainExamples.block(
                on: .block(second.signedHeader), at: 1002, by: new, next: new)
            do throws(LightFault) {
                _ = try LightVerification.verify(
                    trusted: trusted, untrusted: third, now: now, rules: .celestia)
                #expect(holds)
            } catch {
                #expect(!holds && error == .notEnoughTrust(signed: 1, total: 3))
            }
        }
    }

    /// A vote of somebody outside the set makes a commit invalid; missing votes too many as well.
    @Test func strangersAndAbsentees() throws {
        let committee: [Int: Int64] = [1: 1, 2: 1, 3: 1]
        let first = try ChainExamples.block(on: .none, at: 1000, by: committee, next: committee)
        let trusted = try TrustedState(first)
        let now = try #require(Timestamp(seconds: 2000))
        for signers in [[1, 2, 3], [1, 2], [1], []] {
            let second = try ChainExamples.block(
                on: .block(first.signedHeader), at: 1001, by: committee, next: committee,
                signers: signers)
            do throws(LightFault) {
                _ = try LightVerification.verify(
                    trusted: trusted, untrusted: second, now: now, rules: .celestia)
                #expect(signers.count == 3)
            } catch {
                #expect(
                    error
                        == .invalid(.notEnoughPower(signed: Int64(signers.count), total: 3)))
            }
        }
        var second = try ChainExamples.block(
            on: .block(first.signedHeader), at: 1001, by: committee, next: committee)
        let stranger = BlockBuilding.vote(
            for: second.header, round: 1, by: ChainExamples.key(50), at: second.header.time)
        second.signedHeader.commit.signatures.append(stranger)
        #expect(throws: LightFault.invalid(.signerUnknown(try #require(stranger.validatorAddress))))
        {
            try LightVerification.verify(
                trusted: trusted, untrusted: second, now: now, rules: .celestia)
        }
        let double = second.signedHeader.commit.signatures[0]
        second.signedHeader.commit.signatures[3] = double
        #expect(throws: LightFault.invalid(.signerTwice(try #require(double.validatorAddress)))) {
            try LightVerification.verify(
                trusted: trusted, untrusted: second, now: now, rules: .celestia)
        }
    }
}

/// Numbers from a seed (SplitMix64).
struct SeededNumbers {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
