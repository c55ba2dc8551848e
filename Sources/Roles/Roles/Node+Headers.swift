// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Machinery
internal import Peering
internal import Syncing

/// The conversation between header sync, its peers and the store.
extension Node {

    mutating func tellHeaders(
        _ event: HeaderSyncMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        var asked: [HeaderSyncMachine.Effect] = []
        headers.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .request(let request, let peer):
                requestHeaders(request, from: peer, at: now, into: &effects)
            case .accept(let headers):
                let accepted = isKeepingSquares ? headers : headers.map(\.withoutRoots)
                let ticket = ticket()
                stores[ticket] = .headers(accepted)
                effects.append(.store(ticket, .headers(accepted, values: [])))
            case .recall(let height):
                let ticket = ticket()
                loads[ticket] = .recallHeader
                effects.append(.load(ticket, .header(height)))
            case .judge(let number, let verdict):
                judge(.headers, number, verdict, at: now, into: &effects)
            case .penalize(let peer, let reason):
                penalize(peer, reason, at: now, into: &effects)
            case .diverged(let divergence) where configuration.isInCommittee:
                judgeAttack(divergence.record, at: now, into: &effects)
            case .diverged(let divergence):
                let ticket = ticket()
                stores[ticket] = .divergence
                effects.append(
                    .store(
                        ticket, .values([(HeaderDivergence.name, divergence.record)])))
                reportAttack(divergence.record, at: now)
            case .halted(let reason):
                effects.append(.report(.incident("headers are not followed: \(reason) (--trust)")))
            case .wake(let moment):
                effects.append(.wake(at: moment))
            }
        }
    }

    /// A chain that was seen with two heads is not followed on after a restart either.
    mutating func haltAfterDivergence(
        _ restored: RestoredState, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard !configuration.isInCommittee,
            let record = restored.value(HeaderDivergence.name)
        else { return }
        reportAttack(record, at: now)
        tellHeaders(
            .forbidden(
                "an earlier run saw two heads of this chain, the evidence is in the record "
                    + "\(HeaderDivergence.name). Learn from somebody you trust which is the chain, "
                    + "and start on an empty data directory with the hash of a recent header of it "
                    + "as the trusted one"), now, &effects)
    }

    func divergenceStored(failure: String?, into effects: inout [RoleEffect]) {
        guard let failure else { return }
        effects.append(
            .report(.incident("the evidence of two heads was not stored: \(failure)")))
    }

    private mutating func requestHeaders(
        _ request: HeaderRequest, from peer: Peer, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let identifier = peers.identifier(of: peer) else {
            tellHeaders(.refused(request, by: peer), now, &effects)
            return
        }
        if configuration.kind == .light,
            peers.serves(
                identifier, SamplingHeaderExchange.protocolID(network: configuration.network))
        {
            requestSamplingHeaders(request, of: identifier, at: now)
            return
        }
        let number = ask(
            HeaderExchange.protocolID(network: configuration.network), of: identifier,
            bytes: request.question.encode(),
            answerLimit: HeaderExchange.answerLimit(amount: request.question.amount), at: now)
        requests[number] = .headers(request, identifier)
    }

    mutating func headersAnswered(
        _ request: HeaderRequest, by identifier: PeerIdentifier,
        _ answer: Result<[UInt8], RequestFault>, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let peer = Peer(identifier.text)
        guard case .success(let bytes) = answer else {
            tellHeaders(.refused(request, by: peer), now, &effects)
            return
        }
        do {
            let found = try HeaderExchange.decodeAnswer(
                bytes, amount: request.question.amount)
            if found.isEmpty {
                tellHeaders(.refused(request, by: peer), now, &effects)
            } else {
                if !isKeepingSquares {
                    for header in found { rootsAtHand.keep(header.dataAvailabilityHeader) }
                }
                let headers = found.map { ChainHeader($0) }
                noteGiver(peer, of: headers)
                tellHeaders(.answered(request, by: peer, headers), now, &effects)
            }
        } catch {
            tellHeaders(.lied(request, by: peer), now, &effects)
        }
    }

    /// Verified headers are on disk: they count, are told, sampled, and their squares wanted.
    mutating func headersStored(
        _ accepted: [ChainHeader], failure: String?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if let failure {
            effects.append(.report(.incident("headers were not stored: \(failure)")))
            storeLater(accepted, at: now, into: &effects)
            return
        }
        let accepted = accepted.filter { !isRefused($0.height.value) }
        let hasMoved = chain.stored(accepted)
        if hasMoved, let head = chain.head { effects.append(.report(.head(head))) }
        headersMoved(at: now, into: &effects)
        fraudHeadersCame(at: now, into: &effects)
        for header in accepted where isWithinStorageWindow(header, at: now) {
            if hasSquareReady(header) { continue }
            tellSquares(.wanted(header.height.value), now, &effects)
            useAnnouncements(of: header, at: now, into: &effects)
        }
        answerInclusions(at: now, into: &effects)
        sampleNext(at: now, into: &effects)
        drawRows(of: accepted, at: now, into: &effects)
        committeeHeadersStored(accepted, at: now, into: &effects)
    }

    /// Verified headers that could not be stored are tried again: nobody will send them twice.
    private mutating func storeLater(
        _ accepted: [ChainHeader], at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard unstored.count < NodeLimits.unstoredMax else {
            effects.append(
                .report(.incident("too many headers wait for the disk; restart when it has room")))
            return
        }
        let due = now.advanced(byMilliseconds: NodeLimits.storeAgainMilliseconds)
        unstored.append((accepted, due))
        effects.append(.wake(at: due))
    }

    /// Tries to store what could not be stored before.
    mutating func storeAgain(at now: Instant, into effects: inout [RoleEffect]) {
        let due = unstored.filter { $0.due <= now }
        unstored.removeAll { $0.due <= now }
        for (late, _) in due {
            let headers = late.filter { !isRefused($0.height.value) }
            if headers.isEmpty { continue }
            let ticket = ticket()
            stores[ticket] = .headers(headers)
            effects.append(.store(ticket, .headers(headers, values: [])))
        }
    }
}

extension HeaderRequest {
    /// The same on the wire.
    var question: HeaderExchangeRequest {
        switch self {
        case .head: HeaderExchangeRequest(.origin(0), amount: 1)
        case .hash(let hash): HeaderExchangeRequest(.hash(hash), amount: 1)
        case .range(let from, let count): HeaderExchangeRequest(.origin(from), amount: count)
        }
    }
}
