// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// One TCP connection that waits, for programs that have nothing else to do.
final class BlockingSocket {
    private let descriptor: Int32

    /// Connects to the first address of the host that accepts.
    init(host: String, port: UInt16, timeoutSeconds: Int) throws(RPCClientFault) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let first = list else {
            throw .connection("\(host): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(first) }
        var failure = "no address"
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let entry = next?.pointee {
            next = entry.ai_next
            let descriptor = socket(entry.ai_family, entry.ai_socktype, entry.ai_protocol)
            guard descriptor >= 0 else { continue }
            var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
            let size = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
            if connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 {
                self.descriptor = descriptor
                return
            }
            failure = String(cString: strerror(errno))
            Glibc.close(descriptor)
        }
        throw .connection("\(host):\(port): \(failure)")
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Sends all bytes.
    func send(_ bytes: [UInt8]) throws(RPCClientFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .connection(Self.reason) }
            rest = rest.dropFirst(count)
        }
    }

    /// Waits for bytes and gives them; true when the other end has none any more.
    func receive(
        _ take: (UnsafeRawBufferPointer) throws(RPCClientFault) -> Void
    ) throws(RPCClientFault) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        let size = buffer.count
        var count = 0
        repeat {
            count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, size, 0) }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw .connection(Self.reason) }
        if count == 0 { return true }
        let fault = buffer.withUnsafeBytes { bytes -> RPCClientFault? in
            do throws(RPCClientFault) {
                try take(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
        return false
    }

    private static var reason: String {
        errno == EAGAIN ? "the node did not answer in time" : String(cString: strerror(errno))
    }
}
