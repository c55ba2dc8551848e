// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import EventLoop
internal import Machinery
internal import Peering

/// Checks of gossip against a peer that takes part in the test topic.
extension PeerTestClient {
    /// Runs a check of gossip; nil when there is none of that name.
    func runGossip(_ name: String, against address: Multiaddress, count: Int) -> Bool? {
        switch name {
        case "gossip-pub": publish(count)
        case "gossip-sub": hear(count)
        case "gossip-both": relay(count, through: address)
        default: nil
        }
    }

    private func waitForMesh() -> Bool {
        guard let peer else { return false }
        return wait { self.node.isSubscribed(peer) } && pause(1_500)
    }

    private func pause(_ milliseconds: UInt64) -> Bool {
        let end = eventLoop.monotonicNanoseconds + milliseconds * 1_000_000
        return wait { self.eventLoop.monotonicNanoseconds >= end }
    }

    /// Publishes; the peer's own log tells what arrived.
    private func publish(_ count: Int) -> Bool {
        guard waitForMesh() else { return fail("the peer does not want the topic") }
        for index in 0..<count {
            node.publish(Array("interop \(index)".utf8))
            guard pause(20) else { return fail("interrupted") }
        }
        return pause(1_000) || fail("interrupted")
    }

    /// Hears so many messages that the peer publishes.
    private func hear(_ count: Int) -> Bool {
        var heard = 0
        let peer = peer
        node.onMessage = { if $0.author == peer { heard += 1 } }
        return wait { heard >= count } || fail("heard \(heard) of \(count)")
    }

    /// A second client, connected to the peer alone, hears what the first publishes.
    private func relay(_ count: Int, through address: Multiaddress) -> Bool {
        guard waitForMesh() else { return fail("the peer does not want the topic") }
        let other: PeerTestClient
        do throws(LoopFailure) {
            guard let seed = Bytes32(random.bytes(32)) else { return false }
            other = try PeerTestClient(seed: seed, on: eventLoop)
        } catch {
            return fail("\(error)")
        }
        guard other.run("ping", against: address, count: 1), other.waitForMesh() else {
            return fail("the second client: \(other.report)")
        }
        var wanted = Set((0..<count).map { "relay \($0)" })
        other.node.onMessage = { wanted.remove(String(decoding: $0.data, as: UTF8.self)) }
        for index in 0..<count {
            node.publish(Array("relay \(index)".utf8))
            guard pause(50) else { return fail("interrupted") }
        }
        let isRelayed = wait { wanted.isEmpty }
        other.node.transport.close()
        return isRelayed || fail("\(wanted.count) of \(count) did not arrive")
    }
}
