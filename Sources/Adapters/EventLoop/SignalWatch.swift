// SPDX-License-Identifier: Apache-2.0

internal import CUV

/// A watch for one of the process's signals.
package final class SignalWatch: LoopHandle {
    private var action: (() -> Void)?

    init(
        _ signal: Int32, on eventLoop: EventLoop, _ action: @escaping () -> Void
    ) throws(LoopFailure) {
        self.action = action
        try super.init(UV_SIGNAL, on: eventLoop, "make a signal watch") { loop, memory in
            uv_signal_init(loop, memory.assumingMemoryBound(to: uv_signal_t.self))
        }
        let watch = memory.assumingMemoryBound(to: uv_signal_t.self)
        let code = uv_signal_start(
            watch,
            { watch, _ in
                guard let watch else { return }
                let handle = UnsafeMutableRawPointer(watch).assumingMemoryBound(
                    to: uv_handle_t.self)
                LoopHandle.owner(of: handle, as: SignalWatch.self)?.action?()
            }, signal)
        guard code >= 0 else {
            close()
            throw LoopFailure("watch signal \(signal)", code: code)
        }
        detach()
    }

    override func didClose() {
        action = nil
    }
}
