// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Machinery

/// What a channel tells the node that it runs in.
package enum MessageChannelEvent: Hashable, Sendable {
    /// Messages to this peer reach it from now on.
    case opened(PeerIdentifier)
    /// They do not any more.
    case closed(PeerIdentifier)
    /// A message came, without its length.
    case message(PeerIdentifier, [UInt8])
    /// What came is no message; the stream was ended.
    case malformed(PeerIdentifier)
}

/// The sizes of a channel.
package struct MessageChannelLimits: Hashable, Sendable {
    /// The longest message, in bytes.
    package let messageBytes: Int
    /// What may wait to be sent to one peer, in bytes; a message over it is left out.
    package let queueBytes: Int
    /// What may have come of messages that are not whole, of all peers together, in bytes.
    package let incompleteBytes: Int

    /// What a peer may send at a time, in bytes: over a long way, what is under way to this node.
    package let windowBytes: Int?

    /// Takes the sizes.
    package init(
        messageBytes: Int, queueBytes: Int, incompleteBytes: Int, windowBytes: Int? = nil
    ) {
        precondition(messageBytes <= queueBytes, "one message fits")
        precondition(messageBytes <= incompleteBytes, "one message can be put together")
        self.messageBytes = messageBytes
        self.queueBytes = queueBytes
        self.incompleteBytes = incompleteBytes
        self.windowBytes = windowBytes
    }
}

