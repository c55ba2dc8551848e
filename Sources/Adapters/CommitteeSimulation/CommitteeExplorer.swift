// SPDX-License-Identifier: Apache-2.0

package import Agreement
internal import Bytes
internal import Chain

/// Everything that can happen in the first views of a committee of four, one of them faulty.
///
/// The three honest members are real machines. Messages are never lost and may come in any order or
/// never, timers may end at any moment. What comes one by one are proposals, certificates, and that a
/// leader lets its view pass; single votes lead to nothing but certificates, so that a certificate
/// comes as soon as a quorum could have given it, the faulty member having said everything. It
/// proposes two blocks on each parent that a proposal of its views can have. States are reached
/// breadth first; members who lead nothing count as one another.
package struct CommitteeExplorer {
    /// Where the faulty member stands.
    package enum Faulty: String, CaseIterable, Sendable {
        case firstLeader, secondLeader, follower
    }

    /// What came of it.
    package struct Report: Sendable {
        /// States of all three together that were reached.
        package let states: Int
        /// Steps from one to another.
        package let steps: Int
        /// States of one member that were reached.
        package let memberStates: Int
        /// Whether nothing is left to reach.
        package let isExhausted: Bool
        /// States in which some block can be final.
        package let finalStates: Int
        /// What must never happen and can, the first few.
        package let violations: [String]
    }

    var locals: ExploredMembers
    private var violations: [String] = []
    private var reached: Set<UInt64> = []
    private var steps = 0
    private var finalStates = 0

    /// Nothing is explored yet.
    package init(faulty: Faulty, views: UInt64, mutant: AgreementMutant? = nil) {
        locals = ExploredMembers(faulty: faulty, views: views, mutant: mutant)
    }

    /// Explores until nothing new is reached, something forbidden is, or so many states are.
    package mutating func run(statesMax: Int) -> Report {
        let begin = Self.pack(locals.roles.map { locals.first(of: $0) }, locals.roles)
        reached = [begin]
        var frontier = [begin]
        var isExhausted = true
        while !frontier.isEmpty, violations.isEmpty {
            var next: [UInt64] = []
            for state in frontier {
                expand(state, into: &next)
                if reached.count > statesMax || !violations.isEmpty { break }
            }
            if reached.count > statesMax {
                isExhausted = false
                break
            }
            frontier = next
        }
        return Report(
            states: reached.count, steps: steps, memberStates: locals.count,
            isExhausted: isExhausted && violations.isEmpty, finalStates: finalStates,
            violations: violations)
    }

    private mutating func expand(_ state: UInt64, into next: inout [UInt64]) {
        let members = Self.unpack(state)
        let said = members.map { locals.said(by: $0) }
        let common = (said[0] & said[1]) | (said[0] & said[2]) | (said[1] & said[2])
        let any = said[0] | said[1] | said[2]
        judge(common)
        let actions = locals.actions(certified: common, said: any)
        for place in 0..<3 {
            for action in actions {
                let after = locals.step(members[place], action, role: locals.roles[place])
                guard after != members[place] else { continue }
                steps += 1
                if let fault = locals.fault(of: after) { violations.append(fault) }
                var changed = members
                changed[place] = after
                let packed = Self.pack(changed, locals.roles)
                if reached.insert(packed).inserted { next.append(packed) }
            }
        }
    }

    /// I1: no two blocks of which neither stands on the other can both be final.
    private mutating func judge(_ certified: UInt64) {
        let final = locals.finalBlocks(certified)
        if !final.isEmpty { finalStates += 1 }
        for (index, one) in final.enumerated() {
            for other in final.dropFirst(index + 1) where locals.conflict(one, other) {
                violations.append("I1: \(one) and \(other) can both be final")
            }
        }
    }

    /// Those of one role in order, so that who is who does not count.
    private static func pack(_ members: [Int], _ roles: [ExploredMembers.Role]) -> UInt64 {
        let leaders = zip(members, roles).filter { $0.1 != .follower }.map(\.0)
        let followers = zip(members, roles).filter { $0.1 == .follower }.map(\.0).sorted()
        return (leaders + followers).reduce(0) { $0 << 20 | UInt64($1) }
    }

    private static func unpack(_ state: UInt64) -> [Int] {
        [Int(state >> 40), Int(state >> 20 & 0xFFFFF), Int(state & 0xFFFFF)]
    }
}
