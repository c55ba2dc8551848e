// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Machinery

/// The protocols an address may name, by their codes.
///
/// Source: multiformats/multiaddr.
package enum MultiaddressProtocol: UInt64, Sendable, CaseIterable {
    case ip4 = 4
    case tcp = 6
    case ip6 = 41
    case dns = 53
    case dns4 = 54
    case dns6 = 55
    case dnsaddr = 56
    case udp = 273
    case webrtcDirect = 280
    case p2pCircuit = 290
    case p2p = 421
    case tls = 448
    case noise = 454
    case quicV1 = 461
    case webtransport = 465
    case certhash = 466
    case ws = 477
    case wss = 478

    enum ValueSize {
        case fixed(Int)
        case variable
    }

    var valueSize: ValueSize {
        switch self {
        case .ip4: .fixed(4)
        case .ip6: .fixed(16)
        case .tcp, .udp: .fixed(2)
        case .dns, .dns4, .dns6, .dnsaddr, .p2p, .certhash: .variable
        case .webrtcDirect, .p2pCircuit, .tls, .noise, .quicV1, .webtransport, .ws, .wss: .fixed(0)
        }
    }

    /// The name in text.
    var name: String {
        switch self {
        case .webrtcDirect: "webrtc-direct"
        case .p2pCircuit: "p2p-circuit"
        case .quicV1: "quic-v1"
        default: "\(self)"
        }
    }

    /// Refuses values that their protocol does not allow.
    func check(_ value: ArraySlice<UInt8>, at offset: Int) throws(DecodeFault) {
        switch self {
        case .p2p:
            _ = try PeerIdentifier(decoding: value)
        case .dns, .dns4, .dns6, .dnsaddr:
            let isName = value.allSatisfy { (33...126).contains($0) && $0 != UInt8(ascii: "/") }
            guard isName, (1...253).contains(value.count) else {
                throw .malformed("not a host name", at: offset)
            }
        case .certhash:
            _ = try Multihash(decoding: value)
        default:
            break
        }
    }
}
