// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Questions that this node asks: one stream each, the whole question, the whole answer.
extension PeerHost {
    struct Request {
        let stream: StreamNumber
        let answerLimit: Int
        let deadline: Instant
    }

    /// Asks a peer; how it ends is told by `answered`, always and once.
    ///
    /// The answer is what comes until the peer ends its side: at most `answerLimit` bytes, by
    /// `deadline`.
    package mutating func request(
        _ name: String, to peer: PeerIdentifier, _ question: [UInt8], answerLimit: Int,
        deadline: Instant, at now: Instant
    ) -> RequestNumber {
        let number = RequestNumber(value: requestCount)
        requestCount += 1
        do throws(RequestFault) {
            let stream = try open(name, to: peer, at: now)
            connections[stream.connection]?.use(
                stream.identifier,
                as: StreamUse(purpose: .request(number), name: name, isInbound: false))
            connections[stream.connection]?.session.write(question, on: stream.identifier)
            connections[stream.connection]?.session.finish(stream.identifier)
            requests[number] = Request(
                stream: stream, answerLimit: answerLimit, deadline: deadline)
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
        if count > request.answerLimit {
            fail(number, .answerOverLimit(request.answerLimit))
            reset(stream, code: .none)
        }
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
