// SPDX-License-Identifier: Apache-2.0

import Agreement
import Bytes
import Chain
import Cryptography
import TestSupport
import Testing

/// Who leads when.
@Suite struct LeaderScheduleTests {
    static func set(_ powers: [Int]) throws -> ValidatorSet {
        // Equal powers are ordered by address; ascending keys would not be, so places are what counts.
        try ValidatorSet(
            powers.enumerated().map { index, power in
                Validator(
                    key: .ed25519(Ed25519PublicKey(Bytes32(repeating: UInt8(index + 1)))),
                    votingPower: Int64(power))
            })
    }

    /// The orders that another program computed from the chapter.
    @Test func leadersVectors() throws {
        var count = 0
        for test in try Vectors.family("agreement").cases
        where try test["op"].string == "leaders" {
            count += 1
            let powers = try test["powers"].array.map { try $0.integer }
            let seed = try #require(Bytes32(try test["seed"].hex))
            var schedule = LeaderSchedule(try Self.set(powers), seed: seed)
            for (index, leader) in try test["leaders"].array.enumerated() {
                let view = try #require(View(UInt64(index + 1)))
                #expect(schedule.leader(of: view) == (try leader.integer), "\(test.path) \(index)")
            }
        }
        #expect(Vectors.isWhole(count, own: 4))
    }

    /// In as many views as there is power everybody leads as often as its power says.
    @Test(arguments: [[1, 1, 1, 1], [5, 3, 2, 1], [100, 10, 10, 1, 1], [1]])
    func everyRoundIsFair(powers: [Int]) throws {
        let total = powers.reduce(0, +)
        for byte in UInt8(0)..<8 {
            var schedule = LeaderSchedule(try Self.set(powers), seed: Bytes32(repeating: byte))
            var counts = [Int](repeating: 0, count: powers.count)
            for view in 1...UInt64(total) {
                let leader = schedule.leader(of: try #require(View(view)))
                counts[try #require(leader)] += 1
            }
            #expect(counts == powers.sorted(by: >))
        }
    }

    /// Old views are forgotten, and nobody leads the view that an epoch stands on.
    @Test func memoryIsBounded() throws {
        var schedule = LeaderSchedule(try Self.set([1, 1, 1]), seed: Bytes32())
        #expect(schedule.leader(of: .base) == nil)
        let first = schedule.leader(of: .first)
        #expect(first != nil)
        let late = try #require(View(LeaderSchedule.memory))
        #expect(schedule.leader(of: late) != nil)
        #expect(schedule.leader(of: .first) == first)
        #expect(schedule.leader(of: late.next) != nil)
        #expect(schedule.leader(of: .first) == nil)
        #expect(schedule.leader(of: late) != nil)
    }
}
