// SPDX-License-Identifier: Apache-2.0

import Machinery
import Syncing
import Testing

/// Strangers with ever new identities cannot make a node's memory grow.
@Suite struct LiarListTests {
    @Test func remembersTheNewest() {
        var liars = LiarList()
        for number in 0..<LiarList.limit {
            let isNew = liars.insert(Peer("\(number)"))
            #expect(isNew)
        }
        let isNewAgain = liars.insert(Peer("0"))
        let isMoreNew = liars.insert(Peer("one more"))
        #expect(!isNewAgain && isMoreNew)
        #expect(liars.count == LiarList.limit)
        #expect(!liars.contains(Peer("0")))
        #expect(liars.contains(Peer("1")) && liars.contains(Peer("one more")))
    }

    /// The machine that fetches squares penalises each liar once and remembers no more than that.
    @Test func squareSyncForgetsTheOldest() {
        var machine = SquareSyncMachine()
        let now = TestChain.moment(0)
        var effects: [SquareSyncMachine.Effect] = []
        let lies = LiarList.limit + 500
        for number in 0..<lies {
            machine.handle(.lied(1, by: Peer("\(number)")), at: now, into: &effects)
        }
        machine.handle(.lied(1, by: Peer("\(lies - 1)")), at: now, into: &effects)
        let penalties = effects.count { if case .penalize = $0 { true } else { false } }
        #expect(penalties == lies)
        #expect(machine.liarCount == LiarList.limit)
    }
}
