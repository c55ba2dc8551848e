// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// From the first byte to the open session.
extension SessionMachine {
    mutating func secure(
        _ bytes: ArraySlice<UInt8>, _ negotiation: MultistreamMachine
    ) throws(SessionEnd) -> ArraySlice<UInt8> {
        var negotiation = negotiation
        let rest = try negotiate(bytes, &negotiation, Self.securityProtocol, &rawOutput)
        switch negotiation.outcome {
        case .pending:
            stage = .securing(negotiation)
        case .refused:
            throw .nothingInCommon
        case .agreed:
            var noise = NoiseMachine(
                isInitiator: isDialer, identity: identity, ephemeralKey: ephemeralKey)
            if isDialer { rawOutput += noise.start() }
            stage = .handshaking(noise)
        }
        return rest
    }

    mutating func shakeHands(
        _ bytes: ArraySlice<UInt8>, _ noise: NoiseMachine, _ events: inout [Event]
    ) throws(SessionEnd) -> ArraySlice<UInt8> {
        var noise = noise
        let rest: ArraySlice<UInt8>
        do throws(NoiseFault) {
            let (output, after) = try noise.receive(bytes)
            rawOutput += output
            rest = after
        } catch {
            throw .noise(error)
        }
        guard let result = noise.result else {
            stage = .handshaking(noise)
            return rest
        }
        if let expectedPeer, expectedPeer != result.peer { throw .wrongPeer(result.peer) }
        guard result.peer != identity.peer else { throw .ourselves }
        peer = result.peer
        transport = NoiseTransport(
            sendingKey: result.sendingKey, receivingKey: result.receivingKey, cipher: cipher)
        if result.muxer == Self.muxerProtocol {
            stage = .open
            events.append(.secured(result.peer))
        } else if isDialer {
            var negotiation = MultistreamMachine(proposing: [Self.muxerProtocol])
            sealedOutput = negotiation.start()
            stage = .choosingMuxer(negotiation)
        } else {
            stage = .choosingMuxer(MultistreamMachine(acceptingUpTo: limits.connectionProposals))
        }
        return rest
    }

    mutating func chooseMuxer(
        _ plain: [UInt8], _ negotiation: MultistreamMachine, at now: Instant,
        _ served: Set<String>, _ events: inout [Event]
    ) throws(SessionEnd) {
        var negotiation = negotiation
        let rest = try negotiate(plain[...], &negotiation, Self.muxerProtocol, &sealedOutput)
        switch negotiation.outcome {
        case .pending:
            stage = .choosingMuxer(negotiation)
        case .refused:
            throw .nothingInCommon
        case .agreed:
            stage = .open
            if let peer { events.append(.secured(peer)) }
            try receivePlain(rest, at: now, served, &events)
        }
    }

    mutating func openFrames(_ bytes: ArraySlice<UInt8>) throws(SessionEnd) -> [UInt8] {
        guard var channel = transport else { return [] }
        transport = nil
        do throws(NoiseFault) {
            let plain = try channel.open(bytes)
            transport = channel
            return plain
        } catch {
            transport = channel
            throw .noise(error)
        }
    }

    private func negotiate(
        _ bytes: ArraySlice<UInt8>, _ negotiation: inout MultistreamMachine, _ name: String,
        _ output: inout [UInt8]
    ) throws(SessionEnd) -> ArraySlice<UInt8> {
        do throws(MultistreamFault) {
            let (answer, rest) = try negotiation.receive(bytes) { $0 == name }
            output += answer
            return rest
        } catch {
            throw .negotiation(error)
        }
    }
}
