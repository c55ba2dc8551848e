// SPDX-License-Identifier: Apache-2.0

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
            case .wake(let moment):
                effects.append(.wake(at: moment))
            }
        }
    }

    /// Wants, newest first, what has a header and no square, as many as are remembered.
    mutating func wantMissingSquares(at now: Instant, into effects: inout [RoleEffect]) {
        guard isKeepingSquares else { return }
        for range in chain.headers.ranges.reversed() {
            for height in range.reversed() where !chain.squares.contains(height) {
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
        guard case .committed(let square) = result else {
            tellSquares(.lied(height, by: peer), now, &effects)
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
        chain.storedSquare(height)
        effects.append(.report(.squareStored(height: height, dataRoot: dataRoot)))
        answerInclusions(at: now, into: &effects)
        tellSquares(.stored(height), now, &effects)
        announce(height, at: now, into: &effects)
        if squares.backlog == 0 { wantMissingSquares(at: now, into: &effects) }
    }
}
