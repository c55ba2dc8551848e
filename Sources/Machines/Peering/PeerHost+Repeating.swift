// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Questions that follow one another on a stream, where a service allows it.
///
/// One is handed out at a time; what comes meanwhile waits, up to the longest question.
extension PeerHost {
    /// Answers a question whole, with nothing where the protocol has no answer, and takes the next of
    /// its stream.
    package mutating func answerAndGoOn(
        _ inbound: InboundNumber, _ bytes: [UInt8], at now: Instant
    ) {
        let stream = inbound.stream
        guard let use = connections[stream.connection]?.uses[stream.identifier],
            use.purpose == .answer
        else { return }
        if !bytes.isEmpty {
            send(bytes, on: stream)
        }
        markDirty(stream.connection)
        guard let service = services[use.name]?.limits, service.isRepeated,
            queuedBytes(of: stream) <= YamuxLimits.highWaterBytes,
            !(use.hasPeerFinished && use.buffer.isEmpty)
        else { return finish(stream) }
        connections[stream.connection]?.uses[stream.identifier]?.purpose = .question
        setDeadline(of: stream, afterMilliseconds: service.readMilliseconds, at: now)
        receiveQuestion([], use.name, stream, at: now)
        let isWaiting =
            connections[stream.connection]?.uses[stream.identifier]?.purpose == .question
        if use.hasPeerFinished, isWaiting { refuse(stream, use.name) }
    }

    /// Whether one more question of a stream is taken; it is reset when they come too often.
    ///
    /// The first was counted when the stream was opened.
    mutating func mayGoOn(
        _ stream: StreamNumber, _ name: String, _ service: ServiceLimits,
        _ peer: PeerIdentifier, at now: Instant
    ) -> Bool {
        guard service.isRepeated,
            let count = connections[stream.connection]?.uses[stream.identifier]?.questionCount
        else { return true }
        connections[stream.connection]?.uses[stream.identifier]?.questionCount = count + 1
        guard count > 0, let rate = service.perPeer else { return true }
        if take(rate, .peer(peer, name), at: now) { return true }
        tell(.observed(.streamRefused(peer, name: name, .rateLimited)))
        reset(stream, code: .rateLimited)
        return false
    }

    /// Keeps bytes of the next question while one is answered; false when there may be none.
    mutating func mayFollow(
        _ bytes: ArraySlice<UInt8>, _ stream: StreamNumber, _ name: String
    ) -> Bool {
        guard let service = services[name]?.limits, service.isRepeated,
            case .lengthPrefixed(let limit) = service.completion
        else { return false }
        connections[stream.connection]?.collect(bytes, on: stream.identifier)
        let held = connections[stream.connection]?.uses[stream.identifier]?.buffer.count ?? 0
        return held <= limit + 4
    }

    /// Whether a peer that finishes between two questions has asked all it wanted.
    func isAtQuestionsEnd(_ stream: StreamNumber, _ name: String) -> Bool {
        services[name]?.limits?.isRepeated == true
            && connections[stream.connection]?.uses[stream.identifier]?.buffer.isEmpty == true
    }
}
