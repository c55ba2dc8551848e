// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Questions that this node asks: one stream each, the whole question, the whole answer.
extension PeerHost {
    struct Request {
        let stream: StreamNumber
        let answerLimit: Int
        let deadline: Instant
        let end: AnswerEnd
        /// Bytes that were told as parts.
        var told = 0
    }

    /// Where an answer ends.
    package enum AnswerEnd: Sendable {
        /// At the end of the peer's side; this side is finished after the question.
        case finish
        /// At the end of one length-prefixed message; this side is finished after it.
        ///
        /// py-libp2p resets a Kademlia stream that is finished before it has answered.
        case message
        /// At the end of one such message, or of the peer's side when it has none to send; this side
        /// is finished after the question.
        case messageIfAny
        /// At the end of the peer's side; whole length-prefixed messages are told by `answeredInPart`
        /// as they come, and the end has what is left.
        case messages
    }

    /// Asks a peer; how it ends is told by `answered`, always and once.
    ///
    /// The answer is what comes until `end`: at most `answerLimit` bytes, by `deadline`.
    package mutating func request(
        _ name: String, to peer: PeerIdentifier, _ question: [UInt8], answerLimit: Int,
        end: AnswerEnd = .finish, deadline: Instant, at now: Instant
    ) -> RequestNumber {
        let number = RequestNumber(value: requestCount)
        requestCount += 1
        do throws(RequestFault) {
            let stream = try open(name, to: peer, at: now)
            connections[stream.connection]?.use(
                stream.identifier,
                as: StreamUse(purpose: .request(number), name: name, isInbound: false))
            send(question, on: stream)
            if end != .message {
                connections[stream.connection]?.session.finish(stream.identifier)
            }
            requests[number] = Request(
                stream: stream, answerLimit: answerLimit, deadline: deadline, end: end)
            deadlines.insert(.request(number), at: deadline)
        } catch {
            tell(.answered(number, .failure(error)))
        }
        return number
    }

    /// Gives a question up; nothing more is told about it.
    package mutating func cancel(_ number: RequestNumber) {
        guard let request = requests.removeValue(forKey: number) else { return }
        reset(request.stream, code: .none)
    }

    /// Questions without an answer yet.
    package var requestsWaiting: Int { requests.count }

    mutating func receiveAnswer(
        _ bytes: ArraySlice<UInt8>, _ number: RequestNumber, _ stream: StreamNumber,
        at now: Instant
    ) {
        guard let request = requests[number] else { return }
        connections[stream.connection]?.collect(bytes, on: stream.identifier)
        let count = connections[stream.connection]?.uses[stream.identifier]?.buffer.count ?? 0
        if request.told + count > request.answerLimit {
            fail(number, .answerOverLimit(request.answerLimit))
            return reset(stream, code: .none)
        }
        if request.end == .messages { return tellMessages(number, request, stream) }
        guard request.end != .finish,
            let buffer = connections[stream.connection]?.uses[stream.identifier]?.buffer,
            let size = Self.sizeOfPrefixed(buffer, limit: request.answerLimit),
            size >= 0, buffer.count >= size
        else { return }
        finishMessage(number, stream, size: size, at: now)
    }

    /// Tells the whole messages that have come.
    private mutating func tellMessages(
        _ number: RequestNumber, _ request: Request, _ stream: StreamNumber
    ) {
        guard let buffer = connections[stream.connection]?.uses[stream.identifier]?.buffer else {
            return
        }
        var end = 0
        while end < buffer.count {
            let head = Array(buffer[end...].prefix(4))
            guard let size = Self.sizeOfPrefixed(head, limit: request.answerLimit) else { break }
            guard size > 0 else {
                fail(number, .answerOverLimit(request.answerLimit))
                return reset(stream, code: .none)
            }
            guard size <= buffer.count - end else { break }
            end += size
        }
        guard end > 0 else { return }
        let bytes =
            connections[stream.connection]?.takeCollected(stream.identifier, count: end) ?? []
        requests[number]?.told += end
        tell(.answeredInPart(number, bytes))
    }

    /// One whole message came: that is the answer, and nothing more is waited for.
    private mutating func finishMessage(
        _ number: RequestNumber, _ stream: StreamNumber, size: Int, at now: Instant
    ) {
        guard requests.removeValue(forKey: number) != nil else { return }
        let answer =
            connections[stream.connection]?.takeCollected(stream.identifier, count: size) ?? []
        connections[stream.connection]?.uses[stream.identifier]?.purpose = .telling
        finish(stream)
        setDeadline(of: stream, afterMilliseconds: limits.lingerMilliseconds, at: now)
        tell(.answered(number, .success(answer)))
    }

    mutating func finishAnswer(_ number: RequestNumber, _ stream: StreamNumber) {
        guard requests.removeValue(forKey: number) != nil else { return }
        let answer = connections[stream.connection]?.takeCollected(stream.identifier) ?? []
        endUse(stream)
        tell(.answered(number, .success(answer)))
    }

    mutating func fail(_ number: RequestNumber, _ fault: RequestFault) {
        guard requests.removeValue(forKey: number) != nil else { return }
        tell(.answered(number, .failure(fault)))
    }

    mutating func endLateRequest(_ number: RequestNumber) {
        guard let request = requests[number] else { return }
        fail(number, .timedOut)
        reset(request.stream, code: .none)
    }
}
