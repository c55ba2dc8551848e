// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Ledger
internal import Machinery
internal import Peering
internal import StateTree

/// A question about the ledger on its way through the peers that may know.
struct LedgerInquiry {
    /// Who wants to know.
    enum Asker {
        case user(Ticket)
        /// Transactions that wait for a price.
        case signing
    }

    let asker: Asker
    let need: LedgerNeed
    let wantsProofs: Bool
    var lookup: ProvenLookup
    var restartCount = 0
    /// Who was asked for what is looked up now.
    var tried: [PeerIdentifier] = []
}

/// Questions about the ledger: a validator reads its own, all others ask for proofs.
extension Node {
    mutating func askedForLedger(
        _ ticket: Ticket, _ question: LedgerQuestion, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        let wantsProofs = if case .proof = question { true } else { false }
        do throws(RPCFault) {
            let need = try question.need(of: account, configuration.rules)
            inquire(
                need, for: .user(ticket), wantsProofs: wantsProofs, at: now, into: &effects)
        } catch {
            answer(ticket, .failure(error), into: &effects)
        }
    }

    mutating func inquire(
        _ need: LedgerNeed, for asker: LedgerInquiry.Asker, wantsProofs: Bool = false,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        if let producer {
            return answerFromLedger(
                producer, need, for: asker, wantsProofs, at: now, into: &effects)
        }
        guard let head = chain.head else {
            return finish(
                asker, .failure(.failed("state: this node has no header yet")), at: now,
                into: &effects)
        }
        guard inquiries.count < NodeLimits.inquiriesMax else {
            return finish(
                asker, .failure(.failed("state: too many questions wait at this node")),
                at: now, into: &effects)
        }
        inquiryCount += 1
        inquiries.append(
            (
                inquiryCount,
                LedgerInquiry(
                    asker: asker, need: need, wantsProofs: wantsProofs,
                    lookup: ProvenLookup(need.lookups, under: head))
            ))
        askForState(inquiryCount, at: now, into: &effects)
    }

    private mutating func answerFromLedger(
        _ producer: Producer, _ need: LedgerNeed, for asker: LedgerInquiry.Asker,
        _ wantsProofs: Bool, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if let fault = producer.ledger.storeFault {
            return finish(
                asker, .failure(.failed("state: the node's ledger cannot be read: \(fault)")),
                at: now, into: &effects)
        }
        guard wantsProofs else {
            let height = (producer.provable.last?.height ?? producer.restoredHeight)
            let found = need.answer(producer.ledger.excerpt(of: need.lookups), height + 1)
            return finish(
                asker, found.map { ledgerAnswer($0) }, at: now, into: &effects)
        }
        guard let (height, state) = producer.provable.last else {
            return finish(
                asker, .failure(.failed("state: no header commits to the state yet")), at: now,
                into: &effects)
        }
        var proofs: [[UInt8]] = []
        for case .entry(let key) in need.lookups {
            proofs.append(state.proof(of: key).protobuf)
        }
        let found = need.answer(state.excerpt(of: need.lookups), height + 1)
        finish(
            asker, found.map { ledgerAnswer($0, provenAt: height, proofs: proofs) }, at: now,
            into: &effects)
    }

    private func ledgerAnswer(
        _ finding: LedgerFinding, provenAt: UInt64? = nil, proofs: [[UInt8]] = []
    ) -> LedgerAnswer {
        LedgerAnswer(
            finding: finding, provenAt: provenAt, proofs: proofs, rules: configuration.rules)
    }

    private mutating func finish(
        _ asker: LedgerInquiry.Asker, _ result: Result<LedgerAnswer, RPCFault>, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        switch asker {
        case .user(let ticket):
            answer(ticket, result.map { .ledger($0) }, into: &effects)
        case .signing: priceCame(result, at: now, into: &effects)
        }
    }

    // MARK: Asking

    /// Asks the next peer for what an inquiry still lacks, or ends it when it lacks nothing.
    private mutating func askForState(
        _ number: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = inquiries.firstIndex(where: { $0.number == number }) else { return }
        var inquiry = inquiries[index].inquiry
        guard !inquiry.lookup.isComplete else {
            inquiries.remove(at: index)
            let found = inquiry.need.answer(
                inquiry.lookup.excerpt, inquiry.lookup.height + 1)
            let proofs = inquiry.wantsProofs ? inquiry.lookup.proofs : []
            return finish(
                inquiry.asker,
                found.map { ledgerAnswer($0, provenAt: inquiry.lookup.height, proofs: proofs) },
                at: now, into: &effects)
        }
        guard inquiry.tried.count < NodeLimits.retrievalPeersMax,
            let (name, peer) = nextStateServer(except: inquiry.tried)
        else {
            inquiries.remove(at: index)
            let asked = inquiry.tried.map(\.text).joined(separator: ", ")
            let reason =
                asked.isEmpty
                ? "no validator is connected"
                : "no validator proved the state of height \(inquiry.lookup.height); asked \(asked)"
            return finish(
                inquiry.asker, .failure(.failed("state: \(reason)")), at: now, into: &effects)
        }
        inquiry.tried.append(peer)
        inquiries[index].inquiry = inquiry
        let number = ask(
            name, of: peer, bytes: inquiry.lookup.question.protobuf,
            answerLimit: StateExchange.responseLimit,
            milliseconds: NodeLimits.pieceMilliseconds, at: now)
        requests[number] = .state(inquiries[index].number, peer, isRelay: name != stateProtocol)
    }

    private var stateProtocol: String {
        StateExchange.protocolID(network: configuration.network)
    }

    private func nextStateServer(
        except tried: [PeerIdentifier]
    ) -> (name: String, peer: PeerIdentifier)? {
        let relay = StateExchange.relayProtocolID(network: configuration.network)
        let candidates = [stateProtocol, relay].flatMap { name in
            peers.serving(name).map { (name: name, peer: $0.identifier) }
        }.filter { !tried.contains($0.peer) }
        return candidates.first { !silentValidators.contains($0.peer) } ?? candidates.first
    }

    /// A peer answered for a part of an inquiry, or did not.
    mutating func stateAnswered(
        _ number: UInt64, by peer: PeerIdentifier, isRelay: Bool,
        _ result: Result<[UInt8], RequestFault>, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let index = inquiries.firstIndex(where: { $0.number == number }) else { return }
        guard case .success(let bytes) = result else {
            noteValidator(peer, isSilent: true)
            return askForState(number, at: now, into: &effects)
        }
        var inquiry = inquiries[index].inquiry
        do throws(DecodeFault) {
            let response = try StateResponse(protobuf: bytes)
            if !response.isKept {
                // The peer has not executed that block yet; a header before it does as well.
                if response.newest < inquiry.lookup.height, inquiry.restartCount < 2,
                    let header = chain.recentHeader(response.newest)
                {
                    inquiry.lookup = ProvenLookup(inquiry.need.lookups, under: header)
                    inquiry.restartCount += 1
                    inquiry.tried.removeAll { $0 == peer }
                }
            } else {
                try inquiry.lookup.take(response)
                inquiry.tried = []
            }
            noteValidator(peer, isSilent: false)
        } catch {
            let words = "a false proof of the state: \(error)"
            if isRelay {
                effects.append(.report(.note("through \(peer.text): \(words)")))
            } else {
                penalize(Peer(peer.text), words, at: now, into: &effects)
            }
        }
        inquiries[index].inquiry = inquiry
        askForState(number, at: now, into: &effects)
    }
}
