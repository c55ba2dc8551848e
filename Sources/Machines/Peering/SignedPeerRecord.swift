// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// The addresses that a peer vouches for, signed by it.
///
/// Source: libp2p/specs RFC 0003.
/// Specified in Protocol/09-peer-layer.md#records.
package struct SignedPeerRecord: Hashable, Sendable {
    /// The purpose that the signature is for; go-libp2p's, which the RFC has not followed.
    package static let domain = "libp2p-peer-record"
    /// The content type of the envelope.
    package static let contentType: [UInt8] = [3, 1]
    /// The most addresses that are read.
    package static let addressLimit = 500

    /// Whose addresses they are.
    package let peer: PeerIdentifier
    /// Rises with every record of a peer.
    package let sequence: UInt64
    /// The addresses; those of unknown protocols are left out when a record is read.
    package let addresses: [Multiaddress]
    /// The envelope around it.
    package let envelope: SignedEnvelope

    /// Signs the addresses of the holder of `key`.
    package init(sequence: UInt64, addresses: [Multiaddress], by key: IdentityPrivateKey) {
        peer = key.peer
        self.sequence = sequence
        self.addresses = addresses
        var writer = ProtobufWriter()
        writer.bytes(1, key.peer.bytes)
        writer.varint(2, sequence)
        for address in addresses {
            writer.message(3) { $0.bytes(1, address.encode()) }
        }
        envelope = SignedEnvelope(
            signing: writer.bytes, type: Self.contentType, domain: Self.domain, by: key)
    }

    /// Reads a record whose signature holds and whose peer is the signer.
    package init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        envelope = try SignedEnvelope(protobuf: bytes, verifiedFor: Self.domain)
        guard envelope.contentType == Self.contentType else {
            throw .malformed("an envelope that holds no peer record")
        }
        var peer: PeerIdentifier?
        var sequence: UInt64 = 0
        var addresses: [Multiaddress] = []
        var reader = ProtobufReader(envelope.content)
        while let field = try reader.next() {
            switch field.number {
            case 1: peer = try PeerIdentifier(decoding: try field.bytes())
            case 2: sequence = try field.varint()
            case 3: try Self.append(try field.message(), to: &addresses)
            default: break
            }
        }
        guard let peer, peer == PeerIdentifier(of: envelope.publicKey) else {
            throw .malformed("a peer record of another peer than its signer")
        }
        self.peer = peer
        self.sequence = sequence
        self.addresses = addresses
    }

    private static func append(
        _ message: ProtobufReader, to addresses: inout [Multiaddress]
    ) throws(DecodeFault) {
        var reader = message
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            guard addresses.count < addressLimit else {
                throw DecodeFault(
                    .overLimit(
                        field: "addresses", limit: addressLimit, actual: addresses.count + 1))
            }
            if let address = Multiaddress.readable(try field.bytes()) { addresses.append(address) }
        }
    }
}

extension Multiaddress {
    /// The address, or nil when it names a protocol that we do not know or breaks a rule.
    ///
    /// Peers list addresses of transports that came after this was written; they are no fault.
    static func readable(_ bytes: ArraySlice<UInt8>) -> Multiaddress? {
        do throws(DecodeFault) {
            return try Multiaddress(decoding: bytes)
        } catch {
            return nil
        }
    }
}
