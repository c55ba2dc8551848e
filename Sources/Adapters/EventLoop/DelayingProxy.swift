// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// A door that passes connections on to an address, each direction late by a fixed time.
///
/// Between processes of one machine it stands for distance: bytes keep their order and their rate, and
/// none arrives before its time, nor later than a turn of the loop after it. What it holds is limited;
/// a sender beyond that is held up by TCP, as by a long line.
package final class DelayingProxy {
    /// The most bytes that one direction holds before its sender is held up, 64 MiB.
    ///
    /// At 50 ms that is 10 Gbit/s, more than loopback passes through one thread.
    package static let heldBytesMax = 64 << 20

    /// Where it listens.
    package var address: SocketAddress { listener.address }
    /// Bytes that it has passed on.
    package private(set) var passedBytes: UInt64 = 0

    private let eventLoop: EventLoop
    private let target: SocketAddress
    private let delayNanoseconds: UInt64
    private let listener: TCPListener
    private var lanes: [UInt64: (DelayedLane, DelayedLane)] = [:]
    private var lastLane: UInt64 = 0

    /// Listens on `address` and passes each connection on to `target`.
    package init(
        on eventLoop: EventLoop, at address: SocketAddress, to target: SocketAddress,
        delayMilliseconds: UInt64
    ) throws(LoopFailure) {
        self.eventLoop = eventLoop
        self.target = target
        delayNanoseconds = delayMilliseconds * 1_000_000
        let door = Door()
        listener = try eventLoop.listen(address) { door.proxy?.accept($0) }
        door.proxy = self
    }

    /// Takes no more connections and ends those there are.
    package func close() {
        listener.close()
        for (outward, back) in lanes.values {
            outward.close()
            back.close()
        }
        lanes = [:]
    }

    private func accept(_ stream: TCPStream) {
        do throws(LoopFailure) {
            let outward = try DelayedLane(on: eventLoop, nanoseconds: delayNanoseconds)
            let back = try DelayedLane(on: eventLoop, nanoseconds: delayNanoseconds)
            lastLane += 1
            let number = lastLane
            lanes[number] = (outward, back)
            for lane in [outward, back] {
                lane.onPassed = { [weak self] in self?.passedBytes += UInt64($0) }
                lane.onOver = { [weak self] in self?.forgetIfOver(number) }
            }
            outward.read(from: stream)
            back.write(to: stream)
            stream.onClose = { [weak self] _ in self?.ended(number) }
            try eventLoop.dial(target) { [weak self] result in
                guard case .success(let other) = result, let self, lanes[number] != nil else {
                    if case .success(let other) = result { other.close() }
                    return stream.close()
                }
                other.onClose = { [weak self] _ in self?.ended(number) }
                back.read(from: other)
                outward.write(to: other)
            }
        } catch {
            stream.close()
        }
    }

    /// One side is gone: what is on its way still arrives.
    private func ended(_ number: UInt64) {
        guard let (outward, back) = lanes[number] else { return }
        outward.end()
        back.end()
    }

    private func forgetIfOver(_ number: UInt64) {
        guard let (outward, back) = lanes[number], outward.isOver, back.isOver else { return }
        lanes[number] = nil
    }
}

/// The listener is made before the proxy is whole.
private final class Door {
    weak var proxy: DelayingProxy?
}

/// One direction of a connection: bytes that wait for their time.
private final class DelayedLane {
    private let eventLoop: EventLoop
    private let nanoseconds: UInt64
    /// Hears how many bytes were passed on.
    var onPassed: ((Int) -> Void)?
    /// Hears that nothing comes any more.
    var onOver: (() -> Void)?
    private(set) var isOver = false
    private var source: TCPStream?
    private var sink: TCPStream?
    private var timer: LoopTimer?
    /// Pieces with the moments they are due, oldest first from `next` on; no bytes are the end.
    private var pieces: [(due: UInt64, bytes: [UInt8])] = []
    private var next = 0
    private var heldBytes = 0
    private var isPaused = false
    private var isEnding = false

    init(on eventLoop: EventLoop, nanoseconds: UInt64) throws(LoopFailure) {
        self.eventLoop = eventLoop
        self.nanoseconds = nanoseconds
        timer = try LoopTimer.reusable(on: eventLoop) { [weak self] in self?.passOn() }
    }

    func read(from stream: TCPStream) {
        source = stream
        stream.onReceive = { [weak self] in self?.take([UInt8]($0)) }
        stream.onEnd = { [weak self] in self?.end() }
    }

    func write(to stream: TCPStream) {
        sink = stream
        stream.queueLimitBytes = 2 * DelayingProxy.heldBytesMax
        stream.onDrained = { [weak self] in self?.resume() }
        passOn()
    }

    /// The source sends no more; the sink is ended when all has arrived there.
    func end() {
        guard !isEnding else { return }
        isEnding = true
        guard sink != nil else { return forget() }
        pieces.append((eventLoop.monotonicNanoseconds + nanoseconds, []))
        schedule()
    }

    func close() {
        source?.close()
        sink?.close()
        forget()
    }

    private func forget() {
        timer?.close()
        (timer, source, sink) = (nil, nil, nil)
        pieces = []
        next = 0
        isOver = true
        onOver?()
    }

    private func take(_ bytes: [UInt8]) {
        guard !isEnding else { return }
        heldBytes += bytes.count
        pieces.append((eventLoop.monotonicNanoseconds + nanoseconds, bytes))
        if pieces.count - next == 1 { schedule() }
        if heldBytes + (sink?.bytesQueued ?? 0) >= DelayingProxy.heldBytesMax {
            isPaused = true
            source?.pauseReading()
        }
    }

    private func resume() {
        guard isPaused,
            heldBytes + (sink?.bytesQueued ?? 0) < DelayingProxy.heldBytesMax / 2
        else { return }
        isPaused = false
        source?.resumeReading()
    }

    private func passOn() {
        guard let sink else { return }
        let now = eventLoop.monotonicNanoseconds
        while next < pieces.count, pieces[next].due <= now {
            let bytes = pieces[next].bytes
            pieces[next].bytes = []
            next += 1
            if bytes.isEmpty {
                sink.closeAfterWrites()
                return forget()
            }
            heldBytes -= bytes.count
            onPassed?(bytes.count)
            sink.write(bytes)
        }
        if next == pieces.count || next > 1_024 {
            pieces.removeFirst(next)
            next = 0
        }
        resume()
        schedule()
    }

    private func schedule() {
        guard next < pieces.count, sink != nil else { return }
        let now = eventLoop.monotonicNanoseconds
        let due = pieces[next].due
        // Rounded up: the loop counts in milliseconds, and nothing may come early.
        timer?.start(afterMilliseconds: due > now ? (due - now + 999_999) / 1_000_000 : 0)
    }
}
