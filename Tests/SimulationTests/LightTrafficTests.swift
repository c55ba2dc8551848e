// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

/// What following full blocks costs a light node.
@Suite struct LightTrafficTests {
    /// With 100 validators a block costs at most 64 KiB at every width, and less than before.
    @Test(arguments: [64, 128, 256])
    func oneBlockFitsIn64KiB(width: Int) throws {
        var traffic = try LightTraffic(width: width, validators: 100)
        let before = try traffic.measure(.foreign)
        let after = try traffic.measure(.ours)
        let renewed = try traffic.measure(.oursNewSet)
        print("k \(width): before \(before), after \(after), with a new set \(renewed)")
        #expect(after.total <= 65_536)
        #expect(renewed.total <= 65_536)
        #expect(after.total < before.total)
        #expect(after.total < renewed.total)
    }
}
