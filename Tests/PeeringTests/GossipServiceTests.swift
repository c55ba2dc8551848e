// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Gossip over real sessions: streams, frames, queues.
@Suite struct GossipServiceTests {
    /// A chain of hosts passes a message from one end to the other.
    @Test func aMessageCrossesHosts() {
        var hosts = GossipHosts(count: 4)
        for index in 0..<3 { hosts.network.dial(index, index + 1) }
        hosts.run(milliseconds: 500)
        #expect(hosts.mesh(1) == [hosts.network.peer(0), hosts.network.peer(2)].sorted())
        hosts.publish([1, 2, 3], by: 0)
        let large = [UInt8](repeating: 9, count: 700_000)
        hosts.run(milliseconds: 500)
        hosts.publish(large, by: 3)
        hosts.run(milliseconds: 2_000)
        #expect(hosts.heard[3] == [[1, 2, 3]])
        #expect(hosts.heard[2] == [[1, 2, 3], large])
        #expect(hosts.heard[0] == [large])
        // Who leaves is forgotten.
        hosts.network.cut(3)
        hosts.run(milliseconds: 100)
        #expect(hosts.mesh(2) == [hosts.network.peer(1)])
        #expect(hosts.services[2].machine.subscribers(of: GossipHosts.topic).count == 1)
    }

    /// The best protocol that both speak is taken, and none when there is none.
    @Test func protocolsAreAgreedOn() {
        var hosts = GossipHosts(count: 3) { index in
            [[.meshDontWant, .mesh], [.mesh], [.flood]][index]
        }
        hosts.network.dial(0, 1)
        hosts.network.dial(0, 2)
        hosts.run(milliseconds: 1_500)
        #expect(hosts.mesh(0) == [hosts.network.peer(1)])
        hosts.publish([1], by: 0)
        hosts.run(milliseconds: 300)
        #expect(hosts.heard == [[], [[1]], []])
    }

    /// Opens a gossip stream by hand from host 1, which has no gossip of its own, to host 0.
    private func intruder() throws -> (GossipHosts, StreamNumber) {
        var hosts = GossipHosts(count: 2, silent: [1])
        hosts.network.change(1) { host, _ in
            host.serveStreams(GossipProtocol.mesh.rawValue, streamsPerPeer: 2)
        }
        hosts.network.dial(1, 0)
        hosts.run(milliseconds: 300)
        let peer = hosts.network.peer(0)
        let stream = try hosts.network.change(1) { host, now in
            try host.openStream(GossipProtocol.mesh.rawValue, to: peer, at: now)
        }
        return (hosts, stream)
    }

    private func write(_ bytes: [UInt8], on stream: StreamNumber, _ hosts: inout GossipHosts) {
        hosts.network.change(1) { host, _ in host.write(bytes, on: stream) }
        hosts.run(milliseconds: 200)
    }

