// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Messages of any length, both ways, over streams that stay; and what strangers may do to them.
@Suite struct MessageChannelTests {
    static let name = "/test/channel/v1"

    /// Hosts with a channel each, joined by pipes; those in `silent` are played by the test.
    struct Hosts {
        var network: HostNetwork
        var channels: [MessageChannel]
        var events: [[MessageChannelEvent]]
        var others: [[PeerNotice]]
        let silent: Set<Int>

        init(count: Int, silent: Set<Int> = [], limits: MessageChannelLimits = Self.limits) {
            network = HostNetwork(count: count)
            channels = Array(
                repeating: MessageChannel(MessageChannelTests.name, limits: limits), count: count)
            events = Array(repeating: [], count: count)
            others = Array(repeating: [], count: count)
            self.silent = silent
            for index in 0..<count {
                network.change(index) { host, _ in
                    host.serveStreams(MessageChannelTests.name, streamsPerPeer: 2)
                }
            }
        }

        static let limits = MessageChannelLimits(
            messageBytes: 1 << 20, queueBytes: 2 << 20, incompleteBytes: 4 << 20)

        mutating func run(milliseconds: UInt64) {
            for _ in 0..<milliseconds / 10 {
                network.run(milliseconds: 10)
                for index in network.hosts.indices {
                    let notices = network.take(index)
                    if silent.contains(index) {
                        others[index] += notices
                        continue
                    }
                    var channel = channels[index]
                    var heard = events[index]
                    network.change(index) { host, now in
                        for notice in notices {
                            channel.handle(notice, on: &host, at: now, into: &heard)
                        }
                        _ = channel.wake(on: &host, at: now)
                    }
                    channels[index] = channel
                    events[index] = heard
                }
            }
        }

        mutating func send(_ message: [UInt8], from: Int, to: Int) -> Bool {
            var channel = channels[from]
            let peer = network.peer(to)
            let isTaken = network.change(from) { host, _ in
                channel.send(message, to: peer, on: &host)
            }
            channels[from] = channel
            return isTaken
        }

        func messages(_ index: Int) -> [[UInt8]] {
            events[index].compactMap { if case .message(_, let bytes) = $0 { bytes } else { nil } }
        }

        /// Opens a stream by hand from a silent host.
        mutating func intrude(from: Int, to: Int) throws -> StreamNumber {
            let peer = network.peer(to)
            return try network.change(from) { host, now in
                try host.openStream(MessageChannelTests.name, to: peer, at: now)
            }
        }

        mutating func write(_ bytes: [UInt8], on stream: StreamNumber, by index: Int) {
            network.change(index) { host, _ in host.write(bytes, on: stream) }
            run(milliseconds: 300)
        }

        func isReset(_ stream: StreamNumber, _ code: ResetCode, seenBy index: Int) -> Bool {
            others[index].contains {
                if case .streamEnded(stream, .reset(code)) = $0 { true } else { false }
            }
        }
    }

    /// Messages go both ways, whole and in order, the empty and the longest one too.
    @Test func bothWays() {
        var hosts = Hosts(count: 3)
        hosts.network.dial(0, 1)
        hosts.network.dial(2, 1)
        hosts.run(milliseconds: 500)
        #expect(hosts.channels[1].peers == [0, 2].map { hosts.network.peer($0) }.sorted())
        let large = [UInt8](repeating: 7, count: 1 << 20)
        let taken = [
            hosts.send([], from: 0, to: 1), hosts.send(large, from: 0, to: 1),
            hosts.send([1, 2], from: 1, to: 2), hosts.send([3], from: 0, to: 2),
        ]
        #expect(taken == [true, true, true, false])
        hosts.run(milliseconds: 2_000)
        #expect(hosts.messages(1) == [[], large])
        #expect(hosts.messages(2) == [[1, 2]])
        #expect(hosts.channels.allSatisfy { $0.incompleteBytes == 0 && $0.droppedCount == 0 })
    }

