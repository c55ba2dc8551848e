// SPDX-License-Identifier: Apache-2.0

internal import CUV
internal import Glibc
package import Machinery

/// Connections that this end opens.
extension EventLoop {
    /// Connects to `address` and gives the stream, or the reason why there is none.
    ///
    /// Set the stream's callbacks inside `completion`; reading starts when it returns.
    package func dial(
        _ address: SocketAddress, timeoutMilliseconds: UInt64 = 10_000,
        completion: @escaping (Result<TCPStream, LoopFailure>) -> Void
    ) throws(LoopFailure) {
        let stream = try TCPStream(on: self, listener: nil)
        let request = ConnectRequest(stream: stream, address: address, completion)
        request.timer = try schedule(afterMilliseconds: timeoutMilliseconds) {
            [weak request] in request?.timeOut()
        }
        let connect = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        connect.initialize(to: uv_connect_t())
        connect.pointee.data = Unmanaged.passRetained(request).toOpaque()
        let socket = stream.memory.assumingMemoryBound(to: uv_tcp_t.self)
        let code = address.withSystemAddress { target in
            uv_tcp_connect(connect, socket, target) { connect, status in
                guard let connect, let data = connect.pointee.data else { return }
                let request = Unmanaged<ConnectRequest>.fromOpaque(data).takeRetainedValue()
                connect.deallocate()
                request.finish(status)
            }
        }
        guard code >= 0 else {
            Unmanaged.passUnretained(request).release()
            connect.deallocate()
            request.timer?.cancel()
            stream.close()
            throw LoopFailure("connect to \(address)", code: code)
        }
    }

    /// Looks a host name up; gives its addresses in the system's order, at most 64.
    package func resolve(
        _ name: String, completion: @escaping (Result<[IPAddress], LoopFailure>) -> Void
    ) throws(LoopFailure) {
        let request = ResolveRequest(name: name, completion)
        let lookup = UnsafeMutablePointer<uv_getaddrinfo_t>.allocate(capacity: 1)
        lookup.initialize(to: uv_getaddrinfo_t())
        lookup.pointee.data = Unmanaged.passRetained(request).toOpaque()
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        let code = uv_getaddrinfo(
            loop, lookup,
            { lookup, status, list in
                guard let lookup, let data = lookup.pointee.data else { return }
                let request = Unmanaged<ResolveRequest>.fromOpaque(data).takeRetainedValue()
                lookup.deallocate()
                request.finish(status, list)
                uv_freeaddrinfo(list)
            }, name, nil, &hints)
        guard code >= 0 else {
            Unmanaged.passUnretained(request).release()
            lookup.deallocate()
            throw LoopFailure("look up \(name)", code: code)
        }
    }
}

private final class ConnectRequest {
    let stream: TCPStream
    let address: SocketAddress
    let completion: (Result<TCPStream, LoopFailure>) -> Void
    var timer: LoopTimer?
    private var didTimeOut = false

    init(
        stream: TCPStream, address: SocketAddress,
        _ completion: @escaping (Result<TCPStream, LoopFailure>) -> Void
    ) {
        self.stream = stream
        self.address = address
        self.completion = completion
    }

    func timeOut() {
        didTimeOut = true
        stream.close()
    }

    func finish(_ status: Int32) {
        timer?.cancel()
        if didTimeOut { return completion(.failure(.timedOut("connect to \(address)"))) }
        guard status >= 0, !stream.isClosing else {
            stream.close()
            return completion(.failure(LoopFailure("connect to \(address)", code: status)))
        }
        stream.didConnect()
        completion(.success(stream))
        stream.startReading()
    }
}

private final class ResolveRequest {
    private static let addressLimit = 64
    private let name: String
    private let completion: (Result<[IPAddress], LoopFailure>) -> Void

    init(name: String, _ completion: @escaping (Result<[IPAddress], LoopFailure>) -> Void) {
        self.name = name
        self.completion = completion
    }

    func finish(_ status: Int32, _ list: UnsafeMutablePointer<addrinfo>?) {
        guard status >= 0 else {
            return completion(.failure(LoopFailure("look up \(name)", code: status)))
        }
        var addresses: [IPAddress] = []
        var next = list
        while let entry = next, addresses.count < Self.addressLimit {
            var storage = sockaddr_storage()
            let size = min(Int(entry.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
            memcpy(&storage, entry.pointee.ai_addr, size)
            if let address = SocketAddress(storage) { addresses.append(address.ip) }
            next = entry.pointee.ai_next
        }
        completion(.success(addresses))
    }
}
