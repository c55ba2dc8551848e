// SPDX-License-Identifier: Apache-2.0

package import DataSquare
package import Machinery

/// Holds the rows of squares that this node gets to the encoding sidecars that their headers bind.
///
/// Whoever has a row says so; the block's sidecar is fetched once, and each row compared with it. A row
/// that disagrees raises an alarm, once for each block: it is no proof, but where to look for one.
/// Specified in Protocol/14-encoding-fraud.md#row-checks.
package struct RowAlarmMachine: Machine {
    /// What can happen.
    package enum Event: Sendable {
        /// This node has a row that is what its root commits to.
        case held(height: UInt64, DataAvailabilityHeader, Row)
        /// The sidecar that the header of this height binds.
        case sidecar(height: UInt64, EncodingSidecar)
        /// Nobody who was asked gave it.
        case noSidecar(height: UInt64)
        /// What came of `check`: the first row that disagrees, if one does.
        case checked(height: UInt64, disagreeing: Int?)
        /// Blocks from this height on are refused.
        case refused(from: UInt64)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Sendable {
        /// Get the sidecar that a header binds; answer by `sidecar` or `noSidecar`.
        case fetchSidecar(height: UInt64)
        /// Compare rows with a sidecar; answer by `checked`.
        case check(height: UInt64, DataAvailabilityHeader, EncodingSidecar, [Row])
        /// A row disagrees with its block's sidecar: look for a proof.
        case alarm(height: UInt64, DataAvailabilityHeader, row: Int)
        /// So many more rows of a block agree with its sidecar.
        case agreed(height: UInt64, rows: Int)
        /// The block's rows stay unchecked.
        case giveUp(height: UInt64)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// How many blocks' rows are checked at once; `rows.blocksMax`.
    package static let blocksMax = 8
    /// How many rows of a block wait for its sidecar; `rows.waitingMax`.
    package static let waitingMax = 64
    /// How often a sidecar is looked for; `rows.sidecarTries`.
    package static let sidecarTries = 5
    /// How long to rest when nobody had it; `rows.pauseMilliseconds`.
    package static let pauseMilliseconds: UInt64 = 1_000

    private struct Block {
        let height: UInt64
        let roots: DataAvailabilityHeader
        var sidecar: EncodingSidecar?
        var waiting: [Row] = []
        /// How many rows a job compares now; 0 for none.
        var checking = 0
        var tries = 1
        var restsUntil: Instant?
        var isAlarmed = false
    }

    /// The one whose row came first is the first.
    private var blocks: [Block] = []

    /// Nothing is held.
    package init() {}

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .held(let height, let roots, let row):
            hold(row, of: height, roots, into: &effects)
        case .sidecar(let height, let sidecar):
            update(height) { $0.sidecar = sidecar }
        case .noSidecar(let height):
            sidecarMissed(height, at: now, into: &effects)
        case .checked(let height, let disagreeing):
            checked(height, disagreeing, into: &effects)
        case .refused(let height):
            blocks.removeAll { $0.height >= height }
        case .woke:
            fetchAgain(at: now, into: &effects)
        }
        check(into: &effects)
    }

    private mutating func hold(
        _ row: Row, of height: UInt64, _ roots: DataAvailabilityHeader,
        into effects: inout [Effect]
    ) {
        if !blocks.contains(where: { $0.height == height }) {
            if blocks.count >= Self.blocksMax {
                // The one that is through makes room, else the oldest.
                let idle = blocks.firstIndex { $0.waiting.isEmpty && $0.checking == 0 } ?? 0
                if !blocks[idle].waiting.isEmpty {
                    effects.append(.giveUp(height: blocks[idle].height))
                }
                blocks.remove(at: idle)
            }
            blocks.append(Block(height: height, roots: roots))
            effects.append(.fetchSidecar(height: height))
        }
        update(height) {
            if !$0.isAlarmed, $0.waiting.count < Self.waitingMax { $0.waiting.append(row) }
        }
    }

    private mutating func sidecarMissed(
        _ height: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard let index = blocks.firstIndex(where: { $0.height == height }),
            blocks[index].sidecar == nil
        else { return }
        guard blocks[index].tries < Self.sidecarTries else {
            blocks.remove(at: index)
            effects.append(.giveUp(height: height))
            return
        }
        let until = now.advanced(byMilliseconds: Self.pauseMilliseconds)
        blocks[index].restsUntil = until
        effects.append(.wake(at: until))
    }

    private mutating func fetchAgain(at now: Instant, into effects: inout [Effect]) {
        for index in blocks.indices {
            guard let until = blocks[index].restsUntil, until <= now else { continue }
            blocks[index].restsUntil = nil
            blocks[index].tries += 1
            effects.append(.fetchSidecar(height: blocks[index].height))
        }
    }

    /// Gives out what can be compared, one job for each block at a time.
    private mutating func check(into effects: inout [Effect]) {
        for index in blocks.indices {
            guard let sidecar = blocks[index].sidecar, blocks[index].checking == 0,
                !blocks[index].waiting.isEmpty
            else { continue }
            let rows = blocks[index].waiting
            blocks[index].waiting = []
            blocks[index].checking = rows.count
            effects.append(
                .check(height: blocks[index].height, blocks[index].roots, sidecar, rows))
        }
    }

    private mutating func checked(
        _ height: UInt64, _ disagreeing: Int?, into effects: inout [Effect]
    ) {
        guard let index = blocks.firstIndex(where: { $0.height == height }) else { return }
        let count = blocks[index].checking
        blocks[index].checking = 0
        guard let disagreeing else {
            effects.append(.agreed(height: height, rows: count))
            return
        }
        guard !blocks[index].isAlarmed else { return }
        blocks[index].isAlarmed = true
        blocks[index].waiting = []
        effects.append(.alarm(height: height, blocks[index].roots, row: disagreeing))
    }

    private mutating func update(_ height: UInt64, _ change: (inout Block) -> Void) {
        guard let index = blocks.firstIndex(where: { $0.height == height }) else { return }
        change(&blocks[index])
    }
}
