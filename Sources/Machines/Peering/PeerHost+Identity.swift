// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Machinery

/// Who the peers are, and who we are.
extension PeerHost {
    /// Subnets whose rate is remembered.
    private static let identifyMeterLimit = 16_384

    /// Tells all peers of changed addresses or protocols.
    package mutating func announceIdentity(listenAddresses: [Multiaddress], at now: Instant) {
        configuration.listenAddresses = listenAddresses
        signedRecord = []
        for number in connections.keys.sorted() {
            guard let connection = connections[number], connection.session.isOpen,
                let identifier = connections[number]?.session.open(Self.pushProtocol, at: now)
            else { continue }
            let stream = StreamNumber(number, identifier)
            connections[number]?.use(
                identifier,
                as: StreamUse(purpose: .telling, name: Self.pushProtocol, isInbound: false))
            tellIdentity(stream, to: connection.remote, at: now)
        }
    }

    /// Asks the peer of a new session who it is.
    mutating func askIdentity(_ number: ConnectionNumber, at now: Instant) {
        guard let identifier = connections[number]?.session.open(Self.identifyProtocol, at: now)
        else { return }
        connections[number]?.use(
            identifier,
            as: StreamUse(purpose: .identify, name: Self.identifyProtocol, isInbound: false))
        connections[number]?.session.finish(identifier)
        setDeadline(
            of: StreamNumber(number, identifier),
            afterMilliseconds: limits.identifyMilliseconds, at: now)
        markDirty(number)
    }

    /// Writes who we are and ends the stream.
    mutating func tellIdentity(
        _ stream: StreamNumber, to remote: SocketAddress, at now: Instant
    ) {
        var message = IdentifyMessage()
        message.publicKey = configuration.key.publicKey
        message.listenAddresses = configuration.listenAddresses
        message.protocols = servedProtocols
        message.observedAddress = Multiaddress(remote)
        message.protocolVersion = configuration.protocolVersion
        message.agentVersion = configuration.agentVersion
        if signedRecord.isEmpty {
            signedRecord =
                SignedPeerRecord(
                    sequence: now.nanoseconds, addresses: configuration.listenAddresses,
                    by: configuration.key
                ).envelope.protobuf
        }
        message.signedPeerRecord = signedRecord
        write(message.encode(), on: stream)
        finish(stream)
    }

    mutating func receiveIdentity(
        _ bytes: ArraySlice<UInt8>, _ stream: StreamNumber, at now: Instant
    ) {
        connections[stream.connection]?.collect(bytes, on: stream.identifier)
        let count = connections[stream.connection]?.uses[stream.identifier]?.buffer.count ?? 0
        if count > IdentifyMessage.partLimit * (IdentifyMessage.sizeLimit + 2) {
            reset(stream, code: .resourceLimit)
        }
    }

    mutating func finishIdentity(_ stream: StreamNumber, at now: Instant) {
        let bytes = connections[stream.connection]?.takeCollected(stream.identifier) ?? []
        guard let peer = connections[stream.connection]?.peer,
            let use = connections[stream.connection]?.uses[stream.identifier]
        else { return }
        finish(stream)
        let message: IdentifyMessage
        do throws(DecodeFault) {
            message = try IdentifyMessage(decoding: bytes)
        } catch {
            return reset(stream, code: .violation)
        }
        if let key = message.publicKey, PeerIdentifier(of: key) != peer {
            return reset(stream, code: .violation)
        }
        let before = use.purpose == .push ? peers[peer]?.identity : nil
        let identity = before?.merging(message) ?? message
        peers[peer]?.identity = identity
        tell(.identified(peer, identity))
    }

    /// Whether another question about ourselves, or news, is taken from an address now.
    mutating func mayAskIdentity(_ address: IPAddress, at now: Instant) -> Bool {
        if address.isLoopback { return true }
        guard identifyMeter.take(of: limits.identifyOverall, at: now) else { return false }
        let address = address.unmapped
        let subnet = address.network(bits: address.bytes.count == 4 ? 24 : 56)
        if identifyMeters.count >= Self.identifyMeterLimit, identifyMeters[subnet] == nil {
            identifyMeters = identifyMeters.filter { !$0.value.isIdle(at: now) }
            guard identifyMeters.count < Self.identifyMeterLimit else { return false }
        }
        return identifyMeters[subnet, default: RateMeter()].take(
            of: limits.identifyPerSubnet, at: now)
    }
}
