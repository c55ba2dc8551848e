// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// What a peer tells about itself by the identify protocol.
///
/// Source: libp2p/specs, identify.
///
/// Every field may be absent; in a push absent fields are unchanged, which `merging` does.
/// Specified in Protocol/09-peer-layer.md#identify.
package struct IdentifyMessage: Hashable, Sendable {
    /// The longest message, in bytes.
    package static let sizeLimit = 8 * 1024
    /// The most messages that one answer may be cut into.
    package static let partLimit = 10
    /// The most addresses kept.
    package static let addressLimit = 500
    /// The most protocols kept.
    package static let protocolLimit = 1024

    /// The peer's key.
    package var publicKey: IdentityPublicKey?
    /// Where it listens; addresses of protocols that we do not know are left out.
    package var listenAddresses: [Multiaddress] = []
    /// The protocols that it serves.
    package var protocols: [String] = []
    /// Where it sees the reader.
    package var observedAddress: Multiaddress?
    /// The network it belongs to.
    package var protocolVersion: String?
    /// What it runs.
    package var agentVersion: String?
    /// Its addresses, signed.
    package var signedPeerRecord: [UInt8] = []

    /// An empty message.
    package init() {}

    /// Reads one or more length-prefixed messages that fill `bytes`.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        var parts = 0
        repeat {
            guard parts < Self.partLimit else {
                throw DecodeFault(
                    .overLimit(field: "identify parts", limit: Self.partLimit, actual: parts + 1))
            }
            let part = try reader.lengthPrefixed(limit: Self.sizeLimit, field: "identify")
            try merge(part)
            parts += 1
        } while !reader.isAtEnd
    }

    /// The message with its length before it.
    package func encode() -> [UInt8] {
        var writer = ProtobufWriter()
        if let publicKey { writer.bytes(1, publicKey.protobuf) }
        for address in listenAddresses { writer.presentBytes(2, address.encode()) }
        for name in protocols { writer.presentBytes(3, Array(name.utf8)) }
        // proto2: an empty value that is there is not the same as none.
        if let observedAddress { writer.presentBytes(4, observedAddress.encode()) }
        if let protocolVersion { writer.presentBytes(5, Array(protocolVersion.utf8)) }
        if let agentVersion { writer.presentBytes(6, Array(agentVersion.utf8)) }
        writer.bytes(8, signedPeerRecord)
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: writer.bytes)
        return bytes
    }

    /// This message with what `update` says in place of what it said before.
    package func merging(_ update: IdentifyMessage) -> IdentifyMessage {
        var result = self
        if let key = update.publicKey { result.publicKey = key }
        if !update.listenAddresses.isEmpty { result.listenAddresses = update.listenAddresses }
        if !update.protocols.isEmpty { result.protocols = update.protocols }
        if let address = update.observedAddress { result.observedAddress = address }
        if let version = update.protocolVersion { result.protocolVersion = version }
        if let agent = update.agentVersion { result.agentVersion = agent }
        if !update.signedPeerRecord.isEmpty { result.signedPeerRecord = update.signedPeerRecord }
        return result
    }

    private mutating func merge(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: publicKey = try IdentityPublicKey(protobuf: try field.bytes())
            case 2:
                let address = Multiaddress.readable(try field.bytes())
                if let address, listenAddresses.count < Self.addressLimit {
                    listenAddresses.append(address)
                }
            case 3:
                let name = try field.string(limit: MultistreamMachine.tokenLimit)
                if protocols.count < Self.protocolLimit { protocols.append(name) }
            case 4: observedAddress = Multiaddress.readable(try field.bytes())
            case 5: protocolVersion = try field.string(limit: 256)
            case 6: agentVersion = try field.string(limit: 256)
            case 8: signedPeerRecord = [UInt8](try field.bytes())
            default: break
            }
        }
    }
}
