// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering

/// Rows of one block that this node drew, to hold them to the block's encoding sidecar.
struct RowDraw {
    let height: UInt64
    var roots: DataAvailabilityHeader?
    /// Rows that have not come, and who was asked for each.
    var missing: [(row: Int, tried: [PeerIdentifier])] = []
    var rounds = 1
    var restsUntil: Instant?
}

/// The conversation about rows that this node gets: each is held to the sidecar that the header binds,
/// and one that disagrees raises an alarm, which starts the search for a proof.
///
/// Rows come where a square is repaired from pieces and where a user asks for one; a node that is told
/// to also draws some of each new block. Specified in Protocol/14-encoding-fraud.md#row-checks.
extension Node {
    mutating func tellRows(
        _ event: RowAlarmMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        var asked: [RowAlarmMachine.Effect] = []
        rowAlarm.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .fetchSidecar(let height):
                sidecars.want(height)
                fetchSidecar(height, at: now, into: &effects)
            case .check(let height, let roots, let sidecar, let rows):
                let ticket = ticket()
                jobs[ticket] = .rows(height)
                effects.append(.compute(ticket, .checkRows(rows, sidecar, roots)))
            case .alarm(let height, let roots, let row):
                effects.append(.report(.alarm(height: height, row: row)))
                suspect(
                    height, SquareMismatch(alarmedRow: row, width: roots.width), from: nil, at: now,
                    into: &effects)
            case .agreed(_, let rows):
                effects.append(.report(.counted("rows.agreed", UInt64(rows))))
            case .giveUp(let height):
                effects.append(.report(.counted("rows.unchecked", 1)))
                effects.append(.report(.note("rows of square \(height) stay unchecked")))
            case .wake(let moment): effects.append(.wake(at: moment))
            }
        }
    }

    /// This node has a row that is what its root commits to.
    mutating func rowCame(
        _ row: Row, of height: UInt64, _ roots: DataAvailabilityHeader, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if isRefused(height) { return }
        tellRows(.held(height: height, roots, row), now, &effects)
    }

    /// Half a row came that does not extend to the committed root: its sender lied, or the proposer.
    mutating func rowIsTorn(
        _ index: Int, of height: UInt64, from peer: Peer, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        suspect(
            height, SquareMismatch(lines: [SuspectLine(.row, index)]), from: peer, at: now,
            into: &effects)
    }

    mutating func rowsChecked(
        _ height: UInt64, _ result: JobResult, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .rowsChecked(let disagreeing) = result else {
            preconditionFailure("a job about rows says which disagrees")
        }
        tellRows(.checked(height: height, disagreeing: disagreeing), now, &effects)
    }

    // MARK: Drawing rows

    /// New headers are followed: rows of the newest blocks are drawn, if this node is told to.
    mutating func drawRows(
        of accepted: [ChainHeader], at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard configuration.rowsChecked > 0 else { return }
        for header in accepted.suffix(NodeLimits.rowDrawsMax) {
            let height = header.height.value
            guard height + UInt64(NodeLimits.rowDrawsMax) > chain.height,
                !rowDraws.contains(where: { $0.height == height })
            else { continue }
            guard rowDraws.count < NodeLimits.rowDrawsMax else {
                effects.append(.report(.counted("rows.unchecked", 1)))
                continue
            }
            rowDraws.append(RowDraw(height: height))
            fetchRoots(of: [header], for: .rows(height), at: now, into: &effects)
        }
    }

    /// The roots of a block whose rows are drawn, or nobody gave them.
    mutating func rowRootsFound(
        _ height: UInt64, _ roots: DataAvailabilityHeader?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let index = rowDraws.firstIndex(where: { $0.height == height }) else { return }
        guard let roots else {
            rowDraws.remove(at: index)
            effects.append(.report(.counted("rows.unchecked", 1)))
            return
        }
        var rows: [Int] = []
        let count = min(configuration.rowsChecked, roots.width)
        while rows.count < count {
            let row = entropy.next(below: roots.width)
            if !rows.contains(row) { rows.append(row) }
        }
        rowDraws[index].roots = roots
        rowDraws[index].missing = rows.map { ($0, []) }
        for row in rows { requestDrawnRow(row, of: height, at: now, into: &effects) }
    }

    /// Asks the next peer for a row; when all were asked, all rest.
    private mutating func requestDrawnRow(
        _ row: Int, of height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = rowDraws.firstIndex(where: { $0.height == height }),
            let roots = rowDraws[index].roots,
            let place = rowDraws[index].missing.firstIndex(where: { $0.row == row })
        else { return }
        let name = ShareExchange.protocolID(.row, network: configuration.network)
        let tried = rowDraws[index].missing[place].tried
        let candidates = peers.serving(name).map(\.identifier).filter { !tried.contains($0) }
        guard tried.count < NodeLimits.retrievalPeersMax,
            let peer = entropy.shuffled(candidates).first
        else {
            guard rowDraws[index].restsUntil == nil else { return }
            let until = now.advanced(byMilliseconds: NodeLimits.rowPauseMilliseconds)
            rowDraws[index].restsUntil = until
            effects.append(.wake(at: until))
            return
        }
        rowDraws[index].missing[place].tried.append(peer)
        request(
            .row(RowID(height: height, row: UInt16(row))), of: peer, width: roots.width,
            purpose: .drawnRow(height: height, row, peer),
            deadlineMilliseconds: NodeLimits.pieceMilliseconds, at: now)
    }

    mutating func drawnRowAnswered(
        _ row: Int, of height: UInt64, by peer: PeerIdentifier,
        _ answer: Result<[UInt8], RequestFault>, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let index = rowDraws.firstIndex(where: { $0.height == height }),
            let roots = rowDraws[index].roots
        else { return }
        let id = RowID(height: height, row: UInt16(row))
        switch shareAnswer(answer, of: .row(id), roots: KnownRoots(roots)) {
        case .row(let found):
            rowDraws[index].missing.removeAll { $0.row == row }
            if rowDraws[index].missing.isEmpty { rowDraws.remove(at: index) }
            rowCame(found, of: height, roots, at: now, into: &effects)
        case .malformed:
            rowIsTorn(row, of: height, from: Peer(peer.text), at: now, into: &effects)
            requestDrawnRow(row, of: height, at: now, into: &effects)
        default:
            requestDrawnRow(row, of: height, at: now, into: &effects)
        }
    }

    mutating func wakeRows(at now: Instant, into effects: inout [RoleEffect]) {
        tellRows(.woke, now, &effects)
        for draw in rowDraws {
            guard let until = draw.restsUntil, until <= now,
                let index = rowDraws.firstIndex(where: { $0.height == draw.height })
            else { continue }
            guard draw.rounds < NodeLimits.rowRoundsMax else {
                rowDraws.remove(at: index)
                effects.append(.report(.counted("rows.unchecked", 1)))
                continue
            }
            rowDraws[index].restsUntil = nil
            rowDraws[index].rounds += 1
            for place in rowDraws[index].missing.indices {
                rowDraws[index].missing[place].tried = []
            }
            for (row, _) in draw.missing {
                requestDrawnRow(row, of: draw.height, at: now, into: &effects)
            }
        }
    }

    /// Nothing is drawn of refused blocks.
    mutating func forgetRows(
        from height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        rowDraws.removeAll { $0.height >= height }
        tellRows(.refused(from: height), now, &effects)
    }
}
