// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering

/// Sidecars of squares that this node keeps, or has rows of, until what binds them is known.
struct SidecarState {
    struct Pending {
        let height: UInt64
        /// That of the square which is kept; nil where rows alone are to be held to it.
        var sidecar: EncodingSidecar?
        var asked: [PeerIdentifier] = []
    }

    /// What is asked for, the oldest first.
    private(set) var pending: [Pending] = []

    /// The name of the record of a block's sidecar.
    static func name(_ height: UInt64) -> String { "sidecar/\(height)" }

    mutating func keepOwn(_ sidecar: EncodingSidecar, height: UInt64) {
        if let index = pending.firstIndex(where: { $0.height == height }) {
            pending[index].sidecar = sidecar
            return
        }
        append(Pending(height: height, sidecar: sidecar))
    }

    /// Wants what a header binds, for rows.
    mutating func want(_ height: UInt64) {
        if !pending.contains(where: { $0.height == height }) { append(Pending(height: height)) }
    }

    func pending(_ height: UInt64) -> Pending? {
        pending.first { $0.height == height }
    }

    private mutating func append(_ new: Pending) {
        if pending.count >= NodeLimits.sidecarsMax { pending.removeFirst() }
        pending.append(new)
    }

    func asked(_ height: UInt64) -> [PeerIdentifier]? {
        pending.first { $0.height == height }?.asked
    }

    mutating func ask(_ peer: PeerIdentifier, _ height: UInt64) {
        guard let index = pending.firstIndex(where: { $0.height == height }) else { return }
        pending[index].asked.append(peer)
    }

    mutating func settle(_ height: UInt64) {
        pending.removeAll { $0.height == height }
    }

    mutating func forget(from height: UInt64) {
        pending.removeAll { $0.height >= height }
    }
}

/// The conversation about encoding sidecars: a node computes one from each square that it keeps,
/// gets what binds it from a peer, and gives both to whoever asks.
extension Node {
    /// Asks a peer for the sidecar of a block, with what binds it.
    mutating func fetchSidecar(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let asked = sidecars.asked(height) else { return }
        let name = SidecarExchange.protocolID(network: configuration.network)
        let candidates = peers.serving(name).map(\.identifier).filter { !asked.contains($0) }
        guard asked.count < NodeLimits.sidecarPeersMax,
            let peer = entropy.shuffled(candidates).first
        else {
            sidecars.settle(height)
            tellRows(.noSidecar(height: height), now, &effects)
            return
        }
        sidecars.ask(peer, height)
        let number = ask(
            name, of: peer, bytes: SidecarExchange.encodeRequest(height: height),
            answerLimit: SidecarExchange.answerLimit, at: now)
        requests[number] = .sidecar(height: height, peer)
    }

    mutating func sidecarAnswered(
        _ height: UInt64, by peer: PeerIdentifier, _ answer: Result<[UInt8], RequestFault>,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .success(let bytes) = answer else {
            return fetchSidecar(height, at: now, into: &effects)
        }
        do throws(DecodeFault) {
            guard let bound = try SidecarExchange.decodeAnswer(bytes) else {
                return fetchSidecar(height, at: now, into: &effects)
            }
            if let header = chain.recentHeader(height) {
                sidecarHeaderLoaded(
                    height, bound, from: peer, .header(header), at: now, into: &effects)
            } else {
                let ticket = ticket()
                loads[ticket] = .sidecarHeader(height, bound, from: peer)
                effects.append(.load(ticket, .header(height)))
            }
        } catch {
            penalize(
                Peer(peer.text), "sent an undecodable sidecar: \(error)", at: now, into: &effects)
            fetchSidecar(height, at: now, into: &effects)
        }
    }

    mutating func sidecarHeaderLoaded(
        _ height: UInt64, _ bound: BoundSidecar, from peer: PeerIdentifier, _ value: LoadedValue,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .header(let header) = value, let pending = sidecars.pending(height) else {
            return
        }
        do throws(SidecarFault) {
            try bound.opening.verify(bound.sidecar, of: header.header)
        } catch {
            penalize(
                Peer(peer.text), "sent a sidecar that its header does not bind: \(error)", at: now,
                into: &effects)
            return fetchSidecar(height, at: now, into: &effects)
        }
        sidecars.settle(height)
        tellRows(.sidecar(height: height, bound.sidecar), now, &effects)
        guard let own = pending.sidecar else { return }
        guard bound.sidecar == own else {
            effects.append(
                .report(
                    .incident(
                        "the proposer of block \(height) bound a sidecar that is not its square's"))
            )
            return
        }
        let ticket = ticket()
        stores[ticket] = .sidecar(height)
        effects.append(.store(ticket, .values([(SidecarState.name(height), bound.encode())])))
    }

    mutating func sidecarStored(
        _ height: UInt64, failure: String?, into effects: inout [RoleEffect]
    ) {
        guard let failure else { return }
        effects.append(.report(.incident("sidecar \(height) was not stored: \(failure)")))
    }

    /// A peer asks for the sidecar of a block.
    mutating func serveSidecar(
        _ inbound: InboundNumber, _ bytes: [UInt8], into effects: inout [RoleEffect]
    ) {
        do throws(DecodeFault) {
            let height = try SidecarExchange.decodeRequest(bytes)
            guard chain.squares.contains(height) else {
                return reply(inbound, ShareExchange.notFound)
            }
            let ticket = ticket()
            loads[ticket] = .serveSidecar(inbound)
            effects.append(.load(ticket, .value(SidecarState.name(height))))
        } catch {
            reset(inbound)
        }
    }

    mutating func serveLoadedSidecar(_ inbound: InboundNumber, _ value: LoadedValue) {
        guard case .value(let record) = value else {
            return reply(inbound, ShareExchange.notFound)
        }
        reply(inbound, SidecarExchange.encodeAnswer(record))
    }
}
