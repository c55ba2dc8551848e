// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// Bytes that a peer signed for one purpose.
///
/// Source: libp2p/specs RFC 0002.
package struct SignedEnvelope: Hashable, Sendable {
    /// The signer.
    package let publicKey: IdentityPublicKey
    /// What kind of content it is.
    package let contentType: [UInt8]
    /// The content.
    package let content: [UInt8]
    /// The signature.
    package let signature: [UInt8]

    /// Signs `content` for the purpose that `domain` names.
    package init(
        signing content: [UInt8], type: [UInt8], domain: String, by key: IdentityPrivateKey
    ) {
        publicKey = key.publicKey
        contentType = type
        self.content = content
        signature = key.sign(Self.signedBytes(domain: domain, type: type, content: content))
    }

    /// Reads an envelope whose signature holds for `domain`.
    package init(
        protobuf bytes: ArraySlice<UInt8>, verifiedFor domain: String
    ) throws(DecodeFault) {
        var key: IdentityPublicKey?
        var type: [UInt8] = []
        var content: [UInt8] = []
        var signature: [UInt8] = []
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: key = try IdentityPublicKey(protobuf: try field.bytes())
            case 2: type = [UInt8](try field.bytes())
            case 3: content = [UInt8](try field.bytes())
            case 5: signature = [UInt8](try field.bytes())
            default: break
            }
        }
        guard let key else { throw .malformed("an envelope without a key") }
        let signed = Self.signedBytes(domain: domain, type: type, content: content)
        guard key.isValid(signature[...], for: signed) else {
            throw .malformed("an envelope whose signature does not hold")
        }
        publicKey = key
        contentType = type
        self.content = content
        self.signature = signature
    }

    /// `Envelope { public_key = 1, payload_type = 2, payload = 3, signature = 5 }`.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, publicKey.protobuf)
        writer.bytes(2, contentType)
        writer.bytes(3, content)
        writer.bytes(5, signature)
        return writer.bytes
    }

    private static func signedBytes(domain: String, type: [UInt8], content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: Array(domain.utf8))
        bytes.append(lengthPrefixed: type)
        bytes.append(lengthPrefixed: content)
        return bytes
    }
}
