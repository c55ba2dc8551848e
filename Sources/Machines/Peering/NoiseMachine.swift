// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// One side of a handshake `Noise_XX_25519_ChaChaPoly_SHA256`, bytes in and bytes out.
///
///     → e                       32 bytes
///     ← e, ee, s, es, payload   32 + 48 + payload + 16
///     → s, se, payload          48 + payload + 16
///
/// Each message has its length before it as two bytes, most significant first. Source:
/// libp2p/specs, noise, revision 5; connections, inlined muxer negotiation.
/// Specified in Protocol/09-peer-layer.md#security.
package struct NoiseMachine: Sendable {
    /// What both sides know at the end.
    package struct Result: Sendable {
        /// The other side, proven.
        package let peer: PeerIdentifier
        /// The other side's key.
        package let identityKey: IdentityPublicKey
        /// The muxer that both offered inside the handshake, if there is one.
        package let muxer: String?
        /// The key this side sends with.
        package let sendingKey: [UInt8]
        /// The key this side receives with.
        package let receivingKey: [UInt8]
        /// The hash of the handshake, the same on both sides.
        package let handshakeHash: [UInt8]
    }

    private enum Stage {
        case awaitingFirst
        case awaitingSecond
        case awaitingThird
        case done
    }

    private static let protocolName = "Noise_XX_25519_ChaChaPoly_SHA256"
    private static let keySize = 32
    private static let sealedKeySize = 48
    /// The longest handshake message that is read: keys, tags and the longest payload.
    private static let messageLimit = keySize + sealedKeySize + 16 + NoisePayload.sizeLimit

    private let isInitiator: Bool
    private let identity: NoiseIdentity
    private let ephemeralKey: [UInt8]
    private var stage: Stage
    private var state: NoiseSymmetricState
    private var remoteEphemeralKey: [UInt8] = []
    private var remotePayload: NoisePayload?
    private var buffer: [UInt8] = []

    /// The outcome, once the handshake is over.
    package private(set) var result: Result?

    /// Starts a side; `ephemeralKey` is 32 secret bytes for this handshake alone.
    package init(isInitiator: Bool, identity: NoiseIdentity, ephemeralKey: Bytes32) {
        self.isInitiator = isInitiator
        self.identity = identity
        self.ephemeralKey = ephemeralKey.array
        stage = isInitiator ? .awaitingSecond : .awaitingFirst
        state = NoiseSymmetricState(protocolName: Self.protocolName, prologue: [])
    }

    /// The hash before the first message, for comparison with others' implementations.
    package var hash: [UInt8] { state.hash }

    /// The initiator's first message.
    package mutating func start() -> [UInt8] {
        precondition(isInitiator, "the responder waits")
        let publicKey = Sodium.publicKey(ofX25519: ephemeralKey)
        state.mix(hash: publicKey)
        return Self.frame(publicKey + state.seal([]))
    }

    /// Takes bytes of the other side.
    ///
    /// - Returns: What to send, and the bytes after the handshake, which are sealed frames.
    package mutating func receive(
        _ input: ArraySlice<UInt8>
    ) throws(NoiseFault) -> (output: [UInt8], rest: ArraySlice<UInt8>) {
        buffer += input
        var output: [UInt8] = []
        var position = 0
        while result == nil, buffer.count >= position + 2 {
            let length = Int(buffer[position]) << 8 | Int(buffer[position + 1])
            guard length <= Self.messageLimit else { throw .messageOverLimit }
            guard buffer.count >= position + 2 + length else { break }
            let message = buffer[position + 2..<position + 2 + length]
            position += 2 + length
            output += try handle(message)
        }
        let rest = buffer[position...]
        if result == nil {
            buffer = [UInt8](rest)
            return (output, [])
        }
        buffer = []
        return (output, rest)
    }

    private mutating func handle(_ message: ArraySlice<UInt8>) throws(NoiseFault) -> [UInt8] {
        switch stage {
        case .awaitingFirst: return try handleFirst(message)
        case .awaitingSecond: return try handleSecond(message)
        case .awaitingThird: return try handleThird(message)
        case .done: return []
        }
    }

    private mutating func handleFirst(_ message: ArraySlice<UInt8>) throws(NoiseFault) -> [UInt8] {
        guard message.count == Self.keySize else { throw .messageSize }
        remoteEphemeralKey = [UInt8](message)
        state.mix(hash: message)
        _ = state.open([])
        let publicKey = Sodium.publicKey(ofX25519: ephemeralKey)
        state.mix(hash: publicKey)
        try mix(ephemeralKey, remoteEphemeralKey)
        let sealedKey = state.seal(identity.staticPublicKey)
        try mix(identity.staticPrivateKey, remoteEphemeralKey)
        let sealedPayload = state.seal(identity.payload)
        stage = .awaitingThird
        return Self.frame(publicKey + sealedKey + sealedPayload)
    }

    private mutating func handleSecond(_ message: ArraySlice<UInt8>) throws(NoiseFault) -> [UInt8] {
        guard message.count >= Self.keySize + Self.sealedKeySize + 16 else { throw .messageSize }
        remoteEphemeralKey = [UInt8](message.prefix(Self.keySize))
        state.mix(hash: remoteEphemeralKey)
        try mix(ephemeralKey, remoteEphemeralKey)
        let remoteKey = try openKey(message.dropFirst(Self.keySize).prefix(Self.sealedKeySize))
        try mix(ephemeralKey, remoteKey)
        let payload = try openPayload(
            message.dropFirst(Self.keySize + Self.sealedKeySize), for: remoteKey)
        let sealedKey = state.seal(identity.staticPublicKey)
        try mix(identity.staticPrivateKey, remoteEphemeralKey)
        let sealedPayload = state.seal(identity.payload)
        finish(with: payload)
        return Self.frame(sealedKey + sealedPayload)
    }

    private mutating func handleThird(_ message: ArraySlice<UInt8>) throws(NoiseFault) -> [UInt8] {
        guard message.count >= Self.sealedKeySize + 16 else { throw .messageSize }
        let remoteKey = try openKey(message.prefix(Self.sealedKeySize))
        try mix(ephemeralKey, remoteKey)
        finish(with: try openPayload(message.dropFirst(Self.sealedKeySize), for: remoteKey))
        return []
    }

    private mutating func mix(
        _ privateKey: [UInt8], _ publicKey: [UInt8]
    ) throws(NoiseFault) {
        guard let secret = Sodium.sharedSecret(privateKey, publicKey) else { throw .lowOrderKey }
        state.mix(key: secret)
    }

    private mutating func openKey(_ sealed: ArraySlice<UInt8>) throws(NoiseFault) -> [UInt8] {
        guard let key = state.open(sealed) else { throw .tag }
        return key
    }

    private mutating func openPayload(
        _ sealed: ArraySlice<UInt8>, for staticKey: [UInt8]
    ) throws(NoiseFault) -> NoisePayload {
        guard let bytes = state.open(sealed) else { throw .tag }
        let payload: NoisePayload
        do throws(DecodeFault) {
            payload = try NoisePayload(protobuf: bytes)
        } catch {
            throw .payload(error)
        }
        guard payload.isValid(for: staticKey) else { throw .signature }
        return payload
    }

    private mutating func finish(with payload: NoisePayload) {
        stage = .done
        let (first, second) = state.split()
        let (mine, theirs) =
            isInitiator
            ? (identity.muxers, payload.muxers) : (payload.muxers, identity.muxers)
        result = Result(
            peer: PeerIdentifier(of: payload.identityKey), identityKey: payload.identityKey,
            muxer: mine.first { theirs.contains($0) },
            sendingKey: isInitiator ? first : second, receivingKey: isInitiator ? second : first,
            handshakeHash: state.hash)
    }

    private static func frame(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    }
}

/// Why a handshake or a sealed channel ends.
package enum NoiseFault: Error, Hashable, Sendable {
    /// A handshake message has a size that its pattern does not allow.
    case messageSize
    /// A handshake message is longer than any we read.
    case messageOverLimit
    /// A key gives a shared secret of zero.
    case lowOrderKey
    /// The tag of a message or frame is wrong.
    case tag
    /// The payload cannot be read.
    case payload(DecodeFault)
    /// The identity did not sign the static key.
    case signature
    /// A sealed frame is shorter than its tag.
    case frameSize
    /// A direction has used all its nonces.
    case nonces
}
