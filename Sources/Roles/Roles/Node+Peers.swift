// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Machinery
internal import Peering
internal import Pooling
internal import Syncing

/// The conversation with the peer layer: what it asks of the host, what it tells, what is asked.
extension Node {
    /// What a false proof or header costs its sender, which is enough to be blocked.
    static let penaltyForLies = 100

    static func peerConfiguration(
        _ configuration: NodeConfiguration, seed: Bytes32
    ) -> PeerHost.Configuration {
        var peering = PeerHost.Configuration(key: configuration.identity, seed: seed)
        peering.agentVersion = configuration.agent
        peering.protocolVersion = configuration.network
        peering.listenAddresses = configuration.listenAddresses
        peering.isPerfServed = configuration.isPerfServed
        return peering
    }

    mutating func beginPeering(at now: Instant, into effects: inout [RoleEffect]) {
        let network = configuration.network
        if configuration.kind != .light {
            peerHost.serve(
                HeaderExchange.protocolID(network: network), HeaderExchange.serviceLimits)
            if configuration.isServingLightNodes {
                peerHost.serve(
                    SamplingHeaderExchange.protocolID(network: network),
                    SamplingHeaderExchange.serviceLimits)
                peerHost.serve(
                    SampleManyExchange.protocolID(network: network),
                    SampleManyExchange.serviceLimits)
            }
            for kind in ShareRequest.Kind.allCases
            where kind != .square || configuration.slice == nil {
                peerHost.serve(
                    ShareExchange.protocolID(kind, network: network),
                    ShareExchange.serviceLimits(kind))
            }
        }
        if let slice = configuration.slice {
            peerHost.serve(
                SliceProtocol.protocolID(slice, network: network),
                ShareExchange.serviceLimits(.row))
        }
        peerHost.serve(FraudExchange.protocolID(network: network), FraudExchange.serviceLimits)
        serveReportsOfAttacks()
        if configuration.kind != .light {
            peerHost.serve(
                SidecarExchange.protocolID(network: network), SidecarExchange.serviceLimits)
        }
        if configuration.kind == .validator {
            var limits = ServiceLimits(
                completion: .atEnd(limit: SubmissionExchange.requestLimit))
            limits.readMilliseconds = 60_000
            limits.streamsPerPeer = 1_024
            limits.windowBytes = SubmissionExchange.requestLimit
            peerHost.serve(SubmissionExchange.protocolID(network: network), limits)
        }
        if configuration.kind == .storage {
            var limits = ServiceLimits(
                completion: .atEnd(limit: SubmissionExchange.requestLimit))
            limits.readMilliseconds = 60_000
            peerHost.serve(SubmissionExchange.relayProtocolID(network: network), limits)
        }
        serveStateQuestions()
        serveSnapshots()
        beginGossip(at: now, into: &effects)
        redial(at: now, into: &effects)
    }

    /// Dials the bootstrap peers that are not connected, and looks again in a while.
    mutating func redial(at now: Instant, into effects: inout [RoleEffect]) {
        guard nextRedial.map({ $0 <= now }) ?? true else { return }
        let next = now.advanced(byMilliseconds: NodeLimits.redialMilliseconds)
        nextRedial = next
        effects.append(.wake(at: next))
        for address in configuration.bootstrap {
            if let peer = address.peer, peerHost.isConnected(peer) || dialling.contains(peer) {
                continue
            }
            if let peer = address.peer { dialling.append(peer) }
            peerHost.dial(address, at: now)
        }
    }

    /// Tells the peer layer what happened.
    mutating func tell(_ event: PeerEvent, _ now: Instant, _ effects: inout [RoleEffect]) {
        var asked: [PeerEffect] = []
        peerHost.handle(event, at: now, into: &asked)
        carryOut(asked, at: now, into: &effects)
    }

    /// Hands out what commands queued in the peer layer, until nothing is left.
    mutating func flushPeers(at now: Instant, into effects: inout [RoleEffect]) {
        while true {
            var asked: [PeerEffect] = []
            peerHost.flush(at: now, into: &asked)
            if asked.isEmpty { return }
            carryOut(asked, at: now, into: &effects)
        }
    }

