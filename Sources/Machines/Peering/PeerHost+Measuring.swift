// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Machinery

/// Ping and perf, as peers ask for them.
///
/// Specified in Protocol/09-peer-layer.md#ping.
extension PeerHost {
    private static let perfBlock = [UInt8](repeating: 0, count: 64 * 1024)

    /// A ping is 32 bytes that are sent back, again and again.
    mutating func receivePing(
        _ bytes: ArraySlice<UInt8>, _ stream: StreamNumber, at now: Instant
    ) {
        send([UInt8](bytes), on: stream)
        markDirty(stream.connection)
        let queued = queuedBytes(of: stream)
        if queued > YamuxLimits.highWaterBytes { return reset(stream, code: .resourceLimit) }
        connections[stream.connection]?.uses[stream.identifier]?.deadline = now.advanced(
            byMilliseconds: limits.pingIdleMilliseconds)
    }

    /// Eight bytes say how many are wanted back; all that follows is read and dropped.
    mutating func receivePerf(_ bytes: ArraySlice<UInt8>, _ stream: StreamNumber) {
        guard let use = connections[stream.connection]?.uses[stream.identifier],
            use.bytesToSend == nil
        else { return }
        let head = use.buffer + bytes.prefix(8 - use.buffer.count)
        connections[stream.connection]?.collect(
            bytes.prefix(8 - use.buffer.count), on: stream.identifier)
        if head.count == 8 {
            let wanted = head.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            connections[stream.connection]?.uses[stream.identifier]?.bytesToSend = wanted
        }
    }

    /// Sends what is wanted back, as far as there is room.
    mutating func continuePerf(_ stream: StreamNumber, at now: Instant) {
        guard let use = connections[stream.connection]?.uses[stream.identifier],
            use.purpose == .perf
        else { return }
        guard var left = use.bytesToSend else { return reset(stream, code: .violation) }
        while left > 0, queuedBytes(of: stream) <= YamuxLimits.highWaterBytes {
            let block =
                left < UInt64(Self.perfBlock.count)
                ? [UInt8](repeating: 0, count: Int(left)) : Self.perfBlock
            write(block, on: stream)
            left -= UInt64(block.count)
        }
        connections[stream.connection]?.uses[stream.identifier]?.bytesToSend = left
        if left == 0 {
            connections[stream.connection]?.uses[stream.identifier]?.purpose = .telling
            finish(stream)
        }
    }

    /// What the connections to a peer carry and carried, since it was last forgotten.
    package func traffic(of peer: PeerIdentifier, at now: Instant) -> Traffic {
        guard let state = peers[peer] else { return Traffic() }
        var traffic = state.traffic
        for number in state.connections {
            if let carried = connections[number]?.traffic { traffic.add(carried, at: now) }
        }
        return traffic
    }

    /// What streams of a protocol carried, in bytes of theirs.
    package func traffic(ofProtocol name: String) -> Traffic {
        protocolTraffic[name] ?? Traffic()
    }

    /// Writes bytes on a stream and counts them for its protocol.
    mutating func send(_ bytes: [UInt8], on stream: StreamNumber) {
        connections[stream.connection]?.session.write(bytes, on: stream.identifier)
        if let name = connections[stream.connection]?.uses[stream.identifier]?.name {
            protocolTraffic[name, default: Traffic()].add(out: bytes.count, at: moment)
        }
    }

    /// Goes on with the streams of a connection that have room again.
    mutating func continueDrained(_ number: ConnectionNumber, at now: Instant) {
        for identifier in connections[number]?.session.yamux.takeDrained() ?? [] {
            let stream = StreamNumber(number, identifier)
            switch connections[number]?.uses[identifier]?.purpose {
            case .raw: tell(.streamDrained(stream))
            case .answer: tell(.wantsMore(InboundNumber(stream: stream)))
            case .perf: continuePerf(stream, at: now)
            default: break
            }
        }
    }
}
