// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare
package import Machinery

/// Finds out whether a block's proposer encoded it wrongly, proves it, and judges others' proofs.
///
/// A suspicion (a square that does not extend to its header's roots, a row that disagrees with its
/// sidecar) is followed by fetching k proven shares of a suspect line: if they do not make the
/// committed root, they are the proof, and the proposer lied; if all suspect lines are what they
/// should be, whoever sent the square lied. A proof from a peer is verified one at a time, and one
/// that does not hold costs its sender. What burns CPU is handed out as work. Specified in
/// Protocol/14-encoding-fraud.md.
package struct FraudMachine: Machine {
    /// What can happen.
    package enum Event: Sendable {
        /// A square came that is not what its header's roots commit to.
        case suspected(BlockRoots, SquareMismatch, from: Peer?)
        /// A peer sent a share with a proof that holds.
        case sampled(height: UInt64, VerifiedSample)
        /// A peer has not got a share, or failed to answer.
        case refused(height: UInt64, Coordinate, by: Peer)
        /// A peer sent a share with a false proof.
        case lied(height: UInt64, Coordinate, by: Peer)
        /// What came of `search`.
        case searched(height: UInt64, BadEncodingProof?)
        /// A peer sent a proof.
        case received([UInt8], from: Peer)
        /// What came of `recall`; nil when this node does not follow a block of that height.
        case recalled(BlockRoots?)
        /// What came of `verify`.
        case verified(holds: Bool)
        /// Headers up to this height are followed, more than before.
        case followed(upTo: UInt64)
        /// These peers may be asked for shares from now on.
        case peersChanged([Peer])
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Sendable {
        /// Ask `peer` for a share of a block.
        case request(BlockRoots, Coordinate, from: Peer)
        /// See whether these shares of a line prove fraud; answer by `searched`.
        case search(BlockRoots, SuspectLine, [VerifiedSample])
        /// Give the block of a height that this node follows; answer by `recalled`.
        case recall(height: UInt64)
        /// Get the header of this height and hash, which is not followed yet, from who knows a proof
        /// about it.
        case seek(height: UInt64, hash: Bytes32, from: Peer)
        /// See whether a proof holds; answer by `verified`.
        case verify(BadEncodingProof, BlockRoots)
        /// Fraud is proven: refuse the block and all that follow, keep the proof, tell everybody.
        case prove(FraudRecord)
        /// What a peer's proof is worth, for those who pass it on.
        case judge(GossipVerdict, proof: [UInt8], from: Peer)
        /// The peer's square is not the committed one; nobody else is to blame.
        case blame(height: UInt64, Peer)
        /// It stays open who is to blame.
        case leaveOpen(height: UInt64, from: Peer?)
        /// Never ask `peer` again; the text says what was wrong.
        case penalize(Peer, String)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// The largest proof; `fraud.proofSizeMax` in Protocol/constants.json.
    package static let proofSizeMax = 2 << 20
    /// How many proofs of peers may wait for their verification; `fraud.waitingMax`.
    package static let waitingMax = 8
    /// How many proofs may wait for the headers of their blocks; `fraud.earlyMax`.
    package static let earlyMax = 8
    /// How many suspicions are followed at once; `fraud.searchesAtOnce`.
    package static let searchesAtOnce = 2
    /// How many suspicions may wait; `fraud.suspicionsMax`.
    package static let suspicionsMax = 16
    /// How many shares are asked for at once; `fraud.sharesAtOnce`.
    package static let sharesAtOnce = 32
    /// How long one share may take; `fraud.requestMilliseconds`.
    package static let requestMilliseconds: UInt64 = 2_000
    /// How long a suspect line may take; `fraud.lineMilliseconds`.
    package static let lineMilliseconds: UInt64 = 20_000
    /// How long to rest when everybody was asked; `fraud.roundPauseMilliseconds`.
    package static let roundPauseMilliseconds: UInt64 = 1_000
    /// How many columns a sidecar's alarm looks at; `fraud.alarmColumns`.
    package static let alarmColumns = 8

    private struct Received {
        let proof: BadEncodingProof
        let bytes: [UInt8]
        let sender: Peer
        /// Whether the header was asked for.
        var isSought = false
    }

    private var peers: [Peer] = []
    private var searches: [FraudSearch] = []
    private var suspicions: [(block: BlockRoots, mismatch: SquareMismatch, sender: Peer?)] = []
    private var waiting: [Received] = []
    /// Proofs about blocks that this node does not follow yet: they overtook the headers.
    private var early: [Received] = []
    /// The height up to which headers are followed; 0 before the first.
    private var followed: UInt64 = 0
    private var judging: (proof: Received, block: BlockRoots?)?
    /// The proof of the lowest block that was proven wrong.
    package private(set) var proven: FraudRecord?

    /// Starts with what an earlier run proved.
    package init(proven: FraudRecord? = nil) {
        self.proven = proven
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .suspected(let block, let mismatch, let sender):
            suspect(block, mismatch, from: sender, into: &effects)
        case .sampled(let height, let sample):
            update(height) { $0.sampled(sample) }
        case .refused(let height, let coordinate, let peer):
            update(height) { $0.refused(coordinate, by: peer) }
        case .lied(let height, let coordinate, let peer):
            update(height) { $0.refused(coordinate, by: peer) }
            punish(peer, "sent a share with a false proof", into: &effects)
        case .searched(let height, let proof):
            searched(height, proof, at: now, into: &effects)
        case .received(let bytes, let peer):
            receive(bytes, from: peer, into: &effects)
        case .recalled(let block):
            recalled(block, into: &effects)
        case .verified(let holds):
            verified(holds, into: &effects)
        case .followed(let height):
            takeUp(upTo: height, into: &effects)
        case .peersChanged(let peers):
            self.peers = peers
        case .woke:
            break
        }
        advance(at: now, into: &effects)
        judgeNext(into: &effects)
    }

    // MARK: Suspicions

    private mutating func suspect(
        _ block: BlockRoots, _ mismatch: SquareMismatch, from sender: Peer?,
        into effects: inout [Effect]
    ) {
        if isRefused(block.height) { return }
        let isKnown =
            searches.contains { $0.block.height == block.height }
            || suspicions.contains { $0.block.height == block.height }
        guard !isKnown, suspicions.count < Self.suspicionsMax, !mismatch.lines.isEmpty else {
            effects.append(.leaveOpen(height: block.height, from: sender))
            return
        }
        suspicions.append((block, mismatch, sender))
    }

    private mutating func searched(
        _ height: UInt64, _ proof: BadEncodingProof?, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let index = searches.firstIndex(where: { $0.block.height == height }) else { return }
        guard let proof else {
            searches[index].lineHolds(at: now)
            return
        }
        let block = searches[index].block
        let record = FraudRecord(
            height: height, headerHash: block.hash, proof: proof.protobuf, header: block.header)
        prove(record, into: &effects)
    }

    private mutating func advance(at now: Instant, into effects: inout [Effect]) {
        while searches.count < Self.searchesAtOnce, !suspicions.isEmpty {
            let next = suspicions.removeFirst()
            searches.append(FraudSearch(next.block, next.mismatch, from: next.sender, at: now))
        }
        var ended: [UInt64] = []
        for index in searches.indices {
            let block = searches[index].block
            for step in searches[index].advance(peers: peers, at: now) {
                switch step {
                case .request(let coordinate, let peer):
                    effects.append(.request(block, coordinate, from: peer))
                case .wake(let moment): effects.append(.wake(at: moment))
                case .judge(let line, let samples):
                    effects.append(.search(block, line, samples))
                case .exonerated:
                    conclude(searches[index], into: &effects)
                    ended.append(block.height)
                case .timedOut:
                    effects.append(
                        .leaveOpen(height: block.height, from: searches[index].sender))
                    ended.append(block.height)
                }
            }
        }
        guard !ended.isEmpty else { return }
        searches.removeAll { ended.contains($0.block.height) }
        if !suspicions.isEmpty { advance(at: now, into: &effects) }
    }

    /// All suspect lines are codewords with their roots: the square that came is another one.
    private func conclude(_ search: FraudSearch, into effects: inout [Effect]) {
        if let sender = search.sender, !search.mismatch.isDataRight {
            effects.append(.blame(height: search.block.height, sender))
        } else {
            effects.append(.leaveOpen(height: search.block.height, from: search.sender))
        }
    }

    private mutating func update(_ height: UInt64, _ change: (inout FraudSearch) -> Void) {
        guard let index = searches.firstIndex(where: { $0.block.height == height }) else { return }
        change(&searches[index])
    }

    // MARK: Proofs of others

    private mutating func receive(
        _ bytes: [UInt8], from peer: Peer, into effects: inout [Effect]
    ) {
        guard bytes.count <= Self.proofSizeMax else {
            return refuse(bytes, from: peer, "a proof of \(bytes.count) bytes", into: &effects)
        }
        let proof: BadEncodingProof
        do throws(DecodeFault) {
            proof = try BadEncodingProof(protobuf: bytes)
        } catch {
            return refuse(bytes, from: peer, "an undecodable proof: \(error)", into: &effects)
        }
        let isFirstOfPeer =
            judging?.proof.sender != peer && !waiting.contains { $0.sender == peer }
        guard !isRefused(proof.height), isFirstOfPeer, waiting.count < Self.waitingMax else {
            effects.append(.judge(.ignore, proof: bytes, from: peer))
            return
        }
        waiting.append(Received(proof: proof, bytes: bytes, sender: peer))
    }

    private mutating func judgeNext(into effects: inout [Effect]) {
        while judging == nil, !waiting.isEmpty {
            let next = waiting.removeFirst()
            if isRefused(next.proof.height) {
                effects.append(.judge(.ignore, proof: next.bytes, from: next.sender))
                continue
            }
            judging = (next, nil)
            effects.append(.recall(height: next.proof.height))
        }
    }

    private mutating func recalled(_ block: BlockRoots?, into effects: inout [Effect]) {
        guard let (received, _) = judging else { return }
        guard let block, block.hash.array == received.proof.headerHash else {
            judging = nil
            effects.append(.judge(.ignore, proof: received.bytes, from: received.sender))
            // With another hash it is about a chain that is not followed, else the block may come.
            if block == nil { keepForLater(received, into: &effects) }
            return
        }
        judging = (received, block)
        effects.append(.verify(received.proof, block))
    }

    /// Keeps a proof that overtook its header, one of a peer; when there are too many, that of the
    /// highest block goes, since the lowest is where the chain ends.
    private mutating func keepForLater(_ received: Received, into effects: inout [Effect]) {
        early.removeAll { $0.sender == received.sender }
        early.append(received)
        let highest = early.indices.max { early[$0].proof.height < early[$1].proof.height }
        if early.count > Self.earlyMax, let highest { early.remove(at: highest) }
        seek(into: &effects)
    }

    /// Asks the senders of proofs, once, for the headers that these are about.
    ///
    /// Others may not show them, since they refuse the blocks. Before its first header this node could
    /// judge none.
    private mutating func seek(into effects: inout [Effect]) {
        guard followed > 0 else { return }
        for index in early.indices where !early[index].isSought {
            let proof = early[index].proof
            guard let hash = Bytes32(proof.headerHash) else { continue }
            early[index].isSought = true
            effects.append(.seek(height: proof.height, hash: hash, from: early[index].sender))
        }
    }

    /// Headers came: proofs that waited for them are judged again.
    private mutating func takeUp(upTo height: UInt64, into effects: inout [Effect]) {
        followed = height
        while waiting.count < Self.waitingMax,
            let index = early.firstIndex(where: { $0.proof.height <= height })
        {
            waiting.append(early.remove(at: index))
        }
        seek(into: &effects)
    }

    private mutating func verified(_ holds: Bool, into effects: inout [Effect]) {
        guard let (received, block) = judging, let block else { return }
        judging = nil
        guard holds else {
            refuse(received.bytes, from: received.sender, "a false proof of fraud", into: &effects)
            return
        }
        effects.append(.judge(.accept, proof: received.bytes, from: received.sender))
        prove(
            FraudRecord(
                height: block.height, headerHash: block.hash, proof: received.bytes,
                header: block.header),
            into: &effects)
    }

    private mutating func refuse(
        _ bytes: [UInt8], from peer: Peer, _ reason: String, into effects: inout [Effect]
    ) {
        effects.append(.judge(.reject, proof: bytes, from: peer))
        punish(peer, "sent \(reason)", into: &effects)
    }

    // MARK: Consequences

    private mutating func prove(_ record: FraudRecord, into effects: inout [Effect]) {
        if isRefused(record.height) { return }
        proven = record
        searches.removeAll { $0.block.height >= record.height }
        suspicions.removeAll { $0.block.height >= record.height }
        early.removeAll { $0.proof.height >= record.height }
        effects.append(.prove(record))
    }

    private func isRefused(_ height: UInt64) -> Bool {
        proven.map { $0.height <= height } ?? false
    }

    private mutating func punish(
        _ peer: Peer, _ reason: String, into effects: inout [Effect]
    ) {
        peers.removeAll { $0 == peer }
        effects.append(.penalize(peer, reason))
    }
}
