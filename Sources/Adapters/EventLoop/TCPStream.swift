// SPDX-License-Identifier: Apache-2.0

internal import CUV
internal import Glibc
package import Machinery

/// A TCP connection: bytes in by callback, bytes out through a queue whose size is known.
///
/// Its callbacks are dropped when it has closed, so they may hold it.
package final class TCPStream: LoopHandle {
    /// Why a stream ended.
    package enum CloseReason: Hashable, Sendable {
        /// The other end closed its side.
        case endOfStream
        /// `close` or `closeAfterWrites` was called here.
        case closedHere
        /// More bytes were queued than `queueLimitBytes`.
        case queueOverLimit
        /// The system gave an error.
        case failed(LoopFailure)
    }

    /// Queued bytes at and above which `isWritable` is false, 256 KiB.
    package var highWaterBytes = 256 * 1024
    /// Queued bytes that `onDrained` tells the queue has fallen to, 128 KiB.
    package var lowWaterBytes = 128 * 1024
    /// Queued bytes above which the stream is closed, 64 MiB.
    package var queueLimitBytes = 64 * 1024 * 1024

    /// Gets what was read; the bytes are valid during the call only.
    package var onReceive: ((UnsafeRawBufferPointer) -> Void)?
    /// Called when the other end closed its side; nil means to close then.
    package var onEnd: (() -> Void)?
    /// Called when the queue has fallen from above the low mark to it.
    package var onDrained: (() -> Void)?
    /// Called once, from the loop, when all is over.
    package var onClose: ((CloseReason) -> Void)?

    /// The other end, nil when it is gone already.
    package private(set) var remoteAddress: SocketAddress?
    /// This end.
    package private(set) var localAddress: SocketAddress?
    /// Bytes given to `write` that the system has not taken yet.
    package internal(set) var bytesQueued = 0

    var wasOverLowWater = false
    var isEnding = false
    private var closeReason = CloseReason.closedHere
    private var listener: TCPListener?

    init(on eventLoop: EventLoop, listener: TCPListener?) throws(LoopFailure) {
        self.listener = listener
        try super.init(UV_TCP, on: eventLoop, "make a socket") { loop, memory in
            uv_tcp_init(loop, memory.assumingMemoryBound(to: uv_tcp_t.self))
        }
    }

    /// Whether fewer bytes than the high mark are queued.
    package var isWritable: Bool { bytesQueued < highWaterBytes && !isClosing }

    /// Stops reading, so that the sender is held up by TCP.
    package func pauseReading() {
        if !isClosing { uv_read_stop(socket) }
    }

    /// Reads again.
    package func resumeReading() {
        startReading()
    }

    /// Ends the stream now; queued bytes are dropped.
    package override func close() {
        super.close()
    }

    func close(_ reason: CloseReason) {
        if isClosing { return }
        closeReason = reason
        close()
    }

    override func didClose() {
        let callback = onClose
        onReceive = nil
        onEnd = nil
        onDrained = nil
        onClose = nil
        listener?.streamDidClose()
        listener = nil
        callback?(closeReason)
    }

    /// Sets the socket up and learns both addresses.
    func didConnect() {
        let tcp = memory.assumingMemoryBound(to: uv_tcp_t.self)
        uv_tcp_nodelay(tcp, 1)
        remoteAddress = SocketAddress.read { uv_tcp_getpeername(tcp, $0, $1) }
        localAddress = SocketAddress.read { uv_tcp_getsockname(tcp, $0, $1) }
        var descriptor: uv_os_fd_t = -1
        if uv_fileno(handle, &descriptor) == 0 {
            var lowWater = Int32(lowWaterBytes)
            setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &lowWater,
                socklen_t(MemoryLayout<Int32>.size))
        }
    }

    func startReading() {
        if isClosing { return }
        let code = uv_read_start(
            socket,
            { handle, _, buffer in
                guard let handle, let buffer, let data = handle.pointee.loop.pointee.data else {
                    return
                }
                let slab = Unmanaged<EventLoop>.fromOpaque(data).takeUnretainedValue().slab
                buffer.pointee = uv_buf_init(
                    slab.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(slab.count))
            },
            { stream, count, buffer in
                guard let stream, let buffer else { return }
                let handle = UnsafeMutableRawPointer(stream).assumingMemoryBound(
                    to: uv_handle_t.self)
                LoopHandle.owner(of: handle, as: TCPStream.self)?
                    .didRead(count, buffer.pointee.base)
            })
        if code < 0 && code != UV_EALREADY.rawValue {
            close(.failed(LoopFailure("read", code: code)))
        }
    }

    private func didRead(_ count: Int, _ base: UnsafeMutablePointer<CChar>?) {
        if count > 0 {
            if !isEnding { onReceive?(UnsafeRawBufferPointer(start: base, count: count)) }
        } else if count == Int(UV_EOF.rawValue) {
            if let onEnd, !isEnding {
                uv_read_stop(socket)
                onEnd()
            } else {
                close(isEnding ? .closedHere : .endOfStream)
            }
        } else if count < 0 {
            close(isEnding ? .closedHere : .failed(LoopFailure("read", code: Int32(count))))
        }
    }

    var socket: UnsafeMutablePointer<uv_stream_t> {
        memory.assumingMemoryBound(to: uv_stream_t.self)
    }
}