    private mutating func carryOut(
        _ asked: [PeerEffect], at now: Instant, into effects: inout [RoleEffect]
    ) {
        for effect in asked {
            switch effect {
            case .send(let number, let bytes):
                traffic.add(out: bytes.count, at: now)
                effects.append(.send(number, bytes))
            case .awaitDrain(let number): effects.append(.awaitDrain(number))
            case .dial(let number, let address): effects.append(.dial(number, address))
            case .hangUp(let number): effects.append(.hangUp(number))
            case .wake(let moment): effects.append(.wake(at: moment))
            case .notice(let notice): noticed(notice, at: now, into: &effects)
            }
        }
    }

    private mutating func noticed(
        _ notice: PeerNotice, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch notice {
        case .peerConnected(let peer, let number, let remote):
            dialling.removeAll { $0 == peer }
            peers.connected(peer)
            contactMade(peer, number, remote, at: now, into: &effects)
        case .peerDisconnected(let peer):
            peers.disconnected(peer)
            contactLost(peer, at: now, into: &effects)
            abandonPings(of: peer, into: &effects)
            effects.append(.report(.peer(peer.text, isConnected: false)))
            peersChanged(at: now, into: &effects)
        case .identified(let peer, let identity):
            peers.identified(
                peer, protocols: identity.protocols, agent: identity.agentVersion ?? "",
                network: configuration.network)
            contactTold(peer, identity, at: now, into: &effects)
            effects.append(.report(.peer(peer.text, isConnected: true)))
            peersChanged(at: now, into: &effects)
            askForProofs(of: peer, at: now)
        case .dialFailed(let address, let peer, let fault):
            contactFailed(peer, address, fault, at: now, into: &effects)
            if let peer { dialling.removeAll { $0 == peer } }
            effects.append(.report(.note("dialling \(peer?.text ?? "a peer") failed: \(fault)")))
        case .answered(let number, let result):
            answered(number, result, at: now, into: &effects)
        case .asked(let inbound, let name, let peer, let bytes):
            askedByPeer(inbound, name, from: peer, bytes, at: now, into: &effects)
        case .answeredInPart(let number, let bytes):
            samplesCame(number, bytes, at: now, into: &effects)
        case .wantsMore(let inbound):
            readSamples(inbound, into: &effects)
            replyMore(inbound)
        case .abandoned(let inbound):
            outgoing[inbound] = nil
            sampleAnswers[inbound] = nil
        case .observed(let observation):
            observed(observation, at: now, into: &effects)
        case .streamOpened, .streamAgreed, .streamReceived, .streamFinished, .streamDrained,
            .streamEnded:
            break
        }
        tellGossip(notice, now, &effects)
        tellChannels(notice, now, &effects)
    }

    private mutating func observed(
        _ observation: PeerObservation, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch observation {
        case .roundTrip(let peer, let nanoseconds):
            answerPing(peer, nanoseconds: nanoseconds, into: &effects)
        case .blocked(let peer):
            effects.append(.report(.note("peer \(peer.text) is blocked for an hour")))
        case .refused(let address, let fault):
            effects.append(.report(.note("connection from \(address) refused: \(fault)")))
        case .sessionEnded, .streamRefused:
            break
        }
    }

    /// Somebody came, left, or told what it serves.
    private mutating func peersChanged(at now: Instant, into effects: inout [RoleEffect]) {
        let network = configuration.network
        if configuration.isFollowing {
            let whole = HeaderExchange.protocolID(network: network)
            let sampling = SamplingHeaderExchange.protocolID(network: network)
            let isLight = configuration.kind == .light
            let heads =
                isLight ? peers.serving(whole, or: sampling) : peers.serving(whole)
            tellHeaders(.peersChanged(heads.map(\.handle)), now, &effects)
            squarePeersChanged(at: now, into: &effects)
            repairPeersChanged(at: now, into: &effects)
            pinPeersChanged(at: now, into: &effects)
        }
        snapshotPeersChanged(at: now, into: &effects)
        samplePeersChanged(at: now, into: &effects)
        keepConnections(at: now, into: &effects)
        fraudPeersChanged(at: now, into: &effects)
        tellOfAttack(at: now)
    }

    // MARK: Questions of ours

    /// Asks a peer; whoever calls remembers why under the number.
    mutating func ask(
        _ name: String, of peer: PeerIdentifier, bytes: [UInt8], answerLimit: Int,
        end: PeerHost.AnswerEnd = .finish,
        milliseconds: UInt64 = NodeLimits.questionMilliseconds, at now: Instant
    ) -> RequestNumber {
        peerHost.request(
            name, to: peer, bytes, answerLimit: answerLimit, end: end,
            deadline: now.advanced(byMilliseconds: milliseconds), at: now)
    }

