// SPDX-License-Identifier: Apache-2.0

/// Frames out: control first, then each stream that may send, in turns.
///
/// Specified in Protocol/09-peer-layer.md#sharing.
extension YamuxMachine {
    /// What to send now: all control frames, and data until `limit` bytes are reached or passed by
    /// less than a frame.
    package mutating func takeOutput(limit: Int) -> [UInt8] {
        var output = control
        control = []
        pendingPongs = 0
        if !ready.isEmpty { output.reserveCapacity(min(queuedBytes, limit) + 64 * 1024) }
        while output.count < limit, let identifier = ready.popFirst() {
            guard var stream = streams.removeValue(forKey: identifier) else { continue }
            stream.isReady = false
            guard canSend(stream) else {
                streams[identifier] = stream
                continue
            }
            let count = min(
                stream.outgoing.count, stream.sendWindow, YamuxLimits.frameDataBytes)
            appendData(count, of: identifier, &stream, to: &output)
            if canSend(stream) {
                stream.isReady = true
                ready.append(identifier)
            }
            streams[identifier] = stream
            if stream.isFinished {
                if stream.isRemoteFinished { remove(identifier) }
                ended.append(identifier)
            }
        }
        acknowledge(&output)
        return output
    }

    /// Whether at most so many bytes wait on a stream; if not, its writer is asked on when they do.
    package mutating func hasRoom(_ identifier: UInt32, waiting: Int) -> Bool {
        guard let stream = streams[identifier] else { return false }
        if stream.outgoing.count <= waiting { return true }
        streams[identifier]?.lowWaterBytes = waiting
        streams[identifier]?.isOverHighWater = true
        return false
    }

    private mutating func appendData(
        _ count: Int, of identifier: UInt32, _ stream: inout Stream, to output: inout [UInt8]
    ) {
        var flags: YamuxFrame.Flags = []
        if stream.isSYNPending { flags.insert(.syn) }
        if stream.isACKPending { flags.insert(.ack) }
        stream.isSYNPending = false
        stream.isACKPending = false
        if count > 0 {
            YamuxFrame(.data, flags, stream: identifier, length: UInt32(count)).append(to: &output)
            stream.outgoing.move(count, to: &output)
            stream.sendWindow -= count
            flags = []
        }
        if stream.isFinishing, stream.outgoing.isEmpty {
            // A frame of its own: go-yamux ends a stream before it takes the data of the same frame,
            // and whoever reads in between finds the stream ended and empty.
            YamuxFrame(.data, flags.union(.fin), stream: identifier, length: 0).append(to: &output)
            stream.isFinished = true
        }
        queuedBytes -= count
        explainedFrames = min(explainedFrames + 1 + count / 2048, 4096)
        if stream.isOverHighWater, stream.outgoing.count <= stream.lowWaterBytes {
            stream.isOverHighWater = false
            drained.append(identifier)
        }
    }

    /// Accepts the new streams that no data of ours has accepted yet.
    private mutating func acknowledge(_ output: inout [UInt8]) {
        for identifier in unacknowledged where streams[identifier]?.isACKPending == true {
            streams[identifier]?.isACKPending = false
            YamuxFrame(.windowUpdate, .ack, stream: identifier, length: 0).append(to: &output)
        }
        unacknowledged = []
    }
}
