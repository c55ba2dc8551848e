// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering
internal import Syncing

/// Answers to other nodes: headers and pieces of squares.
extension Node {
    /// A peer's whole request arrived.
    mutating func askedByPeer(
        _ inbound: InboundNumber, _ name: String, from peer: PeerIdentifier, _ bytes: [UInt8],
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        if name == HeaderExchange.protocolID(network: configuration.network) {
            serveHeaders(inbound, bytes, at: now, into: &effects)
        } else if let kind = shareKind(of: name) {
            serveShares(inbound, kind, bytes, at: now, into: &effects)
        } else if name == discovery.protocolID {
            serveKademlia(inbound, from: peer, bytes, at: now)
        } else if name == FraudExchange.protocolID(network: configuration.network) {
            serveProofs(inbound, bytes)
        } else if name == SidecarExchange.protocolID(network: configuration.network) {
            serveSidecar(inbound, bytes, into: &effects)
        } else if servedLightNode(inbound, name, bytes, into: &effects) {
            return
        } else if servedState(inbound, name, bytes, at: now)
            || servedReport(inbound, name, from: peer, bytes, at: now, into: &effects)
        {
            return
        } else if servedSnapshot(inbound, name, bytes, into: &effects) {
            return
        } else if producer != nil {
            serveSubmission(inbound, from: peer, bytes, at: now, into: &effects)
        } else {
            relaySubmission(inbound, bytes, at: now)
        }
    }

    /// The kind of question behind a protocol of the share exchange, or of this node's slice.
    private func shareKind(of name: String) -> ShareRequest.Kind? {
        let network = configuration.network
        if let slice = configuration.slice,
            name == SliceProtocol.protocolID(slice, network: network)
        {
            return .row
        }
        return ShareExchange.kind(of: name, network: network)
    }

    private mutating func serveHeaders(
        _ inbound: InboundNumber, _ bytes: [UInt8], at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        do throws(DecodeFault) {
            let request = try HeaderExchangeRequest(decoding: bytes)
            switch request.subject {
            case .origin(0):
                reply(inbound, HeaderExchange.encodeAnswer(chain.head?.extended.map { [$0] } ?? []))
            case .origin(let from):
                let ticket = ticket()
                loads[ticket] = .serveHeaders(inbound, limit: Int(request.amount))
                effects.append(.load(ticket, .headers(from: from, count: request.amount)))
            case .hash(let hash):
                if let header = refusedHeader(hash) {
                    return reply(inbound, HeaderExchange.encodeAnswer([header]))
                }
                let ticket = ticket()
                loads[ticket] = .serveHeaders(inbound, limit: 1)
                effects.append(.load(ticket, .headerByHash(hash)))
            }
        } catch {
            reset(inbound)
        }
    }

    mutating func serveLoadedHeaders(
        _ inbound: InboundNumber, _ value: LoadedValue, limit: Int, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        let found: [ExtendedHeader] =
            switch value {
            case .header(let header): header.extended.map { [$0] } ?? []
            case .headers(let headers): headers.prefix(limit).compactMap(\.extended)
            default: []
            }
        reply(inbound, HeaderExchange.encodeAnswer(found))
    }

    private mutating func serveShares(
        _ inbound: InboundNumber, _ kind: ShareRequest.Kind, _ bytes: [UInt8], at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        do throws(DecodeFault) {
            let request = try ShareRequest(decoding: bytes, kind: kind)
            guard chain.squares.contains(request.height) else {
                serveWithoutSquare(inbound, request, into: &effects)
                return
            }
            if misserves(inbound, request, into: &effects) { return }
            let ticket = ticket()
            loads[ticket] = .serveShares(inbound, request)
            effects.append(.load(ticket, .piece(request)))
        } catch {
            reset(inbound)
        }
    }

    /// Where the square is pruned, a pin may have what is asked for.
    private mutating func serveWithoutSquare(
        _ inbound: InboundNumber, _ request: ShareRequest, into effects: inout [RoleEffect]
    ) {
        guard let namespace = pin(for: request) else {
            reply(inbound, ShareExchange.notFound)
            return
        }
        let ticket = ticket()
        loads[ticket] = .servePin(inbound, request.height, namespace)
        effects.append(.load(ticket, .pin(request.height, namespace)))
    }

    mutating func serveLoadedPiece(
        _ inbound: InboundNumber, _ request: ShareRequest, _ value: LoadedValue,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch value {
        case .piece(let bytes):
            reply(inbound, bytes)
            effects.append(.report(.counted("served.\(request.kind)", 1)))
        case .damaged(let reason):
            lostSquare(request.height, reason, at: now, into: &effects)
            reply(inbound, ShareExchange.notFound)
        default:
            reply(inbound, ShareExchange.notFound)
        }
    }

    /// A stored square turned out damaged: it is reported and fetched again, unless it was pruned
    /// while it was read.
    mutating func lostSquare(
        _ height: UInt64, _ reason: String, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard chain.squares.contains(height) else { return }
        effects.append(.report(.incident("square \(height) is damaged on disk: \(reason)")))
        chain.lostSquare(height)
        tellPruning(.lost(height), now, &effects)
        tellDuties(.lost(height), now, &effects)
        tellSquares(.wanted(height), now, &effects)
    }
}
