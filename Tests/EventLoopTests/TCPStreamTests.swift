// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EventLoop
import Glibc
import Machinery
import Testing

/// Streams over loopback, both ends on one loop.
@Suite struct TCPStreamTests {
    static var loopback: SocketAddress {
        get throws { try #require(SocketAddress("127.0.0.1:0")) }
    }

    /// Runs a loop until it is stopped, and fails the test after 20 s.
    static func run(_ loop: EventLoop) throws {
        var isLate = false
        try loop.schedule(afterMilliseconds: 20_000) {
            isLate = true
            loop.stop()
        }.detach()
        loop.run()
        #expect(!isLate)
    }

    /// What is written at one end is read, whole and in order, at the other, and back again.
    @Test(arguments: [1, 4096, 1_000_003])
    func bytesTravelBothWays(count: Int) throws {
        let loop = try EventLoop()
        let sent = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        var echoed: [UInt8] = []
        let listener = try loop.listen(try Self.loopback) { stream in
            stream.onReceive = { stream.write($0) }
        }
        #expect(listener.address.port != 0)
        try loop.dial(listener.address) { result in
            guard case .success(let stream) = result else { return loop.stop() }
            #expect(stream.remoteAddress == listener.address)
            stream.onReceive = {
                echoed += $0
                if echoed.count == count { loop.stop() }
            }
            stream.write(sent)
        }
        try Self.run(loop)
        #expect(echoed == sent)
        loop.close()
    }

    /// A loop ends although the loss of a connection makes its owner open another one, whose other end
    /// never closes it.
    @Test func closingEndsWhatIsOpenedMeanwhile() throws {
        let door = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(door, $0, size) == 0 && listen(door, 8) == 0
                    && getsockname(door, $0, &size) == 0
            }
        }
        #expect(isListening)
        let address = try #require(SocketAddress("127.0.0.1:\(name.sin_port.bigEndian)"))
        // Were the loop to wait for the other end, this would end the wait.
        let late = DispatchWorkItem { close(door) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 10, execute: late)
        let loop = try EventLoop()
        var opened = 0
        func open() {
            do {
                try loop.dial(address) { result in
                    guard case .success(let stream) = result else { return }
                    opened += 1
                    stream.onClose = { _ in if opened < 5 { open() } }
                    loop.stop()
                }
            } catch {
                Issue.record("\(error)")
            }
        }
        open()
        try Self.run(loop)
        let start = ContinuousClock.now
        loop.close()
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(opened >= 1)
        late.cancel()
        close(door)
    }

    /// A reader that does not read holds the writer up: the queue grows, then drains.
    @Test func theQueueTellsOfASlowReader() throws {
        let loop = try EventLoop()
        let block = [UInt8](repeating: 1, count: 1 << 20)
        var received = 0
        var accepted: TCPStream?
        var drained = false
        let listener = try loop.listen(try Self.loopback) { stream in
            accepted = stream
            stream.onReceive = {
                received += $0.count
                if received == 16 * block.count, drained { loop.stop() }
            }
        }
        try loop.dial(listener.address) { result in
            guard case .success(let stream) = result else { return loop.stop() }
            accepted?.pauseReading()
            for _ in 0..<16 { stream.write(block) }
            #expect(!stream.isWritable)
            #expect(stream.bytesQueued > stream.highWaterBytes)
            stream.onDrained = {
                drained = true
                #expect(stream.bytesQueued <= stream.lowWaterBytes)
                if received == 16 * block.count { loop.stop() }
            }
            _ = try? loop.schedule(afterMilliseconds: 20) { accepted?.resumeReading() }
        }
        try Self.run(loop)
        #expect(received == 16 * block.count)
        #expect(drained)
        loop.close()
    }

    /// A queue over its limit closes the stream, whose owner hears why.
    @Test func aQueueOverItsLimitClosesTheStream() throws {
        let loop = try EventLoop()
        var reason: TCPStream.CloseReason?
        var accepted: TCPStream?
        let listener = try loop.listen(try Self.loopback) { stream in accepted = stream }
        try loop.dial(listener.address) { result in
            guard case .success(let stream) = result else { return loop.stop() }
            accepted?.pauseReading()
            stream.queueLimitBytes = 1 << 20
            stream.onClose = {
                reason = $0
                loop.stop()
            }
            for _ in 0..<64 { stream.write([UInt8](repeating: 0, count: 1 << 19)) }
        }
        try Self.run(loop)
        #expect(reason == .queueOverLimit)
        loop.close()
    }

    /// The end of a stream reaches the other end after the last byte, and each side closes once.
    @Test func closingAfterWritesDeliversEverything() throws {
        let loop = try EventLoop()
        var events: [String] = []
        var received = 0
        let listener = try loop.listen(try Self.loopback) { stream in
            stream.onReceive = { received += $0.count }
            stream.onClose = {
                events.append("accepted: \($0)")
                if events.count == 2 { loop.stop() }
            }
        }
        try loop.dial(listener.address) { result in
            guard case .success(let stream) = result else { return loop.stop() }
            stream.onClose = {
                events.append("dialled: \($0)")
                if events.count == 2 { loop.stop() }
            }
            stream.write([UInt8](repeating: 9, count: 3_000_000))
            stream.closeAfterWrites()
            stream.write([1, 2, 3])
        }
        try Self.run(loop)
        #expect(received == 3_000_000)
        #expect(events.sorted() == ["accepted: endOfStream", "dialled: closedHere"])
        #expect(listener.connectionCount == 0)
        loop.close()
    }

    /// Connections over a listener's limit are closed when they come.
    @Test func aListenerHoldsItsLimit() throws {
        let loop = try EventLoop()
        var open = 0
        var closed = 0
        let listener = try loop.listen(try Self.loopback, connectionLimit: 3) { _ in open += 1 }
        for _ in 0..<5 {
            try loop.dial(listener.address) { result in
                guard case .success(let stream) = result else { return loop.stop() }
                stream.onClose = { _ in
                    closed += 1
                    if closed == 2 { loop.stop() }
                }
            }
        }
        try Self.run(loop)
        #expect(open == 3)
        #expect(listener.refusedCount == 2)
        #expect(listener.connectionCount == 3)
        loop.close()
    }

    /// Dialling where nobody listens fails with the system's reason.
    @Test func aRefusedConnectionIsAFailure() throws {
        let loop = try EventLoop()
        let listener = try loop.listen(try Self.loopback) { _ in }
        let address = listener.address
        listener.close()
        loop.runOnce(isWaiting: false)
        var failure: LoopFailure?
        try loop.dial(address) { result in
            if case .failure(let reason) = result { failure = reason }
            loop.stop()
        }
        try Self.run(loop)
        #expect(failure?.operation == "connect to \(address)")
        loop.close()
    }

    /// Two listeners cannot have one address.
    @Test func anAddressInUseIsRefused() throws {
        let loop = try EventLoop()
        let listener = try loop.listen(try Self.loopback) { _ in }
        let failure = #expect(throws: LoopFailure.self) {
            try loop.listen(listener.address) { _ in }
        }
        #expect(failure?.isAddressInUse == true)
        loop.close()
    }
}
