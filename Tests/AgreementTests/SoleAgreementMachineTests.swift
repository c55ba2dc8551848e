// SPDX-License-Identifier: Apache-2.0

import Agreement
import Machinery
import Testing

/// The rhythm of a committee of one.
@Suite struct SoleAgreementMachineTests {
    private typealias Machine = SoleAgreementMachine

    private func run(
        _ machine: inout SoleAgreementMachine, _ event: SoleAgreementMachine.Event, at now: UInt64
    ) -> [String] {
        var effects: [SoleAgreementMachine.Effect] = []
        machine.handle(event, at: Instant(nanoseconds: now * 1_000_000), into: &effects)
        return effects.map(\.description)
    }

    /// Without transactions blocks come by the heartbeat; with them as soon as the interval is over.
    @Test func heartbeatAndDemand() {
        var machine = Machine(intervalMilliseconds: 200, heartbeatMilliseconds: 1_000)
        #expect(run(&machine, .began(height: 0), at: 0) == ["propose 1"])
        #expect(run(&machine, .transactionsWait(true), at: 10) == [])
        #expect(run(&machine, .transactionsWait(false), at: 20) == [])
        #expect(run(&machine, .stored, at: 30) == ["wake at 1000 ms"])
        #expect(run(&machine, .transactionsWait(true), at: 40) == ["wake at 200 ms"])
        #expect(run(&machine, .woke, at: 200) == ["propose 2"])
        #expect(run(&machine, .transactionsWait(false), at: 210) == [])
        #expect(run(&machine, .stored, at: 220) == ["wake at 1200 ms"])
        #expect(run(&machine, .woke, at: 1_200) == ["propose 3"])
        #expect(run(&machine, .stored, at: 1_210) == ["wake at 2200 ms"])
        #expect(run(&machine, .transactionsWait(true), at: 1_900) == ["propose 4"])
    }

    /// A block that could not be stored is tried again at the same height, not at once.
    @Test func failureRepeatsTheHeight() {
        var machine = Machine(intervalMilliseconds: 200, heartbeatMilliseconds: 1_000)
        #expect(run(&machine, .began(height: 8), at: 0) == ["propose 9"])
        #expect(run(&machine, .failed, at: 5) == ["wake at 1000 ms"])
        #expect(run(&machine, .woke, at: 1_000) == ["propose 9"])
    }
}
