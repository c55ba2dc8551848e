// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import DataSquare
internal import Machinery

/// One block under suspicion: fetches shares of its suspect lines until one shows the fraud, or
/// until all of them turn out to be as they should.
struct FraudSearch {
    /// What is to be done about it next.
    enum Step {
        case request(Coordinate, from: Peer)
        case wake(at: Instant)
        case judge(SuspectLine, [VerifiedSample])
        /// All lines are what they should be.
        case exonerated
        /// Too few shares came in time.
        case timedOut
    }

    private struct Cell {
        let coordinate: Coordinate
        var asked: [Peer] = []
        var waiting: (peer: Peer, until: Instant)?
        var sample: VerifiedSample?
    }

    let block: BlockRoots
    let sender: Peer?
    let mismatch: SquareMismatch
    private var lines: [SuspectLine]
    private var cells: [Cell] = []
    private var deadline: Instant
    private var nextRound: Instant?
    private var turn = 0
    private var isJudging = false

    init(_ block: BlockRoots, _ mismatch: SquareMismatch, from sender: Peer?, at now: Instant) {
        self.block = block
        self.sender = sender
        self.mismatch = mismatch
        lines = mismatch.lines
        deadline = now.advanced(byMilliseconds: FraudMachine.lineMilliseconds)
        beginLine()
    }

    /// A share came, with a proof that holds.
    mutating func sampled(_ sample: VerifiedSample) {
        update(sample.coordinate) {
            $0.waiting = nil
            $0.sample = sample
        }
    }

    /// A peer has not got a share, or is not asked any more.
    mutating func refused(_ coordinate: Coordinate, by peer: Peer) {
        update(coordinate) { if $0.waiting?.peer == peer { $0.waiting = nil } }
    }

    /// The job found no fraud in the line: on to the next.
    mutating func lineHolds(at now: Instant) {
        isJudging = false
        guard let line = lines.first else { return }
        if line.axis == .row, mismatch.isDataRight, let column = columnAgainst(line) {
            lines.append(SuspectLine(.column, column, firstPosition: line.index))
        }
        lines.removeFirst()
        deadline = now.advanced(byMilliseconds: FraudMachine.lineMilliseconds)
        beginLine()
    }

    /// What to do now.
    mutating func advance(peers: [Peer], at now: Instant) -> [Step] {
        guard !isJudging else { return [] }
        guard let line = lines.first else { return [.exonerated] }
        let needed = block.roots.originalWidth
        let samples = cells.compactMap(\.sample)
        if samples.count >= needed {
            isJudging = true
            return [.judge(line, samples)]
        }
        if deadline <= now { return [.timedOut] }
        var steps: [Step] = []
        for index in cells.indices {
            if let waiting = cells[index].waiting, waiting.until <= now {
                cells[index].waiting = nil
            }
        }
        if let round = nextRound {
            if round > now { return [.wake(at: min(round, deadline))] }
            nextRound = nil
            for index in cells.indices { cells[index].asked = [] }
        }
        var open = cells.count { $0.waiting != nil }
        let until = min(deadline, now.advanced(byMilliseconds: FraudMachine.requestMilliseconds))
        for index in cells.indices
        where open < min(FraudMachine.sharesAtOnce, needed - samples.count) {
            guard cells[index].sample == nil, cells[index].waiting == nil,
                let peer = nextPeer(for: cells[index], among: peers)
            else { continue }
            cells[index].waiting = (peer, until)
            cells[index].asked.append(peer)
            open += 1
            steps.append(.request(cells[index].coordinate, from: peer))
        }
        if open == 0 {
            let round = now.advanced(byMilliseconds: FraudMachine.roundPauseMilliseconds)
            nextRound = round
            steps.append(.wake(at: min(round, deadline)))
        } else {
            steps.append(.wake(at: until))
        }
        return steps
    }

    private mutating func beginLine() {
        nextRound = nil
        cells =
            lines.first?.coordinates(width: block.roots.width).map { Cell(coordinate: $0) } ?? []
    }

    private mutating func update(_ coordinate: Coordinate, _ change: (inout Cell) -> Void) {
        guard let index = cells.firstIndex(where: { $0.coordinate == coordinate }) else { return }
        change(&cells[index])
    }

    private mutating func nextPeer(for cell: Cell, among peers: [Peer]) -> Peer? {
        for step in peers.indices {
            let peer = peers[(turn + step) % peers.count]
            if !cell.asked.contains(peer) {
                turn = (turn + step + 1) % peers.count
                return peer
            }
        }
        return nil
    }

    /// A column in which a parity row that is a codeword, but of other data, shows itself.
    private func columnAgainst(_ line: SuspectLine) -> Int? {
        guard line.index >= block.roots.originalWidth, !mismatch.parityRow.isEmpty else {
            return nil
        }
        return cells.first { cell in
            guard let sample = cell.sample else { return false }
            return SHA256.hash(sample.share.bytes) != mismatch.parityRow[cell.coordinate.column]
        }?.coordinate.column
    }
}