/// Messages between peers that keep a stream open to each other: the committee's way to talk.
///
/// Each side opens a stream of its own to each peer that speaks the protocol, and only writes to it;
/// a message stands behind its length (varint). Nothing is promised: a message to a peer that reads
/// too slowly is left out, and a stream that ends is opened again after a pause.
/// Specified in Protocol/24-attestation.md#channels.
package struct MessageChannel {
    /// The shortest time from one opening of a stream to a peer to the next, in milliseconds.
    package static let pauseMilliseconds: UInt64 = 250

    private struct Link {
        var outbound: StreamNumber?
        var inbound: StreamNumber?
        var isAgreed = false
        /// Whether the peer said that it speaks the protocol.
        var isSpeaking = false
        var mayOpenAt: Instant?
    }

    private struct Reading {
        let peer: PeerIdentifier
        var buffer: [UInt8] = []
    }

    /// The protocol's id.
    package let name: String
    /// Messages that were left out because their receiver reads slowly.
    package private(set) var droppedCount = 0
    /// Bytes of messages that have not come whole.
    package private(set) var incompleteBytes = 0

    private let limits: MessageChannelLimits
    private var links: [PeerIdentifier: Link] = [:]
    private var readings: [StreamNumber: Reading] = [:]
    private var writings: [StreamNumber: PeerIdentifier] = [:]
    /// Peers whose stream is to be opened again.
    private var closed = SortedList<PeerIdentifier>()

    /// A channel of a protocol.
    package init(_ name: String, limits: MessageChannelLimits) {
        self.name = name
        self.limits = limits
    }

    /// Takes streams of the protocol from now on.
    package func begin(on host: inout PeerHost) {
        host.serveStreams(name, streamsPerPeer: 2, windowBytes: limits.windowBytes)
    }

    /// Peers that messages can be sent to, in order.
    package var peers: [PeerIdentifier] {
        links.filter { $0.value.outbound != nil }.map(\.key).sorted()
    }

    /// Hears what the peer host tells; notices about other things are passed over.
    package mutating func handle(
        _ notice: PeerNotice, on host: inout PeerHost, at now: Instant,
        into events: inout [MessageChannelEvent]
    ) {
        switch notice {
        case .peerDisconnected(let peer): disconnect(peer, into: &events)
        case .identified(let peer, let identity):
            guard identity.protocols.contains(name), !closed.elements.contains(peer) else { return }
            links[peer, default: Link()].isSpeaking = true
            open(peer, on: &host, at: now)
        case .streamAgreed(let stream):
            guard let peer = writings[stream] else { return }
            links[peer]?.isAgreed = true
            events.append(.opened(peer))
        case .streamOpened(let stream, name, let peer): accept(stream, from: peer, on: &host)
        case .streamReceived(let stream, let bytes):
            if writings[stream] != nil {
                host.reset(stream, code: .violation)
                return lose(stream, into: &events)
            }
            guard readings[stream] != nil else { return }
            read(bytes, on: stream, &host, at: now, into: &events)
        case .streamFinished(let stream):
            guard readings[stream] != nil else { return }
            endReading(stream)
            host.reset(stream, code: .none)
        case .streamEnded(let stream, _):
            endReading(stream)
            lose(stream, into: &events)
        default: break
        }
    }

    /// Sends a message; returns whether it was taken.
    ///
    /// A message longer than the limit is a mistake of the caller's.
    package mutating func send(
        _ message: [UInt8], to peer: PeerIdentifier, on host: inout PeerHost
    ) -> Bool {
        precondition(message.count <= limits.messageBytes, "a message is within its limit")
        guard let stream = links[peer]?.outbound else { return false }
        guard host.queuedBytes(of: stream) + message.count <= limits.queueBytes else {
            droppedCount += 1
            return false
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(message.count + 4)
        bytes.append(lengthPrefixed: message)
        host.write(bytes, on: stream)
        return true
    }

    /// Opens again what was closed, where the pause is over; returns when to call this again.
    package mutating func wake(on host: inout PeerHost, at now: Instant) -> Instant? {
        let due = closed.elements.filter { (links[$0]?.mayOpenAt ?? now) <= now }
        for peer in due {
            closed.remove(peer)
            open(peer, on: &host, at: now)
        }
        return closed.elements.compactMap { links[$0]?.mayOpenAt }.min()
    }

    // MARK: Streams

    private mutating func open(_ peer: PeerIdentifier, on host: inout PeerHost, at now: Instant) {
        guard let link = links[peer], link.outbound == nil else { return }
        links[peer]?.mayOpenAt = now.advanced(byMilliseconds: Self.pauseMilliseconds)
        do throws(RequestFault) {
            let stream = try host.openStream(name, to: peer, at: now)
            links[peer]?.outbound = stream
            links[peer]?.isAgreed = false
            writings[stream] = peer
        } catch {
            closed.insert(peer)
        }
    }

    /// A peer has opened its stream; a second one replaces the first.
    private mutating func accept(
        _ stream: StreamNumber, from peer: PeerIdentifier, on host: inout PeerHost
    ) {
        if let earlier = links[peer]?.inbound {
            endReading(earlier)
            host.reset(earlier, code: .none)
        }
        links[peer, default: Link()].inbound = stream
        readings[stream] = Reading(peer: peer)
    }

    private mutating func endReading(_ stream: StreamNumber) {
        guard let reading = readings.removeValue(forKey: stream) else { return }
        incompleteBytes -= reading.buffer.count
        if links[reading.peer]?.inbound == stream { links[reading.peer]?.inbound = nil }
    }

    private mutating func lose(_ stream: StreamNumber, into events: inout [MessageChannelEvent]) {
        guard let peer = writings.removeValue(forKey: stream) else { return }
        let wasAgreed = links[peer]?.isAgreed ?? false
        links[peer]?.outbound = nil
        links[peer]?.isAgreed = false
        if links[peer]?.isSpeaking == true { closed.insert(peer) }
        if wasAgreed { events.append(.closed(peer)) }
    }

    private mutating func disconnect(
        _ peer: PeerIdentifier, into events: inout [MessageChannelEvent]
    ) {
        guard let link = links.removeValue(forKey: peer) else { return }
        if let stream = link.outbound { writings[stream] = nil }
        if let stream = link.inbound { endReading(stream) }
        closed.remove(peer)
        if link.isAgreed { events.append(.closed(peer)) }
    }

    // MARK: Reading

    private mutating func read(
        _ bytes: ArraySlice<UInt8>, on stream: StreamNumber, _ host: inout PeerHost,
        at now: Instant, into events: inout [MessageChannelEvent]
    ) {
        guard let peer = readings[stream]?.peer else { return }
        host.consume(bytes.count, of: stream, at: now)
        incompleteBytes += bytes.count
        readings[stream]?.buffer += bytes
        var buffer = readings[stream]?.buffer ?? []
        readings[stream]?.buffer = []
        var taken = 0
        do throws(DecodeFault) {
            while let (start, end) = try whole(buffer[taken...]) {
                events.append(.message(peer, Array(buffer[start..<end])))
                taken = end
            }
        } catch {
            incompleteBytes -= buffer.count
            endReading(stream)
            host.reset(stream, code: .violation)
            return events.append(.malformed(peer))
        }
        buffer.removeFirst(taken)
        incompleteBytes -= taken
        readings[stream]?.buffer = buffer
        guard incompleteBytes > limits.incompleteBytes else { return }
        endReading(stream)
        host.reset(stream, code: .resourceLimit)
    }

    /// Where the first message begins and ends, its length not counted; nil when it is not whole.
    private func whole(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> (Int, Int)? {
        var length = 0
        for (count, byte) in bytes.prefix(4).enumerated() {
            length |= Int(byte & 127) << (7 * count)
            guard byte < 128 else { continue }
            guard length <= limits.messageBytes else {
                throw DecodeFault(
                    .overLimit(field: "message", limit: limits.messageBytes, actual: length))
            }
            let start = bytes.startIndex + count + 1
            return bytes.endIndex - start >= length ? (start, start + length) : nil
        }
        if bytes.count >= 4 { throw DecodeFault(.varint) }
        return nil
    }
}
