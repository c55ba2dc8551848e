// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import DataSquare
internal import Machinery
internal import Syncing

/// The conversation that decides how long squares are kept: headers' times, windows, removals.
extension Node {
    mutating func beginRetention(
        _ restored: RestoredState, at now: Instant, into effects: inout [RoleEffect]
    ) {
        retention = Retention(configuration)
        retention.restore(restored)
        tellPruning(
            .began(held: chain.squares, pinned: retention.pinnedHeights), now, &effects)
        beginScrubbing(restored, at: now, into: &effects)
        if isKeepingSquares { measure(into: &effects) }
        headersMoved(at: now, into: &effects)
    }

    mutating func wakeRetention(at now: Instant, into effects: inout [RoleEffect]) {
        for window in Retention.Window.allCases { tell(window, .woke, now, &effects) }
        tellPruning(.woke, now, &effects)
        tellSpace(.woke, now, &effects)
        tellScrub(.woke(held: chain.squares), now, &effects)
        tellPinSync(.woke, now, &effects)
        wakePins(at: now, into: &effects)
    }

    // MARK: Windows

    /// The lowest height whose square is wanted; nil until it is known.
    var squareHorizon: UInt64? {
        configuration.isArchival ? 0 : retention.storage.horizon
    }

    /// Whether the square of a block that was just learned of is wanted.
    func isWithinStorageWindow(_ header: ChainHeader, at now: Instant) -> Bool {
        configuration.isArchival || retention.storage.contains(header.instant, at: now)
    }

    /// The newest run of headers has changed.
    mutating func headersMoved(at now: Instant, into effects: inout [RoleEffect]) {
        guard chain.head != nil, chain.tail <= chain.height else { return }
        for window in Retention.Window.allCases {
            tell(window, .headers(chain.tail...chain.height), now, &effects)
        }
    }

    private mutating func tell(
        _ window: Retention.Window, _ event: WindowMachine.Event, _ now: Instant,
        _ effects: inout [RoleEffect]
    ) {
        if window == .storage, !isKeepingSquares || configuration.isArchival { return }
        var asked: [WindowMachine.Effect] = []
        switch window {
        case .sampling: retention.sampling.handle(event, at: now, into: &asked)
        case .storage: retention.storage.handle(event, at: now, into: &asked)
        }
        for effect in asked {
            switch effect {
            case .readTimes(let from, let count):
                let ticket = ticket()
                loads[ticket] = .windowTimes(window, from: from)
                effects.append(.load(ticket, .headers(from: from, count: count)))
            case .moved(let height):
                moved(window, to: height, at: now, into: &effects)
            case .wake(let moment):
                effects.append(.wake(at: moment))
            }
        }
    }

    mutating func windowTimesLoaded(
        _ window: Retention.Window, from: UInt64, _ value: LoadedValue, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard case .headers(let headers) = value else {
            tell(window, .unread(from), now, &effects)
            return
        }
        tell(window, .times(headers.map(\.instant), from: from), now, &effects)
    }

    private mutating func moved(
        _ window: Retention.Window, to height: UInt64, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        switch window {
        case .sampling:
            sampleNext(at: now, into: &effects)
        case .storage:
            tellSquares(.horizon(height), now, &effects)
            tellPruning(.horizon(height), now, &effects)
            if configuration.kind == .storage { wantMissingSquares(at: now, into: &effects) }
            wantMissingPins(at: now, into: &effects)
        }
    }

    // MARK: Pruning

    mutating func tellPruning(
        _ event: PruningMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard isKeepingSquares else { return }
        var asked: [PruningMachine.Effect] = []
        retention.pruning.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .pin(let height):
                pin(height, at: now, into: &effects)
            case .prune(let heights):
                for height in heights { chain.lostSquare(height) }
                let ticket = ticket()
                stores[ticket] = .removal(heights)
                effects.append(.store(ticket, .removal(heights)))
            case .wake(let moment):
                effects.append(.wake(at: moment))
            }
        }
    }

    mutating func squaresRemoved(
        _ heights: [UInt64], failure: String?, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if let failure {
            effects.append(.report(.incident("squares were not pruned: \(failure)")))
            tellPruning(.notPruned, now, &effects)
            return
        }
        effects.append(.report(.pruned(heights)))
        tellPruning(.pruned, now, &effects)
        tellSpace(.removed, now, &effects)
    }
}

extension ChainHeader {
    /// When the block was made, on the clock of machines; what lies outside of it is its end.
    var instant: Instant {
        let end: UInt64 = time.seconds < 0 ? 0 : .max
        return Instant(nanoseconds: time.nanosecondsSince1970 ?? end)
    }
}
