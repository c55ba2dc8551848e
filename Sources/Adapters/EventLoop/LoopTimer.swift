// SPDX-License-Identifier: Apache-2.0

internal import CUV

/// A timer that can be started again and again; it fires once a start.
package final class LoopTimer: LoopHandle {
    private var action: (() -> Void)?
    private var isOneShot = true

    /// Makes a timer that is not running.
    package init(on eventLoop: EventLoop, _ action: @escaping () -> Void) throws(LoopFailure) {
        self.action = action
        try super.init(UV_TIMER, on: eventLoop, "make a timer") { loop, memory in
            uv_timer_init(loop, memory.assumingMemoryBound(to: uv_timer_t.self))
        }
    }

    /// Makes a timer that its owner keeps and starts at will.
    package static func reusable(
        on eventLoop: EventLoop, _ action: @escaping () -> Void
    ) throws(LoopFailure) -> LoopTimer {
        let timer = try LoopTimer(on: eventLoop, action)
        timer.isOneShot = false
        return timer
    }

    /// Fires after `milliseconds`; a running timer is set anew.
    package func start(afterMilliseconds milliseconds: UInt64) {
        if isClosing { return }
        uv_update_time(eventLoop.loop)
        uv_timer_start(
            timer,
            { timer in
                guard let timer else { return }
                let handle = UnsafeMutableRawPointer(timer).assumingMemoryBound(
                    to: uv_handle_t.self)
                LoopHandle.owner(of: handle, as: LoopTimer.self)?.fire()
            }, milliseconds, 0)
    }

    /// Keeps it from firing; a one-shot timer is closed by it.
    package func cancel() {
        if isClosing { return }
        uv_timer_stop(timer)
        if isOneShot { close() }
    }

    override func didClose() {
        action = nil
    }

    private func fire() {
        let action = action
        if isOneShot { close() }
        action?()
    }

    private var timer: UnsafeMutablePointer<uv_timer_t> {
        memory.assumingMemoryBound(to: uv_timer_t.self)
    }
}
