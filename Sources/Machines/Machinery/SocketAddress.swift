// SPDX-License-Identifier: Apache-2.0

/// Where a TCP connection leads: an address and a port.
///
/// Machines and adapters both speak of it, so it stands with the vocabulary they share.
package struct SocketAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The address.
    package let ip: IPAddress
    /// The TCP port.
    package let port: UInt16

    /// Names an address and a port.
    package init(ip: IPAddress, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    /// Reads `127.0.0.1:80` or `[::1]:80`; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { return nil }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard let ip = IPAddress(host) else { return nil }
        self.init(ip: ip, port: port)
    }

    package var description: String {
        switch ip {
        case .v4: "\(ip):\(port)"
        case .v6: "[\(ip)]:\(port)"
        }
    }

    package static func < (lhs: SocketAddress, rhs: SocketAddress) -> Bool {
        lhs.ip == rhs.ip ? lhs.port < rhs.port : lhs.ip < rhs.ip
    }
}