    /// A peer that leaves is told of, and a stream that ends is opened again after the pause.
    @Test func streamsAreOpenedAgain() throws {
        var hosts = Hosts(count: 2, silent: [1])
        hosts.network.dial(0, 1)
        hosts.run(milliseconds: 500)
        let peer = hosts.network.peer(1)
        #expect(hosts.events[0] == [.opened(peer)])
        let opened = hosts.others[1].compactMap { notice -> StreamNumber? in
            if case .streamOpened(let stream, Self.name, _) = notice { stream } else { nil }
        }
        let first = try #require(opened.first)
        hosts.network.change(1) { host, _ in host.reset(first, code: .none) }
        hosts.run(milliseconds: 600)
        #expect(hosts.events[0] == [.opened(peer), .closed(peer), .opened(peer)])
        hosts.network.cut(1)
        hosts.run(milliseconds: 100)
        #expect(hosts.events[0].last == .closed(peer))
        #expect(hosts.channels[0].peers.isEmpty)
    }

    /// Messages come whole whatever pieces they are sent in.
    @Test func pieces() throws {
        var hosts = Hosts(count: 2, silent: [1])
        hosts.network.dial(1, 0)
        hosts.run(milliseconds: 500)
        let stream = try hosts.intrude(from: 1, to: 0)
        var bytes: [UInt8] = []
        for size in [0, 1, 300] { bytes.append(lengthPrefixed: [UInt8](repeating: 5, count: size)) }
        for byte in bytes.prefix(4) { hosts.write([byte], on: stream, by: 1) }
        hosts.write(Array(bytes.dropFirst(4)), on: stream, by: 1)
        #expect(hosts.messages(0).map(\.count) == [0, 1, 300])
        #expect(hosts.channels[0].incompleteBytes == 0)
    }

    /// A length over the limit or without end ends the stream at once, before anything is kept.
    @Test func lengthsOverTheLimit() throws {
        for bytes: [UInt8] in [[0x81, 0x80, 0x40], [0xff, 0xff, 0xff, 0xff, 0x01]] {
            var hosts = Hosts(count: 2, silent: [1])
            hosts.network.dial(1, 0)
            hosts.run(milliseconds: 500)
            let stream = try hosts.intrude(from: 1, to: 0)
            hosts.write(bytes, on: stream, by: 1)
            #expect(hosts.isReset(stream, .violation, seenBy: 1))
            #expect(hosts.events[0].contains(.malformed(hosts.network.peer(1))))
            #expect(hosts.channels[0].incompleteBytes == 0)
        }
    }

    /// Messages that never become whole hold no more than their limit, all peers together.
    @Test func incompleteMessages() throws {
        let limits = MessageChannelLimits(
            messageBytes: 50_000, queueBytes: 50_000, incompleteBytes: 60_000)
        var hosts = Hosts(count: 3, silent: [1, 2], limits: limits)
        hosts.network.dial(1, 0)
        hosts.network.dial(2, 0)
        hosts.run(milliseconds: 500)
        let head: [UInt8] = [0xd0, 0x86, 0x03]  // 50,000
        let first = try hosts.intrude(from: 1, to: 0)
        hosts.write(head + [UInt8](repeating: 0, count: 40_000), on: first, by: 1)
        #expect(hosts.channels[0].incompleteBytes == 40_003)
        let second = try hosts.intrude(from: 2, to: 0)
        hosts.write(head + [UInt8](repeating: 0, count: 40_000), on: second, by: 2)
        #expect(hosts.isReset(second, .resourceLimit, seenBy: 2))
        #expect(hosts.channels[0].incompleteBytes == 40_003)
    }

    /// What comes on a stream that only this side writes to ends it.
    @Test func answersWhereNoneBelong() throws {
        var hosts = Hosts(count: 2, silent: [1])
        hosts.network.dial(0, 1)
        hosts.run(milliseconds: 500)
        let stream = try #require(
            hosts.others[1].compactMap { notice -> StreamNumber? in
                if case .streamOpened(let stream, Self.name, _) = notice { stream } else { nil }
            }.first)
        hosts.write([1, 0], on: stream, by: 1)
        #expect(hosts.isReset(stream, .violation, seenBy: 1))
    }

    /// Messages to a peer that does not read are left out at the limit of the queue.
    @Test func aPeerThatDoesNotRead() {
        var hosts = Hosts(count: 2, silent: [1])
        hosts.network.dial(0, 1)
        hosts.run(milliseconds: 500)
        let message = [UInt8](repeating: 1, count: 500_000)
        var taken = 0
        for _ in 0..<12 {
            if hosts.send(message, from: 0, to: 1) { taken += 1 }
            hosts.run(milliseconds: 100)
        }
        #expect((4...5).contains(taken))
        #expect(hosts.channels[0].droppedCount == 12 - taken)
    }
}
