// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
package import Machinery
package import Peering
internal import Syncing

/// The conversation between the fraud machine, the peers that have shares or proofs, and the jobs
/// that judge them.
extension Node {
    mutating func tellFraud(
        _ event: FraudMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        var asked: [FraudMachine.Effect] = []
        fraud.machine.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .request(let block, let coordinate, let peer):
                requestShare(block, coordinate, from: peer, at: now, into: &effects)
            case .search(let block, let line, let samples):
                judgeByJob(
                    .searchFraud(block, line, samples), height: block.height, into: &effects)
            case .verify(let proof, let block):
                judgeByJob(.verifyFraud(proof, block), height: nil, into: &effects)
            case .recall(let height):
                loadFraudHeader(height, .received, at: now, into: &effects)
            case .seek(_, let hash, let peer):
                seekHeader(hash, from: peer, at: now)
            case .prove(let record): refuse(record, at: now, into: &effects)
            case .judge(let verdict, let proof, let peer):
                proofJudged(verdict, proof, from: peer, at: now, into: &effects)
            case .blame(let height, let peer):
                blame(peer, height: height, at: now, into: &effects)
            case .leaveOpen(let height, let peer):
                effects.append(
                    .report(.incident("it stays open who is wrong about square \(height)")))
                if let peer { tellSquares(.refused(height, by: peer), now, &effects) }
            case .penalize(let peer, let reason):
                penalize(peer, reason, at: now, into: &effects)
            case .wake(let moment): effects.append(.wake(at: moment))
            }
        }
    }

    /// A proof came by gossip.
    ///
    /// - Returns: What it is worth to those who pass it on; nil when a job has to find out first,
    ///   after which `proofJudged` knows.
    package mutating func fraudGossiped(
        _ data: [UInt8], from peer: PeerIdentifier, at now: Instant,
        into effects: inout [RoleEffect]
    ) -> GossipVerdict? {
        fraud.lastVerdict = nil
        tellFraud(.received(data, from: Peer(peer.text)), now, &effects)
        defer { fraud.lastVerdict = nil }
        return fraud.lastVerdict
    }

    /// Lets others have a proof that stands: all who listen now, and whoever asks later.
    mutating func announceFraud(
        _ proof: [UInt8], at now: Instant, into effects: inout [RoleEffect]
    ) {
        effects.append(.report(.counted("fraud.announced", 1)))
        publish(.fraud, proof, at: now, into: &effects)
    }

    /// What a peer's proof turned out to be worth; if it was gossiped, gossip waits for that.
    private mutating func proofJudged(
        _ verdict: GossipVerdict, _ proof: [UInt8], from peer: Peer, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        fraud.lastVerdict = verdict
        effects.append(.report(.counted("fraud.\(verdict.rawValue)", 1)))
        let waiting = fraud.deliveries.firstIndex { $0.sender == peer && $0.proof == proof }
        guard let waiting else { return }
        let number = fraud.deliveries.remove(at: waiting).number
        judge(.fraud, number, verdict, at: now, into: &effects)
    }

    // MARK: Suspicions

    /// A square came that does not extend to the roots of its header.
    mutating func suspect(
        _ height: UInt64, _ mismatch: SquareMismatch, from peer: Peer?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        loadFraudHeader(
            height, .suspicion(height: height, mismatch, from: peer), at: now, into: &effects)
    }

    private mutating func blame(
        _ peer: Peer, height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if isKeepingSquares {
            tellSquares(.lied(height, by: peer), now, &effects)
        } else {
            penalize(peer, "sent a square that is not its header's", at: now, into: &effects)
        }
    }

    private mutating func requestShare(
        _ block: BlockRoots, _ coordinate: Coordinate, from peer: Peer, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let identifier = peers.identifier(of: peer) else {
            tellFraud(.refused(height: block.height, coordinate, by: peer), now, &effects)
            return
        }
        request(
            .sample(SampleID(height: block.height, coordinate)), of: identifier,
            width: block.roots.width,
            purpose: .fraudSample(height: block.height, coordinate, identifier, block.roots),
            deadlineMilliseconds: FraudMachine.requestMilliseconds, at: now)
    }

    mutating func fraudSampleAnswered(
        _ height: UInt64, _ coordinate: Coordinate, by identifier: PeerIdentifier,
        _ roots: DataAvailabilityHeader, _ answer: Result<[UInt8], RequestFault>,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        let peer = Peer(identifier.text)
        let id = SampleID(height: height, coordinate)
        switch shareAnswer(answer, of: .sample(id), roots: KnownRoots(roots)) {
        case .sample(let sample):
            tellFraud(.sampled(height: height, sample), now, &effects)
        case .malformed:
            tellFraud(.lied(height: height, coordinate, by: peer), now, &effects)
        default:
            tellFraud(.refused(height: height, coordinate, by: peer), now, &effects)
        }
    }

    mutating func fraudPeersChanged(at now: Instant, into effects: inout [RoleEffect]) {
        let name = ShareExchange.protocolID(.sample, network: configuration.network)
        tellFraud(.peersChanged(peers.serving(name).map(\.handle)), now, &effects)
    }

    // MARK: Headers and jobs

    /// Headers were stored: proofs that came before them can be judged.
    mutating func fraudHeadersCame(at now: Instant, into effects: inout [RoleEffect]) {
        tellFraud(.followed(upTo: chain.height), now, &effects)
    }

    private mutating func loadFraudHeader(
        _ height: UInt64, _ question: FraudQuestion, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if let header = chain.recentHeader(height) {
            fraudLoaded(question, .header(header), at: now, into: &effects)
        } else if chain.headers.contains(height) {
            let ticket = ticket()
            loads[ticket] = .fraud(question)
            effects.append(.load(ticket, .header(height)))
        } else {
            fraudLoaded(question, .nothing, at: now, into: &effects)
        }
    }

    mutating func fraudLoaded(
        _ question: FraudQuestion, _ value: LoadedValue, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard case .header(let header) = value else {
            fraudRootsFound(question, nil, at: now, into: &effects)
            return
        }
        if case .head = question {
            if chain.restoreHead(header) { effects.append(.report(.head(header))) }
            return
        }
        fetchRoots(of: [header], for: .fraud(question), at: now, into: &effects)
    }

    /// The roots of the block that a question of fraud is about, or nobody gave them.
    mutating func fraudRootsFound(
        _ question: FraudQuestion, _ header: ExtendedHeader?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        let block = header.map { BlockRoots($0) }
        switch question {
        case .received: tellFraud(.recalled(block), now, &effects)
        case .suspicion(let height, let mismatch, let peer):
            guard let block else {
                // Its header is gone or damaged: it is for another time to find out.
                if let peer { tellSquares(.refused(height, by: peer), now, &effects) }
                return
            }
            tellFraud(.suspected(block, mismatch, from: peer), now, &effects)
        case .head: break
        }
    }

    private mutating func judgeByJob(
        _ job: Job, height: UInt64?, into effects: inout [RoleEffect]
    ) {
        let ticket = ticket()
        jobs[ticket] = .fraud(height: height)
        effects.append(.compute(ticket, job))
    }

    mutating func fraudComputed(
        _ height: UInt64?, _ result: JobResult, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch (height, result) {
        case (let height?, .fraud(let proof)):
            tellFraud(.searched(height: height, proof), now, &effects)
        case (nil, .fraudVerdict(let holds)):
            tellFraud(.verified(holds: holds), now, &effects)
        default:
            preconditionFailure("a job about fraud says something about it")
        }
    }
}
