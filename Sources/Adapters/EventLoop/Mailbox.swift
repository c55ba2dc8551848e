// SPDX-License-Identifier: Apache-2.0

internal import CUV
internal import Synchronization

/// Where other threads leave values for a loop; made by `EventLoop.makeMailbox`.
package final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        /// The handle to wake the loop by; nil once the loop's side is closed.
        var waker: UnsafeMutablePointer<uv_async_t>?
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Leaves `item` for the loop; may be called on any thread.
    ///
    /// - Returns: Whether it was taken: no when the box is full or the loop has ended.
    @discardableResult
    package func post(_ item: Item) -> Bool {
        state.withLock { state in
            guard let waker = state.waker, state.items.count < limit else { return false }
            state.items.append(item)
            if state.items.count == 1 { uv_async_send(waker) }
            return true
        }
    }

    func open(_ waker: SendablePointer) {
        state.withLock { $0.waker = waker.pointer }
    }

    func close() {
        state.withLock {
            $0.waker = nil
            $0.items = []
        }
    }

    func takeAll() -> [Item] {
        state.withLock { state in
            let items = state.items
            state.items = []
            return items
        }
    }
}

/// A handle's address on its way into a mailbox.
///
/// `@unchecked` because only `uv_async_send`, which any thread may call, is ever done with it.
struct SendablePointer: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<uv_async_t>
}

/// The loop's side of a mailbox.
final class MailboxReader<Item: Sendable>: LoopHandle {
    let mailbox: Mailbox<Item>
    private var onItem: ((Item) -> Void)?

    init(
        on eventLoop: EventLoop, limit: Int, _ onItem: @escaping (Item) -> Void
    ) throws(LoopFailure) {
        mailbox = Mailbox(limit: limit)
        self.onItem = onItem
        try super.init(UV_ASYNC, on: eventLoop, "make a mailbox") { loop, memory in
            uv_async_init(loop, memory.assumingMemoryBound(to: uv_async_t.self)) { waker in
                guard let waker else { return }
                let handle = UnsafeMutableRawPointer(waker).assumingMemoryBound(
                    to: uv_handle_t.self)
                LoopHandle.owner(of: handle, as: LoopHandle.self)?.woken()
            }
        }
        mailbox.open(SendablePointer(pointer: memory.assumingMemoryBound(to: uv_async_t.self)))
        detach()
    }

    override func close() {
        mailbox.close()
        super.close()
    }

    override func woken() {
        for item in mailbox.takeAll() {
            if isClosing { return }
            onItem?(item)
        }
    }

    override func didClose() {
        onItem = nil
    }
}
