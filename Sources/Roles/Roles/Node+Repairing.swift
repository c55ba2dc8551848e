// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering
internal import Syncing

/// One square that nobody has as a whole, while its pieces are collected.
struct SquareRepair {
    let height: UInt64
    var roots: DataAvailabilityHeader?
    var machine: RepairMachine?
    var pieces = SquarePieces()
}

/// The conversation that gets a square in pieces, from whoever has some.
extension Node {
    /// No peer has the square as a whole; one is repaired at a time, others wait their turn.
    mutating func beginRepair(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard repair == nil else {
            if repairsWaiting.count < NodeLimits.repairsWaitingMax {
                repairsWaiting.append(height)
            } else {
                tellSquares(.notRepaired(height), now, &effects)
            }
            return
        }
        repair = SquareRepair(height: height)
        effects.append(.report(.note("square \(height): nobody has it whole; asking for rows")))
        if let header = chain.recentHeader(height) {
            repairBegins(header, at: now, into: &effects)
        } else {
            let ticket = ticket()
            loads[ticket] = .repairHeader(height)
            effects.append(.load(ticket, .header(height)))
        }
    }

    mutating func repairHeaderLoaded(
        _ height: UInt64, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard repair?.height == height else { return }
        guard case .header(let header) = value else {
            endRepair(at: now, into: &effects)
            return
        }
        repairBegins(header, at: now, into: &effects)
    }

    private mutating func repairBegins(
        _ header: ChainHeader, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let roots = header.roots else { return endRepair(at: now, into: &effects) }
        repair?.roots = roots
        repair?.machine = RepairMachine(width: roots.width)
        repair?.machine?.slices = peers.slices
        repairPeersChanged(at: now, into: &effects)
    }

    /// The next in line, if it has not come whole meanwhile.
    mutating func repairNext(at now: Instant, into effects: inout [RoleEffect]) {
        while repair == nil, !repairsWaiting.isEmpty {
            let height = repairsWaiting.removeFirst()
            if chain.squares.contains(height) { continue }
            beginRepair(height, at: now, into: &effects)
        }
    }

    /// Others can be asked from now on.
    mutating func repairPeersChanged(at now: Instant, into effects: inout [RoleEffect]) {
        let name = ShareExchange.protocolID(.row, network: configuration.network)
        repair?.machine?.slices = peers.slices
        tellRepair(.peersChanged(peers.serving(name).map(\.handle)), now, &effects)
    }

    private mutating func tellRepair(
        _ event: RepairMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard let height = repair?.height, let roots = repair?.roots else { return }
        var asked: [RepairMachine.Effect] = []
        repair?.machine?.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .request(let piece, let peer):
                requestPiece(height, piece, roots, from: peer, at: now, into: &effects)
            case .penalize(let peer):
                penalize(peer, "sent a piece with a false proof", at: now, into: &effects)
            case .repair:
                let ticket = ticket()
                jobs[ticket] = .repair(height)
                effects.append(.compute(ticket, .repair(repair?.pieces ?? SquarePieces(), roots)))
            case .giveUp:
                endRepair(at: now, into: &effects)
            }
        }
    }

    private mutating func requestPiece(
        _ height: UInt64, _ piece: RepairMachine.Piece, _ roots: DataAvailabilityHeader,
        from peer: Peer, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let identifier = peers.identifier(of: peer) else {
            pieceRefused(piece, by: peer, at: now, into: &effects)
            return
        }
        request(
            piece.request(at: height), of: identifier, width: roots.width,
            purpose: .piece(height: height, piece, identifier, roots),
            deadlineMilliseconds: NodeLimits.repairPieceMilliseconds, at: now)
    }

    mutating func pieceAnswered(
        _ height: UInt64, _ piece: RepairMachine.Piece, by identifier: PeerIdentifier,
        _ roots: DataAvailabilityHeader, _ answer: Result<[UInt8], RequestFault>,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard repair?.height == height else { return }
        let peer = Peer(identifier.text)
        switch (shareAnswer(answer, of: piece.request(at: height), roots: KnownRoots(roots)), piece)
        {
        case (.row(let row), .row(let index)):
            repair?.pieces.add(row)
            rowCame(row, of: height, roots, at: now, into: &effects)
            tellRepair(.rowCame(index, by: peer), now, &effects)
        case (.sample(let sample), .share(let place)):
            repair?.pieces.add(sample)
            tellRepair(.shareCame(place, by: peer), now, &effects)
        case (.malformed, .row(let index)):
            rowIsTorn(index, of: height, from: peer, at: now, into: &effects)
            pieceRefused(piece, by: peer, at: now, into: &effects)
        case (.malformed, .share):
            tellRepair(.lied(by: peer, piece), now, &effects)
        default:
            pieceRefused(piece, by: peer, at: now, into: &effects)
        }
    }

    private mutating func pieceRefused(
        _ piece: RepairMachine.Piece, by peer: Peer, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        switch piece {
        case .row(let index): tellRepair(.rowRefused(index, by: peer), now, &effects)
        case .share(let place): tellRepair(.shareRefused(place, by: peer), now, &effects)
        }
    }

    /// The job made a square of the pieces, or could not.
    mutating func squareRepaired(
        _ height: UInt64, _ result: JobResult, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard repair?.height == height else { return }
        switch result {
        case .committed(let square, let sidecar):
            repair = nil
            sidecars.keepOwn(sidecar, height: height)
            effects.append(.report(.note("square \(height) was repaired from pieces")))
            keep(square, at: height, now: now, into: &effects)
            repairNext(at: now, into: &effects)
        case .wrongEncoding(let axis, let index):
            repair = nil
            tellSquares(.stored(height), now, &effects)
            wrongEncodingFound(height, axis, index: index, at: now, into: &effects)
            repairNext(at: now, into: &effects)
        default:
            endRepair(at: now, into: &effects)
        }
    }

    private mutating func endRepair(at now: Instant, into effects: inout [RoleEffect]) {
        guard let height = repair?.height else { return }
        repair = nil
        effects.append(.report(.note("square \(height) cannot be repaired from what peers have")))
        tellSquares(.notRepaired(height), now, &effects)
        repairNext(at: now, into: &effects)
    }

    /// A square's maker committed to a row or column that is no codeword, as its pieces show: the
    /// height is not asked for again, and the fraud machine looks for the proof.
    private mutating func wrongEncodingFound(
        _ height: UInt64, _ axis: Axis, index: Int, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        effects.append(
            .report(
                .incident("height \(height): \(axis) \(index) of the square is encoded wrongly")))
        suspect(
            height, SquareMismatch(lines: [SuspectLine(axis, index)]), from: nil, at: now,
            into: &effects)
    }
}

extension RepairMachine.Piece {
    fileprivate func request(at height: UInt64) -> ShareRequest {
        switch self {
        case .row(let index): .row(RowID(height: height, row: UInt16(index)))
        case .share(let place): .sample(SampleID(height: height, place))
        }
    }
}
