// SPDX-License-Identifier: Apache-2.0

import Ledger
import Machinery
import Peering
import Roles
import Simulation
import Testing

/// A light node whose peers say nothing finds others that do.
@Suite struct SurroundedTests {
    /// Five storage nodes answer everything but samples, and are all that the light node knows; one
    /// of them names the others.
    private func surrounded(
        seed: UInt64, silent: Int, honest: Int, manner: ServingMisbehavior.Manner
    ) throws -> Story {
        var names: [Multiaddress] = []
        return try Story(seed: seed, storageCount: silent + honest) { configuration, number in
            configuration.discovery = .devnet
            switch configuration.kind {
            case .storage:
                // As the scenario numbers them: the validator is the first.
                let address = IPAddress(bytes: [10, 0, 0, UInt8(2 + number)])
                configuration.listenAddresses =
                    address.map {
                        [Multiaddress(SocketAddress(ip: $0, port: 2_121))]
                    } ?? []
                if number < silent {
                    configuration.servingMisbehavior = ServingMisbehavior(manner)
                }
            case .light: names = Array(configuration.bootstrap.prefix(silent))
            default: break
            }
            if configuration.kind == .light { configuration.bootstrap = names }
        }
    }

    /// Every verdict of a light node is that the block is available, and it comes in time.
    @Test(arguments: [ServingMisbehavior.Manner.silence, .withhold])
    func strangersHelp(manner: ServingMisbehavior.Manner) throws {
        var story = try surrounded(seed: 70, silent: 5, honest: 4, manner: manner)
        let light = story.scenario.light[0]
        _ = story.run(26_000) { _ in false }
        var available: Set<UInt64> = []
        for (node, observation) in story.scenario.world.observations where node == light {
            guard case .sampled(let height, let isAvailable, _) = observation else { continue }
            #expect(isAvailable, "height \(height)")
            available.insert(height)
        }
        let head = Story.head(of: light, in: story.scenario.world)
        #expect(head >= 20 && available.count + 4 >= head, "\(available.count) of \(head)")
    }
}
