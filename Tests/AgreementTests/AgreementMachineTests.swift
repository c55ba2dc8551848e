// SPDX-License-Identifier: Apache-2.0

import Agreement
import TestSupport
import Testing

/// One member's part, told as scripts; whole committees are in CommitteeSimulationTests.
@Suite struct AgreementMachineTests {
    /// Each story's effects are exactly those of its script.
    @Test(
        arguments: [
            "agreement-block", "agreement-silent-leader", "agreement-refused-square",
            "agreement-two-proposals", "agreement-two-votes", "agreement-forged-vote",
            "agreement-restart",
        ])
    func script(name: String) throws {
        var bench = try AgreementBench()
        try GoldenScript(name).run { try bench.perform($0) }
    }
}
