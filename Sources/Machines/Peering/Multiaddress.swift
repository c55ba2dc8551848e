// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Machinery

/// Where and how a peer can be reached, as a path of protocols: `/ip4/1.2.3.4/tcp/2121/p2p/…`.
///
/// In binary each part is its protocol's code as a varint and a value of that protocol's form.
/// Addresses that name protocols we do not know cannot be read, since their size is unknown; those
/// that name known ones are kept although we only dial TCP. Source: multiformats/multiaddr.
/// Specified in Protocol/09-peer-layer.md#addresses.
package struct Multiaddress: Hashable, Sendable {
    /// The longest binary form that is read, in bytes.
    package static let sizeLimit = 1024
    /// The most parts that are read.
    package static let partLimit = 16

    /// One protocol of the path.
    package struct Part: Hashable, Sendable {
        /// The protocol.
        package let kind: MultiaddressProtocol
        /// Its value, without the length that precedes values of variable size.
        package let value: [UInt8]
    }

    /// The path.
    package let parts: [Part]

    /// The address of a TCP socket.
    package init(_ address: SocketAddress) {
        let ip: Part =
            switch address.ip {
            case .v4(let four): Part(kind: .ip4, value: four.array)
            case .v6(let sixteen): Part(kind: .ip6, value: sixteen.array)
            }
        let port = [UInt8(address.port >> 8), UInt8(address.port & 255)]
        parts = [ip, Part(kind: .tcp, value: port)]
    }

    init(parts: [Part]) {
        self.parts = parts
    }

    /// Reads the binary form.
    package init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count <= Self.sizeLimit else {
            throw DecodeFault(
                .overLimit(field: "multiaddr", limit: Self.sizeLimit, actual: bytes.count))
        }
        var parts: [Part] = []
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            let start = reader.offset
            let code = try reader.varint()
            guard let kind = MultiaddressProtocol(rawValue: code) else {
                throw .malformed("multiaddr protocol \(code) is not known", at: start)
            }
            guard parts.count < Self.partLimit else {
                throw DecodeFault(
                    .overLimit(
                        field: "multiaddr parts", limit: Self.partLimit, actual: parts.count + 1),
                    at: start)
            }
            let value =
                switch kind.valueSize {
                case .fixed(let count): try reader.slice(count)
                case .variable: try reader.lengthPrefixed(limit: Self.sizeLimit)
                }
            try kind.check(value, at: start)
            parts.append(Part(kind: kind, value: [UInt8](value)))
        }
        guard !parts.isEmpty else { throw .malformed("an empty multiaddr") }
        self.parts = parts
    }

    /// The binary form.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            bytes.append(varint: part.kind.rawValue)
            switch part.kind.valueSize {
            case .fixed: bytes += part.value
            case .variable: bytes.append(lengthPrefixed: part.value)
            }
        }
        return bytes
    }

    /// The peer that the address ends in, if it names one.
    package var peer: PeerIdentifier? {
        guard let last = parts.last, last.kind == .p2p else { return nil }
        return PeerIdentifier.readable(last.value[...])
    }

    /// The address without the peer at its end.
    package var withoutPeer: Multiaddress {
        guard parts.count > 1, parts.last?.kind == .p2p else { return self }
        return Multiaddress(parts: parts.dropLast())
    }

    /// The address with `peer` at its end.
    package func appending(_ peer: PeerIdentifier) -> Multiaddress {
        Multiaddress(parts: withoutPeer.parts + [Part(kind: .p2p, value: peer.bytes)])
    }

    /// The TCP socket it names, when plain TCP over IP, with or without a peer, is all it names.
    package var socketAddress: SocketAddress? {
        let path = withoutPeer.parts
        guard path.count == 2, path[0].kind == .ip4 || path[0].kind == .ip6,
            path[1].kind == .tcp, path[1].value.count == 2,
            let ip = IPAddress(bytes: path[0].value)
        else { return nil }
        let port = UInt16(path[1].value[0]) << 8 | UInt16(path[1].value[1])
        return SocketAddress(ip: ip, port: port)
    }

    /// The host name and port it names, when it is a name to look up that TCP follows.
    package var hostName: (name: String, port: UInt16)? {
        let path = withoutPeer.parts
        guard path.count == 2, [.dns, .dns4, .dns6].contains(path[0].kind),
            path[1].kind == .tcp, path[1].value.count == 2
        else { return nil }
        let port = UInt16(path[1].value[0]) << 8 | UInt16(path[1].value[1])
        return (String(decoding: path[0].value, as: UTF8.self), port)
    }
}
