// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering

/// What this node does not hold itself it fetches from storage nodes, verified.
extension Node {
    mutating func retrieve(
        _ wanted: [ShareRequest], height: UInt64, for asker: Ticket, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard retrievals.count < NodeLimits.retrievalsAtOnce else {
            answer(asker, .failure(.failed("server busy, try again later")), into: &effects)
            return
        }
        let deadline = now.advanced(byMilliseconds: NodeLimits.retrievalMilliseconds)
        retrievals.append(
            Retrieval(asker: asker, height: height, deadline: deadline, wanted: wanted))
        effects.append(.wake(at: deadline))
        if let header = chain.recentHeader(height) {
            retrievalBegins(asker, header, at: now, into: &effects)
        } else {
            let ticket = ticket()
            loads[ticket] = .retrievalHeader(asker)
            effects.append(.load(ticket, .header(height)))
        }
    }

    mutating func retrievalHeaderLoaded(
        _ asker: Ticket, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .header(let header) = value else {
            fail(asker, "its header is not in the store", into: &effects)
            return
        }
        retrievalBegins(asker, header, at: now, into: &effects)
    }

    private mutating func retrievalBegins(
        _ asker: Ticket, _ header: ChainHeader, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        fetchRoots(of: [header], for: .retrieval(asker), at: now, into: &effects)
    }

    /// The roots are there that the answers are verified under, or nobody gave them.
    mutating func retrievalRootsFound(
        _ asker: Ticket, _ roots: DataAvailabilityHeader?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let index = index(of: asker) else { return }
        guard let roots else {
            finish(asker, .failure(.dataNotAvailable), into: &effects)
            return
        }
        retrievals[index].roots = roots
        askNextPeer(for: asker, at: now, into: &effects)
    }

    private mutating func askNextPeer(
        for asker: Ticket, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = index(of: asker), let roots = retrievals[index].roots,
            let wanted = retrievals[index].wanted.first
        else { return }
        let name = ShareExchange.protocolID(wanted.kind, network: configuration.network)
        let tried = retrievals[index].tried.map(\.peer)
        if readOwnRows(for: asker, wanted, tried: tried, into: &effects) { return }
        let candidates = peers.serving(name).filter { entry in
            !tried.contains(entry.identifier) && entry.mayHave(wanted, width: roots.width)
        }
        guard let peer = entropy.shuffled(candidates.map(\.identifier)).first,
            tried.count < NodeLimits.retrievalPeersMax + (configuration.slice == nil ? 0 : 1)
        else {
            fail(
                asker, tried.isEmpty ? "no peer that serves it is connected" : "no peer gave it",
                into: &effects)
            return
        }
        retrievals[index].tried.append((peer, nil))
        request(
            wanted, of: peer, width: roots.width, purpose: .retrieval(asker, peer),
            deadlineMilliseconds: wanted.kind == .square
                ? NodeLimits.questionMilliseconds : NodeLimits.pieceMilliseconds, at: now)
    }

    mutating func retrievalAnswered(
        _ asker: Ticket, by peer: PeerIdentifier, _ result: Result<[UInt8], RequestFault>,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = index(of: asker), let roots = retrievals[index].roots,
            let wanted = retrievals[index].wanted.first
        else { return }
        switch shareAnswer(result, of: wanted, roots: KnownRoots(roots)) {
        case .row(let row):
            rowCame(row, of: retrievals[index].height, roots, at: now, into: &effects)
            finish(asker, .success(.row(row)), into: &effects)
        case .namespaceData(let data):
            finish(asker, .success(.namespaceData(data)), into: &effects)
        case .square(let bytes):
            let ticket = ticket()
            jobs[ticket] = .retrieval(asker, from: peer)
            effects.append(.compute(ticket, .checkSquare(bytes, roots)))
        case .sample(let sample):
            retrievals[index].samples.append(sample)
            retrievals[index].wanted.removeFirst()
            retrievals[index].tried = []
            if retrievals[index].wanted.isEmpty {
                finish(asker, .success(.samples(retrievals[index].samples)), into: &effects)
            } else {
                askNextPeer(for: asker, at: now, into: &effects)
            }
        case .malformed:
            penalize(
                Peer(peer.text), "answered \(wanted.kind) with a false proof", at: now,
                into: &effects)
            retrievals[index].note("sent what is false")
            askNextPeer(for: asker, at: now, into: &effects)
        case .notHeld:
            retrievals[index].note(Self.outcome(of: result))
            askNextPeer(for: asker, at: now, into: &effects)
        }
    }

    mutating func retrievedSquareChecked(
        _ asker: Ticket, from peer: PeerIdentifier, _ result: JobResult, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if case .mismatch(let mismatch) = result, let index = index(of: asker) {
            suspect(
                retrievals[index].height, mismatch, from: Peer(peer.text), at: now, into: &effects)
            askNextPeer(for: asker, at: now, into: &effects)
            return
        }
        guard case .committed(let square, _) = result else {
            penalize(
                Peer(peer.text), "sent a square that is not its header's", at: now,
                into: &effects)
            if let index = index(of: asker) { retrievals[index].note("sent what is false") }
            askNextPeer(for: asker, at: now, into: &effects)
            return
        }
        finish(asker, .success(.square(square.square)), into: &effects)
    }

    /// Tells those whose time is over what did not come, and who was asked for it.
    mutating func endRetrievals(at now: Instant, into effects: inout [RoleEffect]) {
        for retrieval in retrievals where retrieval.deadline <= now {
            let seconds = NodeLimits.retrievalMilliseconds / 1_000
            fail(retrieval.asker, "it did not come within \(seconds) s", into: &effects)
        }
    }

    private static func outcome(of result: Result<[UInt8], RequestFault>) -> String {
        switch result {
        case .success: "does not have it"
        case .failure(.timedOut): "did not answer in time"
        case .failure(.disconnected), .failure(.notConnected): "left"
        case .failure(.unsupported): "does not serve it"
        case .failure(.reset): "refused"
        case .failure(.busy): "is overloaded"
        case .failure(.answerOverLimit), .failure(.negotiation): "broke the protocol"
        }
    }

    private mutating func fail(
        _ asker: Ticket, _ reason: String, into effects: inout [RoleEffect]
    ) {
        guard let index = index(of: asker) else { return }
        finish(asker, .failure(retrievals[index].failure(reason)), into: &effects)
    }

    private mutating func finish(
        _ asker: Ticket, _ result: Result<RPCResponse, RPCFault>,
        into effects: inout [RoleEffect]
    ) {
        guard index(of: asker) != nil else { return }
        retrievals.removeAll { $0.asker == asker }
        answer(asker, result, into: &effects)
    }

    private func index(of asker: Ticket) -> Int? {
        retrievals.firstIndex { $0.asker == asker }
    }
}
