// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Machinery

/// The text form: each protocol's name, and its value where it has one, after a slash.
extension Multiaddress: CustomStringConvertible {
    package var description: String {
        parts.map { part in
            let value = part.text
            return "/\(part.kind.name)" + (value.isEmpty ? "" : "/\(value)")
        }.joined()
    }

    /// Reads the text form; `ipfs` is taken for `p2p`, as old addresses have it.
    package init(_ text: String) throws(DecodeFault) {
        guard text.utf8.count <= Self.sizeLimit, text.hasPrefix("/") else {
            throw .malformed("the text of a multiaddr starts with a slash")
        }
        var words = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)[...]
        var parts: [Part] = []
        while let word = words.popFirst() {
            let name = word == "ipfs" ? "p2p" : String(word)
            guard let kind = MultiaddressProtocol.allCases.first(where: { $0.name == name }) else {
                throw .malformed("multiaddr protocol \(name) is not known")
            }
            if case .fixed(0) = kind.valueSize {
                parts.append(Part(kind: kind, value: []))
                continue
            }
            guard let value = words.popFirst(), parts.count < Self.partLimit else {
                throw .malformed("multiaddr protocol \(name) lacks its value")
            }
            parts.append(try Part(kind: kind, text: String(value)))
        }
        self.init(parts: parts)
    }
}

extension Multiaddress.Part {
    fileprivate var text: String {
        switch kind {
        case .ip4, .ip6: IPAddress(bytes: value)?.description ?? ""
        case .tcp, .udp: String(UInt16(value[0]) << 8 | UInt16(value[1]))
        case .dns, .dns4, .dns6, .dnsaddr: String(decoding: value, as: UTF8.self)
        case .p2p: Base58.encode(value)
        case .certhash: "u" + Base64.encode(value, alphabet: .url)
        default: ""
        }
    }

    fileprivate init(kind: MultiaddressProtocol, text: String) throws(DecodeFault) {
        let value: [UInt8]
        switch kind {
        case .ip4, .ip6:
            guard let address = IPAddress(text), (address.bytes.count == 4) == (kind == .ip4)
            else { throw .malformed("not an \(kind.name) address: \(text)") }
            value = address.bytes
        case .tcp, .udp:
            guard let port = UInt16(text) else { throw .malformed("not a port: \(text)") }
            value = [UInt8(port >> 8), UInt8(port & 255)]
        case .p2p:
            value = try PeerIdentifier(text).bytes
        case .certhash:
            guard text.hasPrefix("u") else { throw .malformed("not a certificate's hash") }
            value = try Base64.decode(text.dropFirst(), alphabet: .url)
        default:
            value = Array(text.utf8)
        }
        try kind.check(value[...], at: 0)
        self.init(kind: kind, value: value)
    }
}
