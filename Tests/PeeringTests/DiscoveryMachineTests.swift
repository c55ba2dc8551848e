// SPDX-License-Identifier: Apache-2.0

import Machinery
import Peering
import Testing

/// When a node advertises itself and when it looks for others.
@Suite struct DiscoveryMachineTests {
    private static let start = Instant(nanoseconds: 1_700_000_000_000_000_000)
    private static let hour: UInt64 = 3_600_000

    /// Nothing is done before a server is known; then both topics are advertised, and again every
    /// hour, sooner when nobody was told.
    @Test func advertising() {
        var machine = DiscoveryMachine(advertising: [.full, .archival], wanting: nil)
        func tell(_ event: DiscoveryMachine.Event, _ after: UInt64) -> [DiscoveryMachine.Effect] {
            var effects: [DiscoveryMachine.Effect] = []
            machine.handle(
                event, at: Self.start.advanced(byMilliseconds: after), into: &effects)
            return effects.filter { if case .wake = $0 { false } else { true } }
        }
        #expect(tell(.woke, 0).isEmpty)
        #expect(tell(.standing(connected: 0, servers: 0), 1).isEmpty)
        #expect(
            tell(.standing(connected: 0, servers: 1), 2)
                == [.advertise(.full), .advertise(.archival)])
        #expect(tell(.woke, 3).isEmpty)
        #expect(tell(.advertised(.full, told: 20), 10).isEmpty)
        #expect(tell(.advertised(.archival, told: 0), 10).isEmpty)
        #expect(tell(.woke, 30_009).isEmpty)
        #expect(tell(.woke, 30_010) == [.advertise(.archival)])
        #expect(tell(.advertised(.archival, told: 3), 30_020).isEmpty)
        #expect(tell(.woke, Self.hour + 9).isEmpty)
        #expect(tell(.woke, Self.hour + 10) == [.advertise(.full)])
    }

    /// More than usual are searched for once, at any time, and only so many handed out.
    @Test func moreAreWanted() {
        var machine = DiscoveryMachine(advertising: [], wanting: .full)
        func tell(_ event: DiscoveryMachine.Event, _ after: UInt64) -> [DiscoveryMachine.Effect] {
            var effects: [DiscoveryMachine.Effect] = []
            machine.handle(
                event, at: Self.start.advanced(byMilliseconds: after), into: &effects)
            return effects.filter { if case .wake = $0 { false } else { true } }
        }
        let peers = (0..<5).map { index in
            KademliaMessage.Peer(
                KademliaMessageTests.peer(index), [KademliaMessageTests.address(index)])
        }
        let connect = peers.map {
            DiscoveryMachine.Effect.connect($0.identifier, $0.addresses)
        }
        #expect(tell(.standing(connected: 5, servers: 9), 0).isEmpty)
        #expect(tell(.wants(more: 3), 1) == [.search(.full, wanted: 20)])
        #expect(tell(.wants(more: 3), 2).isEmpty)
        #expect(tell(.found(.full, peers), 500) == Array(connect.prefix(3)))
        #expect(tell(.woke, 90_000).isEmpty)
        #expect(tell(.wants(more: 11), 90_001) == [.search(.full, wanted: 44)])
        #expect(tell(.found(.full, peers), 90_500) == Array(connect.suffix(2)))
    }

    /// While fewer than five are connected they are searched for; who was found is handed out once
    /// in ten minutes.
    @Test func searching() {
        var machine = DiscoveryMachine(advertising: [], wanting: .full)
        func tell(_ event: DiscoveryMachine.Event, _ after: UInt64) -> [DiscoveryMachine.Effect] {
            var effects: [DiscoveryMachine.Effect] = []
            machine.handle(
                event, at: Self.start.advanced(byMilliseconds: after), into: &effects)
            return effects.filter { if case .wake = $0 { false } else { true } }
        }
        let peers = (0..<3).map { index in
            KademliaMessage.Peer(
                KademliaMessageTests.peer(index), [KademliaMessageTests.address(index)])
        }
        let connect = peers.map {
            DiscoveryMachine.Effect.connect($0.identifier, $0.addresses)
        }
        #expect(tell(.standing(connected: 4, servers: 9), 0) == [.search(.full, wanted: 20)])
        #expect(tell(.woke, 60_000).isEmpty)
        #expect(tell(.found(.full, Array(peers.prefix(2))), 60_000) == Array(connect.prefix(2)))
        #expect(tell(.woke, 89_999).isEmpty)
        #expect(tell(.woke, 90_000) == [.search(.full, wanted: 20)])
        #expect(tell(.found(.full, peers), 90_000) == [connect[2]])
        #expect(tell(.standing(connected: 5, servers: 9), 100_000).isEmpty)
        #expect(tell(.woke, 200_000).isEmpty)
        #expect(
            tell(.standing(connected: 4, servers: 9), 700_000) == [.search(.full, wanted: 20)])
        #expect(tell(.found(.full, peers), 700_000) == connect)
        // A topic that was not asked for is not believed.
        #expect(tell(.found(.archival, peers), 2_000_000) == [.search(.full, wanted: 20)])
    }
}
