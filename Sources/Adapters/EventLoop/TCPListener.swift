// SPDX-License-Identifier: Apache-2.0

internal import CUV
package import Machinery

/// A TCP socket that accepts connections.
package final class TCPListener: LoopHandle {
    /// Where it listens; the port is the real one when 0 was asked for.
    package private(set) var address: SocketAddress
    /// The most connections that may be open at a time; those over it are closed when they come.
    package let connectionLimit: Int
    /// Connections that are open now.
    package private(set) var connectionCount = 0
    /// Connections closed at once because of the limit.
    package private(set) var refusedCount: UInt64 = 0

    private var onAccept: ((TCPStream) -> Void)?

    init(
        _ address: SocketAddress, on eventLoop: EventLoop, backlog: Int32, connectionLimit: Int,
        onAccept: @escaping (TCPStream) -> Void
    ) throws(LoopFailure) {
        self.address = address
        self.connectionLimit = connectionLimit
        self.onAccept = onAccept
        try super.init(UV_TCP, on: eventLoop, "make a socket") { loop, memory in
            uv_tcp_init(loop, memory.assumingMemoryBound(to: uv_tcp_t.self))
        }
        do throws(LoopFailure) {
            try start(backlog: backlog)
        } catch {
            close()
            throw error
        }
    }

    override func didClose() {
        onAccept = nil
    }

    /// Called by a stream of this listener when it is gone.
    func streamDidClose() {
        connectionCount -= 1
    }

    private func start(backlog: Int32) throws(LoopFailure) {
        let socket = memory.assumingMemoryBound(to: uv_tcp_t.self)
        let code = address.withSystemAddress { uv_tcp_bind(socket, $0, 0) }
        try LoopFailure.check(code, "bind \(address)")
        let stream = memory.assumingMemoryBound(to: uv_stream_t.self)
        let listening = uv_listen(stream, backlog) { stream, status in
            guard let stream, status >= 0 else { return }
            let handle = UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_handle_t.self)
            LoopHandle.owner(of: handle, as: TCPListener.self)?.accept()
        }
        try LoopFailure.check(listening, "listen on \(address)")
        if let bound = SocketAddress.read({ uv_tcp_getsockname(socket, $0, $1) }) {
            address = bound
        }
    }

    private func accept() {
        if isClosing { return }
        let stream: TCPStream
        do throws(LoopFailure) {
            stream = try TCPStream(on: eventLoop, listener: self)
        } catch {
            return
        }
        connectionCount += 1
        let socket = memory.assumingMemoryBound(to: uv_stream_t.self)
        guard uv_accept(socket, stream.socket) >= 0, connectionCount <= connectionLimit else {
            refusedCount += 1
            stream.close()
            return
        }
        stream.didConnect()
        onAccept?(stream)
        stream.startReading()
    }
}

extension EventLoop {
    /// Listens on `address`; each connection comes as a stream that is not yet read from.
    ///
    /// Set the stream's callbacks inside `onAccept`; reading starts when it returns.
    package func listen(
        _ address: SocketAddress, backlog: Int32 = 1024, connectionLimit: Int = 20_000,
        onAccept: @escaping (TCPStream) -> Void
    ) throws(LoopFailure) -> TCPListener {
        try TCPListener(
            address, on: self, backlog: backlog, connectionLimit: connectionLimit,
            onAccept: onAccept)
    }
}
