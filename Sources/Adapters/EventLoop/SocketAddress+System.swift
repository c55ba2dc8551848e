// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CUV
internal import Glibc
internal import Machinery

/// The system's form of an address.
extension SocketAddress {
    /// Calls `body` with the address as the system writes it.
    func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        var storage = sockaddr_storage()
        return withUnsafeMutableBytes(of: &storage) { bytes in
            switch ip {
            case .v4(let four):
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = port.bigEndian
                withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: four.array) }
                bytes.storeBytes(of: address, as: sockaddr_in.self)
            case .v6(let sixteen):
                var address = sockaddr_in6()
                address.sin6_family = sa_family_t(AF_INET6)
                address.sin6_port = port.bigEndian
                withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: sixteen.array) }
                bytes.storeBytes(of: address, as: sockaddr_in6.self)
            }
            return bytes.withMemoryRebound(to: sockaddr.self) { rebound in
                guard let start = rebound.baseAddress else {
                    preconditionFailure("an address has bytes")
                }
                return body(start)
            }
        }
    }

    /// Reads an address that the system wrote; nil for other families.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        let parts: (IPAddress, UInt16)? = withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET:
                let address = bytes.load(as: sockaddr_in.self)
                return withUnsafeBytes(of: address.sin_addr) { IPAddress(bytes: $0) }
                    .map { ($0, UInt16(bigEndian: address.sin_port)) }
            case AF_INET6:
                let address = bytes.load(as: sockaddr_in6.self)
                return withUnsafeBytes(of: address.sin6_addr) { IPAddress(bytes: $0) }
                    .map { ($0, UInt16(bigEndian: address.sin6_port)) }
            default:
                return nil
            }
        }
        guard let parts else { return nil }
        self.init(ip: parts.0, port: parts.1)
    }

    /// What `read` fills in, which is one of libuv's two name functions.
    static func read(
        _ read: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<Int32>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = Int32(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { rebound in
                rebound.baseAddress.map { read($0, &size) } ?? -1
            }
        }
        return code == 0 ? SocketAddress(storage) : nil
    }
}
