// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Machinery

/// Frames in, events out.
extension YamuxMachine {
    /// Takes what the other side sent, cut anywhere.
    package mutating func receive(
        _ input: ArraySlice<UInt8>, at now: Instant, into events: inout [Event]
    ) throws(YamuxFault) {
        var rest = input
        while !rest.isEmpty {
            if dataLeft > 0 {
                let piece = rest.prefix(dataLeft)
                rest = rest.dropFirst(piece.count)
                dataLeft -= piece.count
                if streams[dataStream] != nil { events.append(.data(dataStream, piece)) }
                if dataLeft == 0 { finishIfAsked(dataStream, dataFlags, &events) }
                continue
            }
            let piece = rest.prefix(YamuxFrame.sizeBytes - header.count)
            rest = rest.dropFirst(piece.count)
            header += piece
            guard header.count == YamuxFrame.sizeBytes else { break }
            let frame: YamuxFrame
            do throws(DecodeFault) {
                frame = try YamuxFrame(decoding: header[...])
            } catch {
                throw .frame
            }
            header.removeAll(keepingCapacity: true)
            try handle(frame, at: now, &events)
        }
        guard control.count <= limits.pendingControlBytes else { throw .unread }
    }

    private mutating func handle(
        _ frame: YamuxFrame, at now: Instant, _ events: inout [Event]
    ) throws(YamuxFault) {
        switch frame.kind {
        case .data, .windowUpdate:
            try handleStream(frame, at: now, &events)
        case .ping:
            try countControl(at: now)
            if frame.flags.contains(.ack) {
                events.append(.pong(frame.length))
            } else if frame.flags.contains(.syn), pendingPongs < limits.pendingPongs {
                pendingPongs += 1
                YamuxFrame(.ping, .ack, length: frame.length).append(to: &control)
            }
        case .goAway:
            try countControl(at: now)
            isRemoteGone = true
            events.append(.wentAway(GoAwayCode(rawValue: frame.length)))
        }
    }

    private mutating func handleStream(
        _ frame: YamuxFrame, at now: Instant, _ events: inout [Event]
    ) throws(YamuxFault) {
        guard frame.stream != 0 else { throw .streamIdentifier }
        if frame.flags.contains(.syn) { try accept(frame, at: now, &events) }
        if frame.flags.contains(.rst) {
            guard resetMeter.take(of: limits.resets, at: now) else { throw .resetRate }
        }
        guard var stream = streams[frame.stream] else {
            try countControl(at: now)
            skipData(of: frame)
            return
        }
        if frame.flags.contains(.ack), !stream.isAccepted, !stream.isInbound {
            stream.isAccepted = true
            unacceptedCount -= 1
        }
        if frame.flags.contains(.rst) {
            streams[frame.stream] = stream
            remove(frame.stream)
            let code = frame.kind == .windowUpdate ? frame.length : 0
            events.append(.reset(frame.stream, ResetCode(rawValue: code)))
            skipData(of: frame)
            return
        }
        switch frame.kind {
        case .data:
            guard Int(frame.length) <= stream.receiveWindow else { throw .window }
            guard frame.length == 0 || !stream.isRemoteFinished else { throw .dataAfterEnd }
            if frame.length == 0, frame.flags.isEmpty { try countControl(at: now) }
            stream.receiveWindow -= Int(frame.length)
            streams[frame.stream] = stream
            dataStream = frame.stream
            dataLeft = Int(frame.length)
            dataFlags = frame.flags
            if dataLeft == 0 { finishIfAsked(frame.stream, frame.flags, &events) }
        default:
            if frame.flags.isEmpty { try countUpdate(at: now) }
            stream.sendWindow = min(stream.sendWindow + Int(frame.length), Int(UInt32.max))
            streams[frame.stream] = stream
            if frame.length > 0 { markReady(frame.stream) }
            finishIfAsked(frame.stream, frame.flags, &events)
        }
    }

    private mutating func accept(
        _ frame: YamuxFrame, at now: Instant, _ events: inout [Event]
    ) throws(YamuxFault) {
        let isPeers = (frame.stream % 2 == 1) != isDialer
        guard isPeers, streams[frame.stream] == nil else { throw .streamIdentifier }
        guard inboundCount < limits.inboundStreams else {
            try countControl(at: now)
            YamuxFrame(
                .windowUpdate, .rst, stream: frame.stream,
                length: ResetCode.resourceLimit.rawValue
            ).append(to: &control)
            return
        }
        streams[frame.stream] = Stream(
            isInbound: true, isSYNPending: false, isACKPending: true, isAccepted: true)
        inboundCount += 1
        unacknowledged.append(frame.stream)
        events.append(.opened(frame.stream))
    }

    private mutating func finishIfAsked(
        _ identifier: UInt32, _ flags: YamuxFrame.Flags, _ events: inout [Event]
    ) {
        guard flags.contains(.fin), let stream = streams[identifier], !stream.isRemoteFinished
        else { return }
        streams[identifier]?.isRemoteFinished = true
        events.append(.finished(identifier))
        if stream.isFinished {
            remove(identifier)
            ended.append(identifier)
        }
    }

    /// Data of streams that are gone is read over; it may well have been on its way.
    private mutating func skipData(of frame: YamuxFrame) {
        guard frame.kind == .data else { return }
        dataStream = frame.stream
        dataLeft = Int(frame.length)
        dataFlags = []
    }

    private mutating func countControl(at now: Instant) throws(YamuxFault) {
        guard controlMeter.take(of: limits.controlFrames, at: now) else { throw .controlRate }
    }

    private mutating func countUpdate(at now: Instant) throws(YamuxFault) {
        if explainedFrames > 0 {
            explainedFrames -= 1
        } else {
            try countControl(at: now)
        }
    }
}