    private func framed(_ rpc: GossipRPC) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: rpc.encode())
        return bytes
    }

    /// RPCs are read whatever pieces they come in; the first one this side writes is its wishes.
    @Test func piecesOfRPCs() throws {
        var (hosts, stream) = try intruder()
        let hello = hosts.others[1].compactMap { notice -> ArraySlice<UInt8>? in
            guard case .streamReceived(_, let bytes) = notice else { return nil }
            return bytes
        }.first
        var wishes = GossipRPC()
        wishes.subscriptions = [.init(GossipHosts.topic, isWanted: true)]
        #expect(hello.map { Array($0) } == framed(wishes))
        var bytes: [UInt8] = []
        for index in 0..<5 {
            var rpc = wishes
            rpc.messages = [
                GossipMessage(
                    topic: GossipHosts.topic, data: [UInt8](repeating: UInt8(index), count: 500),
                    sequence: UInt64(index), signedBy: HostNetwork.key(1))
            ]
            bytes += framed(rpc)
        }
        for (index, size) in [1, 2, 700, 1_300, 9_999].enumerated() {
            write(Array(bytes.prefix(size)), on: stream, &hosts)
            bytes = Array(bytes.dropFirst(size))
            #expect((hosts.services[0].incompleteBytes == 0) == (index == 4))
        }
        #expect(hosts.heard[0].map(\.first) == [0, 1, 2, 3, 4])
    }

    /// What is no RPC ends its stream and counts against its sender.
    @Test func nonsense() throws {
        for bytes: [UInt8] in [
            [0x81, 0x80, 0x40], [0xff, 0xff, 0xff, 0xff, 0x01], [3, 0x12, 5, 0], [2, 0x0b, 0],
        ] {
            var (hosts, stream) = try intruder()
            write(bytes, on: stream, &hosts)
            let end = hosts.others[1].contains {
                if case .streamEnded(stream, .reset(.violation)) = $0 { true } else { false }
            }
            #expect(end, "\(bytes)")
            #expect(hosts.services[0].incompleteBytes == 0)
            for _ in 0..<7 {
                let peer = hosts.network.peer(0)
                let again = try hosts.network.change(1) { host, now in
                    try host.openStream(GossipProtocol.mesh.rawValue, to: peer, at: now)
                }
                write(bytes, on: again, &hosts)
            }
            #expect(hosts.services[0].machine.score(of: hosts.network.peer(1)) < 0)
        }
    }

    /// Data on a stream that only this side writes to ends it; it is opened three times in all.
    @Test func answersWhereNoneBelong() throws {
        var (hosts, _) = try intruder()
        var opened = 0
        for _ in 0..<6 {
            let streams = hosts.others[1].compactMap { notice -> StreamNumber? in
                if case .streamOpened(let stream, _, _) = notice { stream } else { nil }
            }
            if streams.count == opened { break }
            opened = streams.count
            write([1, 0], on: streams[opened - 1], &hosts)
            hosts.run(milliseconds: 2_000)
        }
        #expect(opened == GossipLimits.openings)
    }

    /// A stream that lasted a minute before it ended does not count among the attempts.
    @Test func longStreamsAreOpenedAgain() throws {
        var (hosts, _) = try intruder()
        for round in 1...6 {
            let streams = hosts.others[1].compactMap { notice -> StreamNumber? in
                if case .streamOpened(let stream, _, _) = notice { stream } else { nil }
            }
            #expect(streams.count == round)
            hosts.run(milliseconds: 61_000)
            let last = try #require(streams.last)
            hosts.network.change(1) { host, _ in host.reset(last, code: .none) }
            hosts.run(milliseconds: 2_000)
        }
    }

    /// A second stream of a peer replaces its first; half an RPC is forgotten with its stream.
    @Test func aSecondStream() throws {
        var (hosts, stream) = try intruder()
        write([200, 1, 2, 3], on: stream, &hosts)
        #expect(hosts.services[0].incompleteBytes == 4)
        let peer = hosts.network.peer(0)
        let second = try hosts.network.change(1) { host, now in
            try host.openStream(GossipProtocol.mesh.rawValue, to: peer, at: now)
        }
        write([200, 1], on: second, &hosts)
        #expect(hosts.services[0].incompleteBytes == 2)
        let isEnded = hosts.others[1].contains {
            if case .streamEnded(stream, _) = $0 { true } else { false }
        }
        #expect(isEnded)
        hosts.network.change(1) { host, _ in host.finish(second) }
        hosts.run(milliseconds: 100)
        #expect(hosts.services[0].incompleteBytes == 0)
    }

    /// RPCs that never become whole hold no more than their limit, all peers together.
    @Test func incompleteRPCs() throws {
        var (hosts, stream) = try intruder()
        hosts.change(0) { service, _, _, _ in service.incompleteLimit = 50_000 }
        var bytes: [UInt8] = [0x80, 0x80, 0x40]
        bytes += [UInt8](repeating: 0, count: 49_000)
        write(bytes, on: stream, &hosts)
        #expect(hosts.services[0].incompleteBytes == 49_003)
        write([UInt8](repeating: 0, count: 1_000), on: stream, &hosts)
        #expect(hosts.services[0].incompleteBytes == 0)
        let isEnded = hosts.others[1].contains {
            if case .streamEnded(stream, .reset(.resourceLimit)) = $0 { true } else { false }
        }
        #expect(isEnded)
    }

    /// A peer that does not read loses gossip first, then messages; the queue has an end.
    @Test func aPeerThatDoesNotRead() throws {
        var (hosts, stream) = try intruder()
        var wishes = GossipRPC()
        wishes.subscriptions = [.init(GossipHosts.topic, isWanted: true)]
        wishes.control.grafts = [GossipHosts.topic]
        write(framed(wishes), on: stream, &hosts)
        // Host 1 gives nothing back, so that 256 KiB fill its window; then the queue here grows.
        let queued = { (hosts: GossipHosts) -> Int in
            let service = hosts.services[0]
            return service.queuedBytes(to: hosts.network.peer(1), on: hosts.network.hosts[0])
        }
        for index in 0..<20 {
            hosts.publish([UInt8](repeating: UInt8(index), count: 50_000), by: 0)
            hosts.run(milliseconds: 50)
            #expect(queued(hosts) <= GossipLimits.queueBytes)
        }
        #expect(queued(hosts) > GossipLimits.queueGossipBytes)
        let dropped = hosts.services[0].droppedCount
        #expect(dropped >= 9)
        // An IHAVE of it would be answered by IWANT, which is left out now.
        var have = GossipRPC()
        have.control.haves = [.init(topic: GossipHosts.topic, ids: [[1]])]
        write(framed(have), on: stream, &hosts)
        #expect(hosts.services[0].droppedCount == dropped + 1)
        // What it must hear still goes, until even that has no room: then the stream is given up.
        var rounds = 0
        while queued(hosts) > 0, rounds < 10_000 {
            hosts.change(0) { service, host, now, outcomes in
                service.leave(GossipHosts.topic, on: &host, at: now, into: &outcomes)
                service.join(GossipHosts.topic, on: &host, at: now, into: &outcomes)
            }
            #expect(
                queued(hosts) <= GossipLimits.queueBytes + GossipLimits.queueGossipBytes)
            rounds += 1
        }
        #expect((2...9_999).contains(rounds))
        hosts.run(milliseconds: 100)
        let isGivenUp = hosts.others[1].contains {
            if case .streamEnded(_, .reset(.resourceLimit)) = $0 { true } else { false }
        }
        #expect(isGivenUp)
    }
}
