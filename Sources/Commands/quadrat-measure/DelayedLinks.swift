// SPDX-License-Identifier: Apache-2.0

internal import EventLoop
internal import Foundation
internal import Machinery

/// Proxies before some addresses, on a thread of their own.
///
/// The loop is made here and run by that thread alone, from `start` on.
final class DelayedLinks: @unchecked Sendable {
    /// The proxies' addresses, in the order of what is behind them.
    let addresses: [SocketAddress]

    private let loop: EventLoop
    private let proxies: [DelayingProxy]
    private let ending: Mailbox<Bool>
    private let ended = DispatchSemaphore(value: 0)

    init(before targets: [SocketAddress], delayMilliseconds: UInt64) throws {
        let loop = try EventLoop()
        self.loop = loop
        guard let door = SocketAddress("127.0.0.1:0") else { throw MeasureFault("no loopback") }
        proxies = try targets.map {
            try DelayingProxy(on: loop, at: door, to: $0, delayMilliseconds: delayMilliseconds)
        }
        addresses = proxies.map(\.address)
        ending = try loop.makeMailbox { (_: Bool) in loop.stop() }
    }

    func start() {
        Thread.detachNewThread { [self] in
            loop.run()
            for proxy in proxies { proxy.close() }
            loop.close()
            ended.signal()
        }
    }

    func stop() {
        ending.post(true)
        ended.wait()
    }
}

/// Why nothing can be measured.
struct MeasureFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
