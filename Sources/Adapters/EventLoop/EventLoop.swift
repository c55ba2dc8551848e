// SPDX-License-Identifier: Apache-2.0

internal import CUV
internal import Glibc

/// One libuv loop and the thread that runs it: sockets, timers, signals and jobs, by callbacks.
///
/// libuv's rules of ownership, which every wrapper in this folder keeps:
///
/// 1. A loop and its handles belong to one thread. The only calls another thread may make are
///    `Mailbox.post` and, inside, `uv_async_send`.
/// 2. A callback is called from the loop, never from inside the call that asked for it; so no
///    caller meets its own half-done state. (`uv_try_write` has no callback, hence its use.)
/// 3. A handle's memory must stay where it is until its close callback has run. So `LoopHandle`
///    owns the memory, holds itself from `init` to that callback, and frees it there.
/// 4. After `uv_close` no read, accept, timer or signal callback comes any more; those of pending
///    requests (write, connect, shutdown) still come, with `UV_ECANCELED`, before the close
///    callback. So requests hold their stream, and look at `isClosing` first.
/// 5. A request's memory and its bytes must live until its callback. So each request is an
///    allocation of its own that its callback frees.
/// 6. The read buffer is lent between the allocate callback and the read callback that follows at
///    once on the same thread. So one slab serves all streams of a loop, and what a stream is
///    handed is valid only during the call.
/// 7. A closed descriptor is libuv's to close; nobody else closes it or keeps its number.
/// 8. A write to a socket whose peer is gone raises SIGPIPE in this version. So it is ignored,
///    once a process.
package final class EventLoop {
    /// The bytes of the slab that reads are lent, 256 KiB.
    package static let slabSizeBytes = 256 * 1024

    let loop: UnsafeMutablePointer<uv_loop_t>
    let slab: UnsafeMutableRawBufferPointer
    private var isOpen = true

    /// Makes a loop for the calling thread.
    package init() throws(LoopFailure) {
        signal(SIGPIPE, SIG_IGN)
        loop = .allocate(capacity: 1)
        let code = uv_loop_init(loop)
        guard code >= 0 else {
            loop.deallocate()
            throw LoopFailure("make a loop", code: code)
        }
        slab = .allocate(byteCount: Self.slabSizeBytes, alignment: 64)
        loop.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        close()
        slab.deallocate()
        loop.deallocate()
    }

    /// Runs callbacks until `stop`, or until no handle and no request is left.
    package func run() {
        uv_run(loop, UV_RUN_DEFAULT)
    }

    /// Runs what is due once, waiting for something when `isWaiting`.
    ///
    /// - Returns: Whether handles or requests are left.
    @discardableResult
    package func runOnce(isWaiting: Bool = true) -> Bool {
        uv_run(loop, isWaiting ? UV_RUN_ONCE : UV_RUN_NOWAIT) != 0
    }

    /// Makes `run` return after the callbacks of this round.
    package func stop() {
        uv_stop(loop)
    }

    /// Nanoseconds on the monotonic clock, now.
    package var monotonicNanoseconds: UInt64 { uv_hrtime() }

    /// Closes every handle, waits for their close callbacks and for running jobs, ends the loop.
    ///
    /// What such a callback opens is closed, too: a node that hears of lost connections dials others.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        repeat {
            uv_walk(
                loop,
                { handle, _ in
                    guard let handle else { return }
                    LoopHandle.owner(of: handle, as: LoopHandle.self)?.close()
                }, nil)
        } while uv_run(loop, UV_RUN_ONCE) != 0
        let code = uv_loop_close(loop)
        precondition(code == 0, "a loop ends with no handle open")
    }

    /// Calls `action` once, after at least `milliseconds`.
    @discardableResult
    package func schedule(
        afterMilliseconds milliseconds: UInt64, _ action: @escaping () -> Void
    ) throws(LoopFailure) -> LoopTimer {
        let timer = try LoopTimer(on: self, action)
        timer.start(afterMilliseconds: milliseconds)
        return timer
    }

    /// Calls `action` on the loop each time the process gets `signal`.
    ///
    /// The watch alone does not keep `run` from returning.
    @discardableResult
    package func onSignal(
        _ signal: Int32, _ action: @escaping () -> Void
    ) throws(LoopFailure) -> SignalWatch {
        try SignalWatch(signal, on: self, action)
    }

    /// A box that any thread may post to; `onItem` gets the items on this loop, in order.
    package func makeMailbox<Item: Sendable>(
        limit: Int = 65_536, _ onItem: @escaping (Item) -> Void
    ) throws(LoopFailure) -> Mailbox<Item> {
        try MailboxReader(on: self, limit: limit, onItem).mailbox
    }
}
