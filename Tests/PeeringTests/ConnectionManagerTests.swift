// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Who stays connected, and how those that are wanted are dialled.
@Suite struct ConnectionManagerTests {
    private final class Host {
        var manager: ConnectionManager
        var now = Instant(nanoseconds: 1_700_000_000_000_000_000)

        init(manager: ConnectionManager) { self.manager = manager }

        func tell(_ event: ConnectionManager.Event) -> [ConnectionManager.Effect] {
            var effects: [ConnectionManager.Effect] = []
            manager.handle(event, at: now, into: &effects)
            return effects
        }

        func pass(_ milliseconds: UInt64) {
            now = now.advanced(byMilliseconds: milliseconds)
        }

        func connect(
            _ index: Int, score: Int = 0, isStorage: Bool = false, isProtected: Bool = false
        ) -> [ConnectionManager.Effect] {
            var standing = ConnectionManager.Standing()
            standing.score = score
            standing.isStorage = isStorage
            standing.isProtected = isProtected
            let peer = KademliaMessageTests.peer(index)
            return tell(.connected(peer)) + tell(.standing(peer, standing))
        }
    }

    private static func host(low: Int, high: Int) -> Host {
        var limits = ConnectionLimits.light
        limits.low = low
        limits.high = high
        limits.storageKept = 2
        return Host(manager: ConnectionManager(limits))
    }

    private static func hungUp(_ effects: [ConnectionManager.Effect]) -> [PeerIdentifier] {
        effects.compactMap { if case .hangUp(let peer) = $0 { peer } else { nil } }
    }

    /// Above the high mark the least useful go until the low mark, but nobody protected, nobody new,
    /// and not the last storage nodes.
    @Test func trimming() {
        let host = Self.host(low: 4, high: 8)
        for index in 0..<8 {
            let effects = host.connect(
                index, score: index % 4, isStorage: index == 0 || index == 4,
                isProtected: index == 1)
            #expect(Self.hungUp(effects).isEmpty)
            host.pass(1)
        }
        host.pass(59_991)
        #expect(Self.hungUp(host.connect(8)).isEmpty)
        host.pass(9)
        // Left alone: 8 is new, 1 is protected, 0 and 4 are the last two storage nodes.
        let effects = host.tell(.woke)
        let expected = [5, 6, 2, 7, 3].map { KademliaMessageTests.peer($0) }
        #expect(Self.hungUp(effects) == expected)
        #expect(host.manager.openCount == 4)
    }

    /// With all connections new none goes, and the manager asks to be woken.
    @Test func graceIsWaitedFor() {
        let host = Self.host(low: 1, high: 2)
        _ = host.connect(0)
        _ = host.connect(1)
        let effects = host.connect(2)
        #expect(effects.contains(.wake(at: host.now.advanced(byMilliseconds: 60_000))))
        host.pass(60_000)
        #expect(Self.hungUp(host.tell(.woke)).count == 2)
    }

    /// A peer is dialled at each of its addresses in turn, then left alone for ever longer.
    @Test func dialling() {
        let host = Self.host(low: 4, high: 8)
        let peer = KademliaMessageTests.peer(0)
        let places = [KademliaMessageTests.address(0), KademliaMessageTests.address(1)]
        #expect(host.tell(.wanted(peer, places)) == [.dial(peer, places[0])])
        #expect(host.tell(.wanted(peer, places)) == [])
        #expect(host.tell(.dialFailed(peer)) == [.dial(peer, places[1])])
        #expect(host.tell(.dialFailed(peer)) == [.unreachable(peer)])
        var pause: UInt64 = 5_000
        for _ in 0..<12 {
            #expect(host.tell(.wanted(peer, places)) == [.unreachable(peer)])
            host.pass(min(pause, 3_600_000) - 1)
            #expect(host.tell(.wanted(peer, places)) == [.unreachable(peer)])
            host.pass(1)
            #expect(host.tell(.wanted(peer, places)) == [.dial(peer, places[0])])
            _ = host.tell(.dialFailed(peer))
            #expect(host.tell(.dialFailed(peer)) == [.unreachable(peer)])
            pause *= 2
        }
        host.pass(3_600_000)
        _ = host.tell(.wanted(peer, places))
        _ = host.tell(.connected(peer))
        _ = host.tell(.disconnected(peer))
        #expect(host.tell(.wanted(peer, places)) == [.dial(peer, places[0])])
    }

    /// A peer that was connected for a while is tried again every second for half a minute, every three
    /// for ten, then as any other.
    @Test func thoseThatWereThereAreTriedSoon() {
        let limits = ConnectionLimits()
        let host = Self.host(low: 4, high: 8)
        let peer = KademliaMessageTests.peer(0)
        let places = [KademliaMessageTests.address(0)]
        _ = host.tell(.connected(peer))
        host.pass(limits.returnAfterMilliseconds)
        _ = host.tell(.disconnected(peer))
        for attempt in 0...limits.returnAttempts + limits.lastingAttempts {
            #expect(host.tell(.wanted(peer, places)) == [.dial(peer, places[0])])
            #expect(host.tell(.dialFailed(peer)) == [.unreachable(peer)])
            if attempt < limits.returnAttempts {
                host.pass(limits.returnMilliseconds)
            } else if attempt < limits.returnAttempts + limits.lastingAttempts {
                host.pass(limits.lastingMilliseconds - 1)
                #expect(host.tell(.wanted(peer, places)) == [.unreachable(peer)])
                host.pass(1)
            }
        }
        host.pass(limits.backoffMilliseconds - 1)
        #expect(host.tell(.wanted(peer, places)) == [.unreachable(peer)])
        host.pass(1)
        #expect(host.tell(.wanted(peer, places)) == [.dial(peer, places[0])])
    }

    /// Sixteen peers are dialled at once, a thousand wait, more are refused.
    @Test func queueHasAnEnd() {
        let host = Self.host(low: 4, high: 8)
        var dialled = 0
        var refused = 0
        for index in 0..<1_100 {
            for effect in host.tell(
                .wanted(KademliaMessageTests.peer(index), [KademliaMessageTests.address(index)]))
            {
                if case .dial = effect { dialled += 1 }
                if case .unreachable = effect { refused += 1 }
            }
        }
        #expect(dialled == 16 && refused == 1_100 - 16 - 1_024)
        let next = host.tell(.dialFailed(KademliaMessageTests.peer(0)))
        #expect(
            next == [
                .unreachable(KademliaMessageTests.peer(0)),
                .dial(KademliaMessageTests.peer(16), KademliaMessageTests.address(16)),
            ])
    }
}
