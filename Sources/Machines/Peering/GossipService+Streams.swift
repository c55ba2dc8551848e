// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Machinery

/// Streams: one to write to each peer, one of each peer to read.
extension GossipService {
    mutating func open(
        _ peer: PeerIdentifier, _ host: inout PeerHost, at now: Instant,
        into outcomes: inout [GossipOutcome]
    ) {
        guard let link = links[peer], let name = link.speaks, link.outbound == nil,
            link.openings < GossipLimits.openings
        else { return }
        links[peer]?.openings += 1
        do throws(RequestFault) {
            let stream = try host.openStream(name.rawValue, to: peer, at: now)
            links[peer]?.outbound = stream
            links[peer]?.openedAt = now
            writings[stream] = peer
        } catch {
            reopening.insert(peer)
            return
        }
        tell(.writable(peer, name), &host, now, &outcomes)
    }

    /// A peer has opened its stream; a second one replaces the first.
    mutating func accept(_ stream: StreamNumber, from peer: PeerIdentifier, _ host: inout PeerHost)
    {
        guard links[peer] != nil else { return host.reset(stream, code: .none) }
        if let earlier = links[peer]?.inbound {
            endReading(earlier)
            host.reset(earlier, code: .none)
        }
        links[peer]?.inbound = stream
        readings[stream] = Reading(peer: peer)
    }

    mutating func endReading(_ stream: StreamNumber) {
        guard let reading = readings.removeValue(forKey: stream) else { return }
        count(incomplete: -reading.buffer.count)
        if links[reading.peer]?.inbound == stream { links[reading.peer]?.inbound = nil }
    }

    /// The stream that was written to is gone: it is opened again, a few times.
    mutating func lose(
        _ stream: StreamNumber, _ host: inout PeerHost, at now: Instant,
        into outcomes: inout [GossipOutcome]
    ) {
        guard let peer = writings.removeValue(forKey: stream) else { return }
        links[peer]?.outbound = nil
        if let opened = links[peer]?.openedAt,
            now >= opened.advanced(byMilliseconds: GossipLimits.openingMilliseconds)
        {
            links[peer]?.openings = 0
        }
        if links[peer] != nil { reopening.insert(peer) }
        tell(.unwritable(peer), &host, now, &outcomes)
    }

    mutating func disconnect(
        _ peer: PeerIdentifier, _ host: inout PeerHost, at now: Instant,
        into outcomes: inout [GossipOutcome]
    ) {
        guard let link = links.removeValue(forKey: peer) else { return }
        if let stream = link.outbound { writings[stream] = nil }
        if let stream = link.inbound { endReading(stream) }
        reopening.remove(peer)
        tell(.disconnected(peer), &host, now, &outcomes)
    }

    /// Ends the stream to a peer that does not read what it must.
    mutating func giveUp(
        _ peer: PeerIdentifier, _ host: inout PeerHost, at now: Instant,
        into outcomes: inout [GossipOutcome]
    ) {
        guard let stream = links[peer]?.outbound else { return }
        host.reset(stream, code: .resourceLimit)
        lose(stream, &host, at: now, into: &outcomes)
    }

    // MARK: Writing

    /// Writes an RPC if there is room for one of its urgency.
    ///
    /// Returns false when the peer left no room even for what it must hear.
    mutating func write(
        _ rpc: GossipRPC, to peer: PeerIdentifier, _ urgency: GossipUrgency,
        _ host: inout PeerHost
    ) -> Bool {
        guard let stream = links[peer]?.outbound else { return true }
        var rpc = rpc
        addRecords(to: &rpc, host)
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: rpc.encode())
        let queued = host.queuedBytes(of: stream)
        let limit =
            switch urgency {
            case .low: GossipLimits.queueGossipBytes
            case .normal: GossipLimits.queueBytes
            case .high: GossipLimits.queueBytes + GossipLimits.queueGossipBytes
            }
        guard queued == 0 || queued + bytes.count <= limit else {
            countDropped()
            return urgency != .high
        }
        host.write(bytes, on: stream)
        return true
    }

    /// Puts beside each peer that a PRUNE names what that peer signed about itself.
    private func addRecords(to rpc: inout GossipRPC, _ host: PeerHost) {
        for index in rpc.control.prunes.indices {
            for place in rpc.control.prunes[index].peers.indices {
                let named = rpc.control.prunes[index].peers[place].peer
                guard let peer = PeerIdentifier.readable(named[...]),
                    let record = host.identity(of: peer)?.signedPeerRecord
                else { continue }
                rpc.control.prunes[index].peers[place].record = record
            }
        }
    }

    // MARK: Reading

    mutating func read(
        _ bytes: ArraySlice<UInt8>, on stream: StreamNumber, _ host: inout PeerHost,
        at now: Instant, into outcomes: inout [GossipOutcome]
    ) {
        guard let peer = readings[stream]?.peer else { return }
        host.consume(bytes.count, of: stream, at: now)
        readings[stream]?.buffer += bytes
        count(incomplete: bytes.count)
        var buffer = readings[stream]?.buffer ?? []
        readings[stream]?.buffer = []
        var taken = 0
        var rpcs: [GossipRPC] = []
        do throws(DecodeFault) {
            while let (start, end) = try Self.whole(buffer[taken...]) {
                rpcs.append(try GossipRPC(decoding: buffer[start..<end]))
                taken = end
            }
        } catch {
            refuse(buffer.count, stream, peer, &host)
            for rpc in rpcs { tell(.received(peer, rpc), &host, now, &outcomes) }
            return tell(.malformed(peer), &host, now, &outcomes)
        }
        buffer.removeFirst(taken)
        count(incomplete: -taken)
        readings[stream]?.buffer = buffer
        host.hold(buffer.count, of: stream)
        if incompleteBytes > incompleteLimit { endLongest(&host) }
        for rpc in rpcs { tell(.received(peer, rpc), &host, now, &outcomes) }
    }

    /// Ends the stream with the most bytes that are not whole: of many small ones none is to blame.
    private mutating func endLongest(_ host: inout PeerHost) {
        let longest = readings.max {
            ($0.value.buffer.count, $0.key) < ($1.value.buffer.count, $1.key)
        }
        guard let stream = longest?.key else { return }
        endReading(stream)
        host.reset(stream, code: .resourceLimit)
    }

    private mutating func refuse(
        _ buffered: Int, _ stream: StreamNumber, _ peer: PeerIdentifier, _ host: inout PeerHost
    ) {
        count(incomplete: -buffered)
        endReading(stream)
        host.reset(stream, code: .violation)
    }

    /// Where the first RPC begins and ends, its length not counted; nil when it is not whole.
    private static func whole(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> (Int, Int)? {
        var length = 0
        for (count, byte) in bytes.prefix(4).enumerated() {
            length |= Int(byte & 127) << (7 * count)
            guard byte < 128 else { continue }
            guard length <= GossipLimits.rpcBytes else {
                throw DecodeFault(
                    .overLimit(field: "RPC", limit: GossipLimits.rpcBytes, actual: length))
            }
            let start = bytes.startIndex + count + 1
            return bytes.endIndex - start >= length ? (start, start + length) : nil
        }
        if bytes.count >= 4 { throw DecodeFault(.varint) }
        return nil
    }
}
