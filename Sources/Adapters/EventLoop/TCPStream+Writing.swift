// SPDX-License-Identifier: Apache-2.0

internal import CUV

/// Sending, and ending after what was sent.
extension TCPStream {
    /// How long an ended stream waits for the other end to close, in milliseconds.
    ///
    /// Closing at once would answer bytes still on their way here by a reset, which can destroy
    /// what the other end has not read yet.
    package static let lingerMilliseconds: UInt64 = 1000

    /// Sends `bytes`: at once as far as the system takes them, the rest from a queue.
    ///
    /// Nothing is sent after `close` or `closeAfterWrites`. More than `queueLimitBytes` queued
    /// closes the stream.
    package func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }

    /// Sends bytes that are needed during the call only.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        if isClosing || isEnding || bytes.isEmpty { return }
        var rest = bytes
        if bytesQueued == 0 {
            var buffer = Self.buffer(rest)
            let sent = uv_try_write(socket, &buffer, 1)
            if sent >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[Int(sent)...])
            } else if sent != UV_EAGAIN.rawValue {
                close(.failed(LoopFailure("write", code: sent)))
                return
            }
            if rest.isEmpty { return }
        }
        enqueue(rest)
    }

    /// Sends what is queued, closes this side, waits shortly for the other and closes.
    package func closeAfterWrites() {
        if isClosing || isEnding { return }
        isEnding = true
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        request.initialize(to: uv_shutdown_t())
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let code = uv_shutdown(request, socket) { request, status in
            guard let request, let data = request.pointee.data else { return }
            let stream = Unmanaged<TCPStream>.fromOpaque(data).takeRetainedValue()
            request.deallocate()
            stream.didShutDown(status)
        }
        if code < 0 {
            Unmanaged.passUnretained(self).release()
            request.deallocate()
            close(.failed(LoopFailure("shut down", code: code)))
        }
    }

    private func didShutDown(_ status: Int32) {
        if isClosing { return }
        guard status >= 0 else {
            return close(.failed(LoopFailure("shut down", code: status)))
        }
        startReading()
        do throws(LoopFailure) {
            let timer = try eventLoop.schedule(afterMilliseconds: Self.lingerMilliseconds) {
                [weak self] in self?.close(.closedHere)
            }
            timer.detach()
        } catch {
            close(.closedHere)
        }
    }

    private func enqueue(_ bytes: UnsafeRawBufferPointer) {
        guard bytesQueued + bytes.count <= queueLimitBytes else { return close(.queueOverLimit) }
        let request = WriteRequest(stream: self, bytes)
        let write = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
        write.initialize(to: uv_write_t())
        write.pointee.data = Unmanaged.passRetained(request).toOpaque()
        var buffer = Self.buffer(UnsafeRawBufferPointer(request.bytes))
        let code = uv_write(write, socket, &buffer, 1) { write, status in
            guard let write, let data = write.pointee.data else { return }
            let request = Unmanaged<WriteRequest>.fromOpaque(data).takeRetainedValue()
            write.deallocate()
            request.stream.didWrite(request.bytes.count, status)
        }
        guard code >= 0 else {
            Unmanaged.passUnretained(request).release()
            write.deallocate()
            return close(.failed(LoopFailure("write", code: code)))
        }
        bytesQueued += bytes.count
        if bytesQueued > lowWaterBytes { wasOverLowWater = true }
    }

    private func didWrite(_ count: Int, _ status: Int32) {
        bytesQueued -= count
        if isClosing { return }
        if status < 0 { return close(.failed(LoopFailure("write", code: status))) }
        if wasOverLowWater, bytesQueued <= lowWaterBytes {
            wasOverLowWater = false
            onDrained?()
        }
    }

    private static func buffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
        let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        return uv_buf_t(base: start?.assumingMemoryBound(to: CChar.self), len: bytes.count)
    }
}

/// Bytes on their way out; they live until libuv is done with them.
private final class WriteRequest {
    let stream: TCPStream
    let bytes: UnsafeMutableRawBufferPointer

    init(stream: TCPStream, _ source: UnsafeRawBufferPointer) {
        self.stream = stream
        bytes = .allocate(byteCount: source.count, alignment: 16)
        bytes.copyMemory(from: source)
    }

    deinit {
        bytes.deallocate()
    }
}
