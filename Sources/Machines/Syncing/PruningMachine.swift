// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Removes the squares of blocks that have left the storage window, and nothing else.
///
/// Where namespaces are pinned, what they need of a square is kept first: a height is pruned only
/// when every pin has its own. An archive pins and never prunes. Specified in
/// Protocol/16-retention.md#pruning.
package struct PruningMachine: Machine {
    /// What can happen to squares that are held.
    package enum Event: Sendable {
        /// The squares that are held, and the heights of which every pin has its own.
        case began(held: HeightRanges, pinned: HeightRanges)
        /// A square was stored.
        case stored(UInt64)
        /// A square turned out damaged, and is fetched again.
        case lost(UInt64)
        /// All heights below this one have left the window.
        case horizon(UInt64)
        /// Every pin has its own of a height.
        case pinned(UInt64)
        /// That failed.
        case notPinned(UInt64)
        /// The squares that were to be pruned are gone.
        case pruned
        /// They may be there yet, some of them.
        case notPruned
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Keep what the pins need of a height.
        case pin(UInt64)
        /// Remove the squares of these heights; they are not to be served any more.
        case prune([UInt64])
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// How many squares are removed at once; `retention.prunedAtOnce`.
    package static let prunedAtOnce = 64
    /// How long a removal or a pin that failed rests; `retention.restMilliseconds`.
    package static let restMilliseconds = WindowMachine.restMilliseconds

    private let isArchival: Bool
    private let hasPins: Bool
    private var held = HeightRanges()
    private var pinned = HeightRanges()
    private var horizon: UInt64 = 0
    private var pinning: UInt64?
    private var pinRest: Instant?
    /// What is being removed; asked for again until it is gone.
    private var pruning: [UInt64] = []
    private var pruneRest: Instant?
    /// How many squares were pruned in this run.
    package private(set) var prunedCount: UInt64 = 0

    /// Keeps everything until it is told of a horizon.
    package init(isArchival: Bool, hasPins: Bool) {
        self.isArchival = isArchival
        self.hasPins = hasPins
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .began(let held, let pinned):
            self.held = held
            self.pinned = pinned
        case .stored(let height):
            held.insert(height)
        case .lost(let height):
            held.remove(height)
        case .horizon(let height):
            horizon = max(horizon, height)
        case .pinned(let height):
            pinned.insert(height)
            if pinning == height { pinning = nil }
        case .notPinned:
            pinning = nil
            pinRest = now.advanced(byMilliseconds: Self.restMilliseconds)
        case .pruned:
            prunedCount += UInt64(pruning.count)
            pruning = []
        case .notPruned:
            pruneRest = now.advanced(byMilliseconds: Self.restMilliseconds)
        case .woke:
            break
        }
        pin(at: now, into: &effects)
        prune(at: now, into: &effects)
    }

    /// Lowest heights first, since they are the first to go.
    private mutating func pin(at now: Instant, into effects: inout [Effect]) {
        guard hasPins, pinning == nil else { return }
        if let rest = pinRest {
            guard rest <= now else { return effects.append(.wake(at: rest)) }
            pinRest = nil
        }
        guard let height = held.first(notIn: pinned) else { return }
        pinning = height
        effects.append(.pin(height))
    }

    private mutating func prune(at now: Instant, into effects: inout [Effect]) {
        if let rest = pruneRest {
            guard rest <= now else { return effects.append(.wake(at: rest)) }
            pruneRest = nil
            effects.append(.prune(pruning))
            return
        }
        guard !isArchival, pruning.isEmpty else { return }
        while pruning.count < Self.prunedAtOnce, let height = held.ranges.first?.lowerBound,
            height < horizon, !hasPins || pinned.contains(height)
        {
            held.remove(height)
            pruning.append(height)
        }
        if !pruning.isEmpty { effects.append(.prune(pruning)) }
    }
}

extension PruningMachine.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .pin(let height): "pin \(height)"
        case .prune(let heights): "prune \(heights.map(String.init).joined(separator: " "))"
        case .wake(let instant): "wake at \(instant)"
        }
    }
}
