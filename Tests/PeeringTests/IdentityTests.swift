// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Names, keys, addresses and envelopes.
@Suite struct IdentityTests {
    static let key = IdentityPrivateKey(seed: Bytes32(repeating: 7))

    /// A name survives both of its texts.
    @Test func namesSurviveTheirTexts() throws {
        let peer = Self.key.peer
        #expect(peer.text.hasPrefix("12D3KooW"))
        #expect(try PeerIdentifier(peer.text) == peer)
        #expect(try PeerIdentifier(peer.contentIdentifier) == peer)
        #expect(peer.contentIdentifier.hasPrefix("bafzaajaiaejc"))
        let hashed = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
        #expect(try PeerIdentifier(hashed).text == hashed)
    }

    /// Texts and bytes that name no peer are refused.
    @Test(arguments: [
        "", "1", "Qm", "12D3KooW", "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5",
        "bafkqaaa", "bafzaa", "zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA",
    ])
    func textsThatNameNobodyAreRefused(text: String) {
        #expect(throws: DecodeFault.self) { try PeerIdentifier(text) }
    }

    /// A private key survives its message, the old form with the key twice included.
    @Test func privateKeysSurviveTheirMessage() throws {
        let message = Self.key.protobuf
        #expect(try IdentityPrivateKey(protobuf: message).peer == Self.key.peer)
        let old = [0x08, 0x01, 0x12, 0x60] + message[4...] + message.suffix(32)
        #expect(try IdentityPrivateKey(protobuf: Array(old)).peer == Self.key.peer)
        var wrong = message
        wrong[message.count - 1] ^= 1
        #expect(throws: DecodeFault.self) { try IdentityPrivateKey(protobuf: wrong) }
    }

    /// Addresses survive text and bytes.
    @Test(arguments: [
        "/ip4/127.0.0.1/tcp/1", "/ip6/2001:db8::1/tcp/65535", "/dns4/example.org/tcp/443/wss",
        "/ip4/1.2.3.4/udp/2121/quic-v1", "/dnsaddr/bootstrap.example",
        "/ip4/1.2.3.4/tcp/2121/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5",
        "/ip4/1.2.3.4/tcp/1/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N/p2p-circuit",
        "/ip4/1.2.3.4/udp/1/webrtc-direct", "/ip4/1.2.3.4/tcp/1/tls/ws", "/dns/a/tcp/1/noise",
    ])
    func addressesSurvive(text: String) throws {
        let address = try Multiaddress(text)
        #expect(address.description == text)
        #expect(try Multiaddress(decoding: address.encode()[...]) == address)
    }

    /// The bytes of the simplest address are those of the specification.
    @Test func addressBytes() throws {
        let address = try Multiaddress("/ip4/127.0.0.1/tcp/1")
        #expect(address.encode() == [4, 127, 0, 0, 1, 6, 0, 1])
        #expect(address.socketAddress == SocketAddress("127.0.0.1:1"))
        let named = address.appending(Self.key.peer)
        #expect(named.peer == Self.key.peer && named.withoutPeer == address)
        #expect(named.socketAddress == address.socketAddress)
        #expect(try Multiaddress("/ip4/1.2.3.4/udp/1/quic-v1").socketAddress == nil)
        #expect(try Multiaddress("/dns4/a.b/tcp/7").hostName?.port == 7)
    }

    /// Addresses that break a rule are refused.
    @Test(arguments: [
        "", "/", "ip4/1.2.3.4", "/ip4", "/ip4/1.2.3", "/ip4/::1/tcp/1", "/tcp/65536", "/nosuch/1",
        "/p2p/xyz", "/ip4/1.2.3.4/", "/dns4//tcp/1", "/certhash/zabc",
    ])
    func addressesThatBreakARuleAreRefused(text: String) {
        #expect(throws: DecodeFault.self) { try Multiaddress(text) }
    }

    /// Every cut of an address's bytes is refused or is itself an address.
    @Test func cutAddressesDoNotTrap() throws {
        let address = try Multiaddress("/dns4/example.org/tcp/443/wss").appending(Self.key.peer)
        let bytes = address.encode()
        for count in 0..<bytes.count {
            let cut = bytes[..<count]
            do throws(DecodeFault) {
                let read = try Multiaddress(decoding: cut)
                #expect(read.encode() == [UInt8](cut))
            } catch {
                #expect(error != DecodeFault(.trailing(0)))
            }
        }
    }

    /// A peer record survives its envelope; any flipped bit of it is refused or changes nothing.
    @Test func peerRecordsAreSigned() throws {
        let record = SignedPeerRecord(
            sequence: 9, addresses: [try Multiaddress("/ip4/1.2.3.4/tcp/5")], by: Self.key)
        let bytes = record.envelope.protobuf
        #expect(try SignedPeerRecord(protobuf: bytes[...]) == record)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: DecodeFault.self) { try SignedPeerRecord(protobuf: flipped[...]) }
        }
    }
}
