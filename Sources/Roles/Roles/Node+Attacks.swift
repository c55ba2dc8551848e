// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import Ledger
internal import Machinery
internal import Peering
internal import Syncing

/// The conversation about attacks on light clients: from two headers of one height to a slash.
///
/// Who sees them tells everybody; who keeps the chain knows which of the two is its own, passes the
/// report on, and a validator accuses whoever signed the other. Specified in
/// Protocol/15-light-clients.md#telling-divergence and Protocol/22-slashing.md#attack.
extension Node {
    mutating func serveReportsOfAttacks() {
        guard configuration.kind != .light else { return }
        peerHost.serve(
            DivergenceReport.protocolID(network: configuration.network),
            DivergenceReport.serviceLimits)
    }

    /// This node has seen two heads, now or in an earlier run.
    mutating func reportAttack(_ record: [UInt8], at now: Instant) {
        do throws(DecodeFault) {
            let report = try DivergenceReport(record: record).encode()
            guard report.count <= DivergenceReport.sizeLimit else { return }
            attacks.tell(report, knownTo: nil)
            tellOfAttack(at: now)
        } catch {
            // What this node kept of an earlier run is damaged; it stands still all the same.
            return
        }
    }

    /// A member of the committee knows itself which head is the chain's.
    mutating func judgeAttack(
        _ record: [UInt8], at now: Instant, into effects: inout [RoleEffect]
    ) {
        do throws(DecodeFault) {
            take(try DivergenceReport(record: record), from: nil, into: &effects)
        } catch {
            effects.append(.report(.incident("two heads that cannot be told of: \(error)")))
        }
    }

    /// A report that is the first of its kind is held to the chain's own header.
    private mutating func take(
        _ report: DivergenceReport, from peer: PeerIdentifier?, into effects: inout [RoleEffect]
    ) {
        guard attacks.isNew(SHA256.hash(report.encode())) else { return }
        let ticket = ticket()
        loads[ticket] = .attack(report, from: peer)
        effects.append(.load(ticket, .header(report.ours.height.value)))
    }

    /// Tells whoever takes it and was not told.
    mutating func tellOfAttack(at now: Instant) {
        guard let report = attacks.report else { return }
        let name = DivergenceReport.protocolID(network: configuration.network)
        let peers = peers.serving(name).map(\.identifier).prefix(NodeLimits.attackTold)
        for peer in attacks.untold(among: Array(peers)) {
            let number = ask(name, of: peer, bytes: report, answerLimit: 1, at: now)
            requests[number] = .forwarded
        }
    }

    /// Takes a report; returns whether it was one.
    mutating func servedReport(
        _ inbound: InboundNumber, _ name: String, from peer: PeerIdentifier, _ bytes: [UInt8],
        at now: Instant, into effects: inout [RoleEffect]
    ) -> Bool {
        guard name == DivergenceReport.protocolID(network: configuration.network) else {
            return false
        }
        reply(inbound, [])
        do throws(DecodeFault) {
            take(try DivergenceReport(decoding: bytes), from: peer, into: &effects)
        } catch {
            penalize(
                Peer(peer.text), "told of an attack that cannot be read: \(error)", at: now,
                into: &effects)
        }
        return true
    }

    /// The chain's own header of the height came from the store.
    mutating func attackLoaded(
        _ report: DivergenceReport, from peer: PeerIdentifier?, _ value: LoadedValue,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .header(let own) = value else { return }
        let blocks = [report.ours, report.theirs]
        guard blocks.contains(where: { $0.header.hash == own.hash }),
            let other = blocks.first(where: { $0.header.hash != own.hash }),
            let conflict = ConflictingCommit(
                chain: own.signedHeader, other: other.signedHeader)
        else { return }
        do throws(HeaderFault) {
            try other.signedHeader.check(names: other.validatorSet)
            var tally = CommitTally(
                other.signedHeader.commit, chainID: configuration.rules.chainID)
            try tally.require(moreThan: .oneThird, of: own.validatorSet)
        } catch {
            guard let peer else { return }
            let reason = "told of an attack that nobody made: \(error)"
            return penalize(Peer(peer.text), reason, at: now, into: &effects)
        }
        effects.append(.report(.counted("attacks.reported", 1)))
        effects.append(
            .report(
                .incident(
                    "header \(other.header.hash) of height \(other.height) is not this chain's, and "
                        + "more than a third of its committee signed it")))
        attacks.tell(report.encode(), knownTo: peer)
        tellOfAttack(at: now)
        accuse(conflict, into: &effects)
    }

    /// A validator keeps what the chain will slash for; the rest is nobody's proven fault.
    private mutating func accuse(
        _ conflict: ConflictingCommit, into effects: inout [RoleEffect]
    ) {
        guard committee != nil, let producer, configuration.rules.staking != nil else { return }
        let state = producer.ledger
        let transition = LedgerTransition(rules: configuration.rules)
        let latest = Epoch(of: conflict.other.header.height, length: epochLength)
        let accusations = conflict.accusations { address in
            transition.seat(of: address, upTo: latest, on: state)
        }
        for (vote, pair) in accusations.prefix(QuorumCertificate.membersMax) {
            let evidence = [vote] + (pair.map { [$0] } ?? [])
            guard
                let sound = evidence.first(where: {
                    transition.refusal(of: $0.protobuf, on: state) == nil
                })
            else { continue }
            keep(sound, into: &effects)
        }
    }
}
