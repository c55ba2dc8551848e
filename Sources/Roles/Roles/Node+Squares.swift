// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering
internal import Syncing

/// The conversation between square sync, its peers, the job that checks, and the store.
extension Node {
    /// Whether this node keeps squares.
    var isKeepingSquares: Bool { configuration.kind != .light }

    mutating func tellSquares(
        _ event: SquareSyncMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard isKeepingSquares else { return }
        var asked: [SquareSyncMachine.Effect] = []
        squares.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .request(let height, let peer):
                requestSquare(height, from: peer, at: now, into: &effects)
            case .penalize(let peer):
                penalize(peer, "sent a square that is not its header's", at: now, into: &effects)
            case .unavailable(let height):
                beginRepair(height, at: now, into: &effects)
            case .wake(let moment):
                effects.append(.wake(at: moment))
            }
        }
    }

    /// Wants, newest first, what is within the window and has a header and no square, as many as are
    /// remembered.
    mutating func wantMissingSquares(at now: Instant, into effects: inout [RoleEffect]) {
        guard isKeepingSquares, let lowest = squareHorizon else { return }
        for range in chain.headers.ranges.reversed() {
            for height in range.reversed() where !chain.squares.contains(height) {
                guard height >= lowest else { return }
                guard squares.backlog < SquareSyncMachine.wantedMax else { return }
                tellSquares(.wanted(height), now, &effects)
            }
        }
    }

    private mutating func requestSquare(
        _ height: UInt64, from peer: Peer, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let identifier = peers.identifier(of: peer) else {
            tellSquares(.refused(height, by: peer), now, &effects)
            return
        }
        guard let roots = chain.recentHeader(height)?.roots else {
            let ticket = ticket()
            loads[ticket] = .squareHeader(height: height, identifier)
            effects.append(.load(ticket, .header(height)))
            return
        }
        requestSquare(height, roots, of: identifier, at: now)
    }

    mutating func requestSquare(
        _ height: UInt64, _ roots: DataAvailabilityHeader, of identifier: PeerIdentifier,
        at now: Instant
    ) {
        if let slice = configuration.slice {
            return requestRows(slice, height, roots, of: identifier, at: now)
        }
        request(
            .square(SquareID(height: height)), of: identifier, width: roots.width,
            purpose: .square(height: height, identifier, roots), at: now)
    }

    /// A square came, or did not.
    mutating func squareAnswered(
        _ height: UInt64, by identifier: PeerIdentifier, _ roots: DataAvailabilityHeader,
        _ answer: Result<[UInt8], RequestFault>, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let peer = Peer(identifier.text)
        switch shareAnswer(answer, of: .square(SquareID(height: height)), roots: KnownRoots(roots))
        {
        case .square(let bytes):
            let ticket = ticket()
            jobs[ticket] = .square(height: height, from: peer)
            effects.append(.compute(ticket, .checkSquare(bytes, roots)))
        case .malformed:
            tellSquares(.lied(height, by: peer), now, &effects)
        default:
            tellSquares(.refused(height, by: peer), now, &effects)
        }
    }

    /// The job compared the square that came with its header.
    mutating func squareChecked(
        _ height: UInt64, from peer: Peer, _ result: JobResult, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if case .mismatch(let mismatch) = result {
            suspect(height, mismatch, from: peer, at: now, into: &effects)
            return
        }
        guard case .committed(let square, let sidecar) = result else {
            tellSquares(.lied(height, by: peer), now, &effects)
            return
        }
        sidecars.keepOwn(sidecar, height: height)
        keep(square, at: height, now: now, into: &effects)
    }

    /// Stores a square that is its header's, if there is room.
    mutating func keep(
        _ square: CommittedSquare, at height: UInt64, now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if isRefused(height) { return }
        if let slice = configuration.slice {
            return keep(KeptRows(slice, of: square), at: height, now: now, into: &effects)
        }
        guard hasRoom(for: square, at: now, into: &effects) else {
            tellSquares(.notStored(height), now, &effects)
            return
        }
        let ticket = ticket()
        stores[ticket] = .square(height: height, dataRoot: square.header.dataRoot)
        effects.append(.store(ticket, .square(height: height, square)))
    }

    /// The store kept a square, or could not.
    mutating func squareStored(
        _ height: UInt64, dataRoot: Bytes32, failure: String?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if let failure {
            effects.append(.report(.incident("square \(height) was not stored: \(failure)")))
            tellSquares(.notStored(height), now, &effects)
            return
        }
        if isRefused(height) { return }
        chain.storedSquare(height)
        if repair?.height == height {
            repair = nil
            repairNext(at: now, into: &effects)
        }
        effects.append(.report(.squareStored(height: height, dataRoot: dataRoot)))
        answerInclusions(at: now, into: &effects)
        tellSquares(.stored(height), now, &effects)
        announce(height, at: now, into: &effects)
        keptSquare(height, at: now, into: &effects)
        fetchSidecar(height, at: now, into: &effects)
        advanceLedger(at: now, into: &effects)
        if squares.backlog == 0 { wantMissingSquares(at: now, into: &effects) }
    }

    /// A square is on disk: it counts for what is kept, for the room there is, and for progress.
    mutating func keptSquare(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        tellPruning(.stored(height), now, &effects)
        tellDuties(.kept(height), now, &effects)
        tellSpace(.stored, now, &effects)
        tellScrub(.woke(held: chain.squares), now, &effects)
        guard configuration.kind == .storage, let lowest = squareHorizon else { return }
        let progress = retention.backfill.update(
            held: chain.squares.count(from: lowest), total: chain.headers.count(from: lowest),
            at: now)
        guard let progress else { return }
        retention.progress = progress
        effects.append(.report(.backfill(progress)))
    }
}
