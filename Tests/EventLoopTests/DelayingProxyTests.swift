// SPDX-License-Identifier: Apache-2.0

import EventLoop
import Machinery
import Testing

/// A door that stands for distance.
@Suite struct DelayingProxyTests {
    private static let delayMilliseconds: UInt64 = 40

    /// All bytes come in order through both directions, none earlier than the delay says, and many at
    /// a time: what is on its way does not hold up what follows.
    @Test(arguments: [1, 5_000_011])
    func bytesComeLateAndInOrder(count: Int) throws {
        let loop = try EventLoop()
        let sent = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ $0 >> 9) }
        let listener = try loop.listen(try TCPStreamTests.loopback) { stream in
            stream.onReceive = { stream.write($0) }
        }
        let proxy = try DelayingProxy(
            on: loop, at: try TCPStreamTests.loopback, to: listener.address,
            delayMilliseconds: Self.delayMilliseconds)
        var echoed: [UInt8] = []
        var start: UInt64 = 0
        var first: UInt64?
        var last: UInt64 = 0
        try loop.dial(proxy.address) { result in
            guard case .success(let stream) = result else { return loop.stop() }
            start = loop.monotonicNanoseconds
            stream.onReceive = {
                last = loop.monotonicNanoseconds - start
                first = first ?? last
                echoed += $0
                if echoed.count == count { loop.stop() }
            }
            stream.write(sent)
        }
        try TCPStreamTests.run(loop)
        #expect(echoed == sent)
        #expect(proxy.passedBytes == UInt64(2 * count))
        #expect(try #require(first) >= 2 * Self.delayMilliseconds * 1_000_000)
        // Were each read to wait for the one before it, this would take seconds.
        #expect(last < 2_000_000_000)
        proxy.close()
        loop.close()
    }

    /// What was sent before an end arrives, and then the end.
    @Test func endsArriveAfterTheirBytes() throws {
        let loop = try EventLoop()
        var received = 0
        let listener = try loop.listen(try TCPStreamTests.loopback) { stream in
            stream.onReceive = { received += $0.count }
            stream.onClose = { _ in loop.stop() }
        }
        let proxy = try DelayingProxy(
            on: loop, at: try TCPStreamTests.loopback, to: listener.address,
            delayMilliseconds: Self.delayMilliseconds)
        try loop.dial(proxy.address) { result in
            guard case .success(let stream) = result else { return loop.stop() }
            stream.write([UInt8](repeating: 7, count: 300_000))
            stream.closeAfterWrites()
        }
        try TCPStreamTests.run(loop)
        #expect(received == 300_000)
        proxy.close()
        loop.close()
    }

    /// Whoever connects while nobody listens behind the proxy is told by an end.
    @Test func nobodyBehindItIsAnEnd() throws {
        let loop = try EventLoop()
        let listener = try loop.listen(try TCPStreamTests.loopback) { _ in }
        let target = listener.address
        listener.close()
        let proxy = try DelayingProxy(
            on: loop, at: try TCPStreamTests.loopback, to: target,
            delayMilliseconds: Self.delayMilliseconds)
        var hasEnded = false
        try loop.dial(proxy.address) { result in
            guard case .success(let stream) = result else { return loop.stop() }
            stream.onClose = { _ in
                hasEnded = true
                loop.stop()
            }
        }
        try TCPStreamTests.run(loop)
        #expect(hasEnded)
        proxy.close()
        loop.close()
    }
}
