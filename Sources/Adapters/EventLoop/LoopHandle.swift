// SPDX-License-Identifier: Apache-2.0

internal import CUV

/// A libuv handle and the one Swift object that owns it.
///
/// Its memory follows libuv's rules; see `EventLoop`, rules 3 to 5.
package class LoopHandle {
    /// The loop that it lives on.
    package let eventLoop: EventLoop
    /// Whether `close` was called.
    package private(set) var isClosing = false

    let memory: UnsafeMutableRawPointer

    /// Allocates a handle of `type` and lets `initialize` make it known to the loop.
    init(
        _ type: uv_handle_type, on eventLoop: EventLoop, _ operation: String,
        initialize: (UnsafeMutablePointer<uv_loop_t>, UnsafeMutableRawPointer) -> Int32
    ) throws(LoopFailure) {
        self.eventLoop = eventLoop
        let size = uv_handle_size(type)
        memory = .allocate(byteCount: size, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        let code = initialize(eventLoop.loop, memory)
        guard code >= 0 else {
            memory.deallocate()
            throw LoopFailure(operation, code: code)
        }
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Ends the handle; may be called twice.
    ///
    /// Its memory goes when libuv has let go of it.
    package func close() {
        if isClosing { return }
        isClosing = true
        uv_close(handle) { handle in
            guard let handle, let data = handle.pointee.data else { return }
            let owner = Unmanaged<LoopHandle>.fromOpaque(data).takeRetainedValue()
            owner.memory.deallocate()
            owner.didClose()
        }
    }

    /// Called once, from the loop, after the handle's memory went.
    func didClose() {}

    /// Called when another thread asked for it (asynchronous handles only).
    func woken() {}

    /// Lets the loop end although this handle is open.
    package func detach() {
        if !isClosing { uv_unref(handle) }
    }

    var handle: UnsafeMutablePointer<uv_handle_t> {
        memory.assumingMemoryBound(to: uv_handle_t.self)
    }

    /// The owner of a handle inside one of its callbacks.
    static func owner<Owner: LoopHandle>(
        of handle: UnsafeMutablePointer<uv_handle_t>, as type: Owner.Type
    ) -> Owner? {
        guard let data = handle.pointee.data else { return nil }
        return Unmanaged<LoopHandle>.fromOpaque(data).takeUnretainedValue() as? Owner
    }
}
