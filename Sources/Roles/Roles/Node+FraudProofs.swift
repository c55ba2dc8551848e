// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import Machinery
internal import Peering
internal import Syncing

/// Proofs of fraud that are asked of others and given to them, and the headers that they are about.
extension Node {
    /// A peer asks for the proofs that this node holds.
    mutating func serveProofs(_ inbound: InboundNumber, _ bytes: [UInt8]) {
        do throws(DecodeFault) {
            let types = try FraudExchange.decodeRequest(bytes)
            let isWanted = types.contains(FraudExchange.badEncoding)
            let proofs = isWanted ? fraud.machine.proven.map { [$0.proof] } ?? [] : []
            reply(inbound, FraudExchange.encodeAnswer(proofs))
        } catch {
            reset(inbound)
        }
    }

    /// Asks a peer for the proofs that it holds: a lower block than the refused one may be wrong.
    mutating func askForProofs(of peer: PeerIdentifier, at now: Instant) {
        guard configuration.misbehavior == nil else { return }
        let name = FraudExchange.protocolID(network: configuration.network)
        guard peers.serving(name).contains(where: { $0.identifier == peer }) else { return }
        let number = ask(
            name, of: peer, bytes: FraudExchange.encodeRequest(),
            answerLimit: FraudExchange.answerLimit, at: now)
        requests[number] = .fraudProofs(peer)
    }

    mutating func proofsAnswered(
        by identifier: PeerIdentifier, _ answer: Result<[UInt8], RequestFault>,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .success(let bytes) = answer else { return }
        let peer = Peer(identifier.text)
        do throws(DecodeFault) {
            for proof in try FraudExchange.decodeAnswer(bytes) {
                tellFraud(.received(proof, from: peer), now, &effects)
            }
        } catch {
            penalize(peer, "sent undecodable proofs of fraud", at: now, into: &effects)
        }
    }

    /// Asks the next peer for proofs, if it is time, so that none is missed where gossip is not.
    mutating func wakeFraud(at now: Instant, into effects: inout [RoleEffect]) {
        tellFraud(.woke, now, &effects)
        guard configuration.misbehavior == nil, fraud.refusal == nil || fraud.questionsLeft > 0,
            fraud.nextQuestion.map({ $0 <= now }) ?? true
        else { return }
        let next = now.advanced(byMilliseconds: NodeLimits.fraudQuestionMilliseconds)
        fraud.nextQuestion = next
        effects.append(.wake(at: next))
        let servers = peers.serving(FraudExchange.protocolID(network: configuration.network))
        guard !servers.isEmpty else { return }
        fraud.turn = (fraud.turn + 1) % servers.count
        if fraud.refusal != nil { fraud.questionsLeft -= 1 }
        askForProofs(of: servers[fraud.turn].identifier, at: now)
    }

    // MARK: Headers of refused blocks

    /// The header of the refused block, which is kept with the proof: nobody can judge the one without
    /// the other.
    func refusedHeader(_ hash: Bytes32) -> ExtendedHeader? {
        guard let header = fraud.refusal?.record.header, header.hash == hash else { return nil }
        return header
    }

    /// A proof is about a header that this node has not seen: who knows the proof may have it.
    mutating func seekHeader(
        _ hash: Bytes32, from peer: Peer, at now: Instant
    ) {
        guard configuration.isFollowing else { return }
        let name = HeaderExchange.protocolID(network: configuration.network)
        let servers = peers.serving(name)
        guard
            let server = servers.first(where: { $0.handle == peer })?.identifier
                ?? entropy.shuffled(servers.map(\.identifier)).first
        else { return }
        let question = HeaderExchangeRequest(.hash(hash), amount: 1)
        let number = ask(
            name, of: server, bytes: question.encode(),
            answerLimit: HeaderExchange.answerLimit(amount: 1), at: now)
        requests[number] = .soughtHeader(hash, server)
    }

    mutating func soughtHeaderAnswered(
        _ hash: Bytes32, by server: PeerIdentifier, _ answer: Result<[UInt8], RequestFault>,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .success(let bytes) = answer else { return }
        let peer = Peer(server.text)
        do {
            guard let header = try HeaderExchange.decodeAnswer(bytes, amount: 1).first else {
                return
            }
            guard header.hash == hash else {
                penalize(peer, "gave another header than was named", at: now, into: &effects)
                return
            }
            if !isKeepingSquares { rootsAtHand.keep(header.dataAvailabilityHeader) }
            tellHeaders(.shown(ChainHeader(header), by: peer), now, &effects)
        } catch {
            penalize(peer, "gave no header: \(error)", at: now, into: &effects)
        }
    }
}
