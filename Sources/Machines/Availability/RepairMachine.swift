// SPDX-License-Identifier: Apache-2.0

package import DataSquare
package import Machinery

/// Collects the pieces of one square that nobody has as a whole, until it can be repaired.
///
/// Any k rows give all columns, so rows are asked for first, of each peer in turn, and in an order
/// that soon meets whatever stretch of rows a peer has. What rows do not give, single shares may: k
/// shares of a row give the row. Each piece is verified under the
/// header's roots before this machine hears of it; a peer that sent another is penalised and not
/// asked again. Everything is bounded: what is under way, what is asked of one peer in vain, and the
/// number of requests. Specified in Protocol/16-retention.md#repair-from-pieces.
package struct RepairMachine: Machine {
    /// What can happen while a square is collected.
    package enum Event: Sendable {
        /// These peers may be asked from now on.
        case peersChanged([Peer])
        /// The peer's answer, verified: the row.
        case rowCame(Int, by: Peer)
        /// The peer does not have the row, or failed to answer.
        case rowRefused(Int, by: Peer)
        /// The peer's answer, verified: the share.
        case shareCame(Coordinate, by: Peer)
        /// The peer does not have the share, or failed to answer.
        case shareRefused(Coordinate, by: Peer)
        /// The peer sent something false.
        case lied(by: Peer, Piece)
    }

    /// What can be asked for.
    package enum Piece: Hashable, Sendable {
        /// A row by its index.
        case row(Int)
        /// A share by its place.
        case share(Coordinate)

        /// The row that it is, or is of.
        var row: Int {
            switch self {
            case .row(let row): row
            case .share(let place): place.row
            }
        }
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Ask `peer` for a piece.
        case request(Piece, from: Peer)
        /// Never ask `peer` again.
        case penalize(Peer)
        /// Enough is there, or all that can be had: repair. This machine is done.
        case repair
        /// Too little can be had to try. This machine is done.
        case giveUp
    }

    /// How many rows are under way at once; `repair.rowsAtOnce`.
    package static let rowsAtOnce = 8
    /// How many shares are under way at once; `repair.sharesAtOnce`.
    package static let sharesAtOnce = 32
    /// How many rows a peer refuses in a row before it is asked for no more; `repair.refusedRows`.
    package static let refusedRows = 32
    /// How many shares of one row, likewise; `repair.refusedShares`.
    package static let refusedShares = 4
    /// How many requests one repair makes; `repair.requestsMax`.
    package static let requestsMax = 65_536

    private struct Asked {
        let piece: Piece
        let peer: Peer
    }

    /// Rows of the extended square.
    package let width: Int
    private var peers: [Peer] = []
    /// Which rows some peers have, as they said; they are asked for no others.
    package var slices: [Peer: RowSlice] = [:]
    private var liars: [Peer] = []
    private var running: [Asked] = []
    /// Who refused what, of the pieces that are wanted yet.
    private var refusals: [Piece: [Peer]] = [:]
    /// Rows refused by a peer since it last gave one.
    private var rowsRefused: [Peer: Int] = [:]
    /// Shares of the row at hand refused by a peer since it last gave one.
    private var sharesRefused: [Peer: Int] = [:]
    private var hasRow: [Bool]
    private var shares: [Bool]
    /// The rows by the bits of their indexes reversed: the first, the middle one, the quarters.
    private let order: [Int]
    private var nextRow = 0
    private var openRows: [Int] = []
    /// The row whose shares are asked for, when rows are through, and the next place in it.
    private var shareRow = 0
    private var nextColumn = 0
    private var openShares: [Coordinate] = []
    private var turn = 0
    /// How many requests were made.
    package private(set) var requestCount = 0
    private var isDone = false

    /// Collects a square of `width` extended rows.
    package init(width: Int) {
        precondition(width > 1 && width.nonzeroBitCount == 1, "the width of an extended square")
        self.width = width
        let bits = width.trailingZeroBitCount
        order = (0..<width).map { row in
            (0..<bits).reduce(0) { $0 | (row >> $1 & 1) << (bits - 1 - $1) }
        }
        hasRow = [Bool](repeating: false, count: width)
        shares = [Bool](repeating: false, count: width)
    }

    /// How many rows are there.
    package var rowCount: Int { hasRow.count { $0 } }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        guard !isDone else { return }
        switch event {
        case .peersChanged(let list):
            peers = list.filter { !liars.contains($0) }
        case .rowCame(let row, let peer):
            ended(.row(row), peer)
            hasRow[row] = true
            rowsRefused[peer] = 0
            openRows.removeAll { $0 == row }
        case .rowRefused(let row, let peer):
            refused(.row(row), peer)
            rowsRefused[peer, default: 0] += 1
        case .shareCame(let place, let peer):
            ended(.share(place), peer)
            openShares.removeAll { $0 == place }
            sharesRefused[peer] = 0
            if place.row == shareRow { shares[place.column] = true }
        case .shareRefused(let place, let peer):
            refused(.share(place), peer)
            if place.row == shareRow { sharesRefused[peer, default: 0] += 1 }
        case .lied(let peer, let piece):
            refused(piece, peer)
            if !liars.contains(peer) {
                liars.append(peer)
                effects.append(.penalize(peer))
            }
            peers.removeAll { $0 == peer }
        }
        goOn(into: &effects)
    }

    private mutating func ended(_ piece: Piece, _ peer: Peer) {
        running.removeAll { $0.piece == piece && $0.peer == peer }
        refusals[piece] = nil
    }

    private mutating func refused(_ piece: Piece, _ peer: Peer) {
        running.removeAll { $0.piece == piece && $0.peer == peer }
        refusals[piece, default: []].append(peer)
    }

    private mutating func goOn(into effects: inout [Effect]) {
        if rowCount >= width / 2 { return finish(.repair, into: &effects) }
        guard !peers.isEmpty || !running.isEmpty else { return finish(.giveUp, into: &effects) }
        guard requestCount < Self.requestsMax else {
            if running.isEmpty { finish(.repair, into: &effects) }
            return
        }
        askRows(into: &effects)
        guard running.isEmpty, openRows.isEmpty else { return }
        askShares(into: &effects)
    }

    private mutating func finish(_ end: Effect, into effects: inout [Effect]) {
        isDone = true
        effects.append(end)
    }

    // MARK: Rows

    /// Opens rows from the top, and asks for each of one peer after another.
    private mutating func askRows(into effects: inout [Effect]) {
        var index = 0
        while running.count < Self.rowsAtOnce, requestCount < Self.requestsMax {
            if index == openRows.count {
                guard nextRow < width else { return }
                openRows.append(order[nextRow])
                nextRow += 1
            }
            let piece = Piece.row(openRows[index])
            if running.contains(where: { $0.piece == piece }) {
                index += 1
            } else if let peer = nextPeer(for: piece, rowsRefused, Self.refusedRows) {
                ask(piece, peer, into: &effects)
                index += 1
            } else {
                openRows.remove(at: index)
                refusals[piece] = nil
            }
        }
    }

    // MARK: Shares

    /// Takes the missing rows from the top, and asks for shares until half of the row is there.
    private mutating func askShares(into effects: inout [Effect]) {
        while running.isEmpty {
            while shareRow < width, hasRow[shareRow] || isThroughWithRow { leaveRow() }
            if rowCount >= width / 2 { return finish(.repair, into: &effects) }
            guard shareRow < width else {
                return finish(rowCount > 0 ? .repair : .giveUp, into: &effects)
            }
            askSharesOfRow(into: &effects)
            if requestCount >= Self.requestsMax { return }
        }
    }

    private var isThroughWithRow: Bool {
        shares.count { $0 } >= width / 2 || (nextColumn >= width && openShares.isEmpty)
    }

    private mutating func leaveRow() {
        if shares.count(where: { $0 }) >= width / 2 { hasRow[shareRow] = true }
        shareRow += 1
        nextColumn = 0
        shares = [Bool](repeating: false, count: width)
        sharesRefused = [:]
        openShares = []
    }

    private mutating func askSharesOfRow(into effects: inout [Effect]) {
        var index = 0
        let wanted = min(Self.sharesAtOnce, width / 2 - shares.count { $0 })
        while running.count < wanted, requestCount < Self.requestsMax {
            if index == openShares.count {
                guard nextColumn < width else { return }
                openShares.append(Coordinate(row: shareRow, column: nextColumn))
                nextColumn += 1
            }
            let piece = Piece.share(openShares[index])
            if let peer = nextPeer(for: piece, sharesRefused, Self.refusedShares) {
                ask(piece, peer, into: &effects)
                index += 1
            } else {
                openShares.remove(at: index)
                refusals[piece] = nil
            }
        }
    }

    // MARK: Peers

    private mutating func ask(_ piece: Piece, _ peer: Peer, into effects: inout [Effect]) {
        requestCount += 1
        running.append(Asked(piece: piece, peer: peer))
        effects.append(.request(piece, from: peer))
    }

    private mutating func nextPeer(
        for piece: Piece, _ vain: [Peer: Int], _ vainMax: Int
    ) -> Peer? {
        for step in peers.indices {
            let peer = peers[(turn + step) % peers.count]
            if vain[peer] ?? 0 < vainMax, !(refusals[piece]?.contains(peer) ?? false),
                slices[peer]?.contains(piece.row, width: width) ?? true
            {
                turn = (turn + step + 1) % peers.count
                return peer
            }
        }
        return nil
    }
}

extension RepairMachine.Piece: CustomStringConvertible {
    package var description: String {
        switch self {
        case .row(let row): "row \(row)"
        case .share(let place): "share \(place)"
        }
    }
}

extension RepairMachine.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .request(let piece, let peer): "request \(piece) from \(peer)"
        case .penalize(let peer): "penalize \(peer)"
        case .repair: "repair"
        case .giveUp: "give up"
        }
    }
}
