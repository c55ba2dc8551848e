// SPDX-License-Identifier: Apache-2.0

package import EventLoop
internal import FoundationEssentials
package import Machinery
package import Peering

/// A peer host on a loop: its effects become sockets and a timer, what they do become its events.
///
/// The owner changes the host inside `perform`, and hears of notices by `onNotice`, which may call
/// `perform` again: notices are handed out when the host is at rest, in order.
package final class PeerTransport {
    /// The peer host; change it inside `perform` only.
    package private(set) var host: PeerHost
    /// Hears what the peer host tells.
    package var onNotice: ((PeerNotice) -> Void)?

    private let eventLoop: EventLoop
    private let epoch: UInt64
    private var streams: [ConnectionNumber: TCPStream] = [:]
    private var listeners: [TCPListener] = []
    private var acceptedCount: UInt64 = 0
    private var timer: LoopTimer?
    private var notices: [PeerNotice] = []
    private var isTelling = false

    /// Joins a peer host and a loop.
    package init(_ host: PeerHost, on eventLoop: EventLoop) throws(LoopFailure) {
        self.host = host
        self.eventLoop = eventLoop
        let wall = UInt64(max(0, Date().timeIntervalSince1970)) * 1_000_000_000
        epoch = wall &- eventLoop.monotonicNanoseconds
        timer = try LoopTimer.reusable(on: eventLoop) { [weak self] in self?.handle(.woke) }
    }

    /// The time, as the peer host is told it.
    package var now: Instant {
        Instant(nanoseconds: epoch &+ eventLoop.monotonicNanoseconds)
    }

    /// Takes connections on `address`.
    ///
    /// - Returns: The address with the port that was bound.
    @discardableResult
    package func listen(_ address: SocketAddress) throws(LoopFailure) -> SocketAddress {
        let listener = try eventLoop.listen(address) { [weak self] stream in
            guard let self, let remote = stream.remoteAddress else { return stream.close() }
            let number = ConnectionNumber.accepted(acceptedCount)
            acceptedCount += 1
            adopt(stream, number, remote)
        }
        listeners.append(listener)
        return listener.address
    }

    /// Lets `change` use the peer host, then performs what that caused.
    package func perform<Result>(_ change: (inout PeerHost, Instant) -> Result) -> Result {
        let now = now
        let result = change(&host, now)
        var effects: [PeerEffect] = []
        host.flush(at: now, into: &effects)
        perform(effects)
        return result
    }

    /// Closes every connection and listener.
    package func close() {
        perform { host, now in host.shutDown(at: now) }
        listeners.forEach { $0.close() }
        timer?.close()
        timer = nil
    }

    private func handle(_ event: PeerEvent) {
        var effects: [PeerEffect] = []
        host.handle(event, at: now, into: &effects)
        perform(effects)
    }

    private func perform(_ effects: [PeerEffect]) {
        for effect in effects {
            switch effect {
            case .send(let number, let bytes): streams[number]?.write(bytes)
            case .awaitDrain(let number): awaitDrain(number)
            case .dial(let number, let address): dial(number, address)
            case .hangUp(let number):
                streams.removeValue(forKey: number)?.closeAfterWrites()
            case .wake(let moment):
                timer?.start(afterMilliseconds: moment.milliseconds(since: now) + 1)
            case .notice(let notice): notices.append(notice)
            }
        }
        tellNotices()
    }

    private func tellNotices() {
        if isTelling { return }
        isTelling = true
        while !notices.isEmpty {
            let batch = notices
            notices = []
            for notice in batch { onNotice?(notice) }
        }
        isTelling = false
    }

    private func adopt(_ stream: TCPStream, _ number: ConnectionNumber, _ remote: SocketAddress) {
        streams[number] = stream
        stream.onReceive = { [weak self] bytes in self?.handle(.received(number, Array(bytes))) }
        stream.onDrained = { [weak self] in self?.handle(.drained(number)) }
        stream.onClose = { [weak self] _ in
            guard let self, streams.removeValue(forKey: number) != nil else { return }
            handle(.disconnected(number))
        }
        handle(.connected(number, remote: remote))
    }

    private func dial(_ number: ConnectionNumber, _ address: SocketAddress) {
        do throws(LoopFailure) {
            try eventLoop.dial(address) { [weak self] result in
                switch result {
                case .success(let stream): self?.adopt(stream, number, address)
                case .failure: self?.handle(.disconnected(number))
                }
            }
        } catch {
            handleLater(.disconnected(number))
        }
    }

    private func awaitDrain(_ number: ConnectionNumber) {
        guard let stream = streams[number], stream.bytesQueued <= stream.lowWaterBytes else {
            return
        }
        handleLater(.drained(number))
    }

    /// Handles an event from the loop, so that the peer host is never inside itself.
    private func handleLater(_ event: PeerEvent) {
        do throws(LoopFailure) {
            try eventLoop.schedule(afterMilliseconds: 0) { [weak self] in self?.handle(event) }
        } catch {
            handle(event)
        }
    }
}