    private mutating func answered(
        _ number: RequestNumber, _ result: Result<[UInt8], RequestFault>, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let purpose = requests.removeValue(forKey: number) else { return }
        switch purpose {
        case .headers(let request, let peer):
            headersAnswered(request, by: peer, result, at: now, into: &effects)
        case .square(let height, let peer, let roots):
            squareAnswered(height, by: peer, roots, result, at: now, into: &effects)
        case .samplingHeaders(let request, let question, let known, let peer):
            samplingHeadersAnswered(
                request, question, known, by: peer, result, at: now, into: &effects)
        case .roots(let number, let peer, let amount):
            rootsAnswered(number, by: peer, amount: amount, result, at: now, into: &effects)
        case .sample(let height, let coordinate, let peer):
            sampleAnswered(height, coordinate, by: peer, result, at: now, into: &effects)
        case .samples(let request, let peer, let taken):
            samplesAnswered(request, by: peer, taken: taken, result, at: now, into: &effects)
        case .row(let fetch, let row):
            rowAnswered(fetch, row, result, at: now, into: &effects)
        case .sampleRoots(let request, let height, let peer):
            sampleRootsAnswered(
                request, height: height, by: peer, result, at: now, into: &effects)
        case .retrieval(let asker, let peer):
            retrievalAnswered(asker, by: peer, result, at: now, into: &effects)
        case .piece(let height, let piece, let peer, let roots):
            pieceAnswered(height, piece, by: peer, roots, result, at: now, into: &effects)
        case .pin(let identity, let peer, let roots):
            pinAnswered(identity, by: peer, roots, result, at: now, into: &effects)
        case .relay(let inbound):
            relayed(inbound, result)
        case .kademlia(let question):
            kademliaAnswered(question, result, at: now, into: &effects)
        case .fraudSample(let height, let coordinate, let peer, let roots):
            fraudSampleAnswered(
                height, coordinate, by: peer, roots, result, at: now, into: &effects)
        case .fraudProofs(let peer):
            proofsAnswered(by: peer, result, at: now, into: &effects)
        case .soughtHeader(let hash, let server):
            soughtHeaderAnswered(hash, by: server, result, at: now, into: &effects)
        case .sidecar(let height, let peer):
            sidecarAnswered(height, by: peer, result, at: now, into: &effects)
        case .drawnRow(let height, let row, let peer):
            drawnRowAnswered(row, of: height, by: peer, result, at: now, into: &effects)
        case .forwarded: break
        case .submission, .account, .balance:
            submissionAnswered(purpose, result, at: now, into: &effects)
        case .snapshot(let peer):
            snapshotAnswered(by: peer, result, at: now, into: &effects)
        case .state(let inquiry, let peer, let isRelay):
            stateAnswered(
                inquiry, by: peer, isRelay: isRelay, result, at: now, into: &effects)
        }
    }

    /// A peer sent what is provably false: it is told to whoever watches, and blocked.
    mutating func penalize(
        _ peer: Peer, _ reason: String, at now: Instant, into effects: inout [RoleEffect]
    ) {
        effects.append(.report(.penalized(peer.name, reason: reason)))
        if let identifier = peers.identifier(of: peer) {
            peerHost.penalize(identifier, points: Self.penaltyForLies, at: now)
        }
    }

    // MARK: Answers of ours

    /// Answers a peer; long answers in parts, as it takes them.
    mutating func reply(_ inbound: InboundNumber, _ bytes: [UInt8]) {
        outgoing[inbound] = bytes[...]
        replyMore(inbound)
    }

    /// Hands parts over until the peer layer holds more than its high mark, below which it asks on.
    private mutating func replyMore(_ inbound: InboundNumber) {
        while let rest = outgoing[inbound],
            peerHost.queuedBytes(of: inbound) <= YamuxLimits.highWaterBytes
        {
            let part = rest.prefix(NodeLimits.answerPart)
            let isLast = part.count == rest.count
            outgoing[inbound] = isLast ? nil : rest.dropFirst(part.count)
            peerHost.answer(inbound, [UInt8](part), isLast: isLast)
        }
    }

    /// Refuses a peer's question whose form is wrong.
    mutating func reset(_ inbound: InboundNumber) {
        peerHost.reset(inbound, code: .none)
    }
}
