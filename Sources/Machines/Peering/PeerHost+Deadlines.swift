// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// What happens when a moment has come.
extension PeerHost {
    mutating func handleDeadlines(at now: Instant) {
        while let subject = deadlines.popDue(at: now) {
            switch subject {
            case .session(let number): handleSessionDeadline(number, at: now)
            case .stream(let stream): handleStreamDeadline(stream, at: now)
            case .request(let number): endLateRequest(number)
            }
        }
    }

    /// Sets the moment by which a stream must be over or have moved on.
    ///
    /// An entry that comes earlier is kept and looks again then; so a question that is answered at
    /// once leaves one entry behind, for seconds, and not one for each of its deadlines.
    mutating func setDeadline(
        of stream: StreamNumber, afterMilliseconds milliseconds: UInt64, at now: Instant
    ) {
        let deadline = now.advanced(byMilliseconds: milliseconds)
        let queued = queuedBytes(of: stream)
        connections[stream.connection]?.uses[stream.identifier]?.deadline = deadline
        connections[stream.connection]?.uses[stream.identifier]?.queuedAtDeadline = queued
        schedule(stream, at: deadline)
    }

    private mutating func schedule(_ stream: StreamNumber, at moment: Instant) {
        guard let use = connections[stream.connection]?.uses[stream.identifier] else { return }
        if let scheduled = use.scheduled, scheduled <= moment { return }
        connections[stream.connection]?.uses[stream.identifier]?.scheduled = moment
        deadlines.insert(.stream(stream), at: moment)
    }

    private mutating func handleSessionDeadline(_ number: ConnectionNumber, at now: Instant) {
        guard let connection = connections[number] else { return }
        if let deadline = connection.drainDeadline, deadline <= now {
            outbox.append(.hangUp(number))
            return remove(number, .writeStalled, at: now)
        }
        connections[number]?.scheduled = nil
        var events: [SessionMachine.Event] = []
        connections[number]?.session.tick(at: now, into: &events)
        markDirty(number)
        handle(events, on: number, at: now)
    }

    private mutating func handleStreamDeadline(_ stream: StreamNumber, at now: Instant) {
        guard let use = connections[stream.connection]?.uses[stream.identifier],
            let deadline = use.deadline, let scheduled = use.scheduled, scheduled <= now
        else { return }
        connections[stream.connection]?.uses[stream.identifier]?.scheduled = nil
        if deadline > now { return schedule(stream, at: deadline) }
        if use.purpose == .answer || use.purpose == .perf, !use.isLingering {
            let queued = queuedBytes(of: stream)
            let hasMoved = queued < use.queuedAtDeadline || use.purpose == .perf && queued == 0
            if hasMoved {
                return setDeadline(
                    of: stream,
                    afterMilliseconds: services[use.name]?.limits?.answerMilliseconds ?? 60_000,
                    at: now)
            }
            if use.purpose == .answer { tell(.abandoned(InboundNumber(stream: stream))) }
        }
        reset(stream, code: use.purpose == .answer ? .garbageCollected : .none)
    }
}
