// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Machinery
internal import Peering
internal import Syncing

/// The rows of one square on their way to a node that keeps a slice of each.
struct RowsFetch {
    let number: UInt64
    let height: UInt64
    let roots: DataAvailabilityHeader
    let peer: PeerIdentifier
    /// Rows that were not asked for yet, the next one last.
    var left: [Int]
    /// How many are under way.
    var running = 0
    var rows: [Row] = []
}

/// The conversation by which a node that keeps a slice of each square gets its rows, and what others
/// keep is known.
///
/// Where nobody gives them, half of all rows are fetched and the square is repaired, as a node does
/// that keeps whole ones. Specified in Protocol/16-retention.md#slices.
extension Node {
    /// Others can be asked for squares, or this node's rows of them, from now on.
    mutating func squarePeersChanged(at now: Instant, into effects: inout [RoleEffect]) {
        let network = configuration.network
        let whole = ShareExchange.protocolID(.square, network: network)
        let row = ShareExchange.protocolID(.row, network: network)
        let givers = peers.entries.filter { entry in
            guard let own = configuration.slice else { return entry.protocols.contains(whole) }
            guard entry.protocols.contains(row) else { return false }
            return entry.slice.map { $0.covers(own) } ?? entry.protocols.contains(whole)
        }
        let slices = peers.entries.compactMap(\.slice)
        tellSquares(.piecesHeld(RowSlice.areEnough(slices)), now, &effects)
        tellSquares(.peersChanged(givers.map(\.handle)), now, &effects)
    }

    /// Asks a peer for all rows of a square that this node keeps.
    mutating func requestRows(
        _ slice: RowSlice, _ height: UInt64, _ roots: DataAvailabilityHeader,
        of identifier: PeerIdentifier, at now: Instant
    ) {
        rowsFetchCount += 1
        rowsFetches.append(
            RowsFetch(
                number: rowsFetchCount, height: height, roots: roots, peer: identifier,
                left: slice.rows(width: roots.width).reversed()))
        requestMoreRows(rowsFetches.count - 1, at: now)
    }

    private mutating func requestMoreRows(_ index: Int, at now: Instant) {
        while rowsFetches[index].running < NodeLimits.rowsAtOnce,
            let row = rowsFetches[index].left.popLast()
        {
            let fetch = rowsFetches[index]
            rowsFetches[index].running += 1
            request(
                .row(RowID(height: fetch.height, row: UInt16(row))), of: fetch.peer,
                width: fetch.roots.width, purpose: .row(fetch: fetch.number, row),
                deadlineMilliseconds: NodeLimits.repairPieceMilliseconds, at: now)
        }
    }

    /// A row came, or did not; with the first that did not, the peer has refused the square.
    mutating func rowAnswered(
        _ number: UInt64, _ row: Int, _ answer: Result<[UInt8], RequestFault>, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let index = rowsFetches.firstIndex(where: { $0.number == number }) else { return }
        let fetch = rowsFetches[index]
        let peer = Peer(fetch.peer.text)
        let question = ShareRequest.row(RowID(height: fetch.height, row: UInt16(row)))
        switch shareAnswer(answer, of: question, roots: KnownRoots(fetch.roots)) {
        case .row(let row):
            rowsFetches[index].rows.append(row)
            rowsFetches[index].running -= 1
            requestMoreRows(index, at: now)
            guard rowsFetches[index].running == 0 else { return }
            let rows = KeptRows(rowsFetches[index].rows, of: fetch.roots)
            rowsFetches.remove(at: index)
            keep(rows, at: fetch.height, now: now, into: &effects)
        case .malformed:
            rowsFetches.remove(at: index)
            tellSquares(.lied(fetch.height, by: peer), now, &effects)
        default:
            rowsFetches.remove(at: index)
            tellSquares(.refused(fetch.height, by: peer), now, &effects)
        }
    }

    /// Stores the rows of this node's slice, if there is room.
    mutating func keep(
        _ rows: KeptRows, at height: UInt64, now: Instant, into effects: inout [RoleEffect]
    ) {
        let width = rows.header.originalWidth
        guard hasRoom(rows: rows.indexes.count, width: width, at: now, into: &effects) else {
            tellSquares(.notStored(height), now, &effects)
            return
        }
        let ticket = ticket()
        stores[ticket] = .square(height: height, dataRoot: rows.header.dataRoot)
        effects.append(.store(ticket, .rows(height: height, rows)))
    }

    // MARK: For users

    /// Reads what a user wants from this node's own rows, before anybody else is asked; whether it
    /// does.
    mutating func readOwnRows(
        for asker: Ticket, _ wanted: ShareRequest, tried: [PeerIdentifier],
        into effects: inout [RoleEffect]
    ) -> Bool {
        guard configuration.slice != nil, chain.squares.contains(wanted.height),
            wanted.kind != .square, !tried.contains(peerHost.localPeer),
            let index = retrievals.firstIndex(where: { $0.asker == asker })
        else { return false }
        retrievals[index].tried.append((peerHost.localPeer, nil))
        let ticket = ticket()
        loads[ticket] = .ownPiece(asker)
        effects.append(.load(ticket, .piece(wanted)))
        return true
    }

    mutating func ownPieceLoaded(
        _ asker: Ticket, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        var answer = ShareExchange.notFound
        if case .piece(let bytes) = value { answer = bytes }
        if case .damaged(let reason) = value,
            let height = retrievals.first(where: { $0.asker == asker })?.height
        {
            lostSquare(height, reason, at: now, into: &effects)
        }
        retrievalAnswered(
            asker, by: peerHost.localPeer, .success(answer), at: now, into: &effects)
    }
}

extension PeerBook.Server {
    /// Whether a peer may have what is asked for, by what it said that it keeps.
    func mayHave(_ request: ShareRequest, width: Int) -> Bool {
        guard let slice else { return true }
        return switch request {
        case .row(let id): slice.contains(Int(id.row), width: width)
        case .sample(let id): slice.contains(Int(id.row), width: width)
        case .namespaceData, .range, .square: true
        }
    }
}
