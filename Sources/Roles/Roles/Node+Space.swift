// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import Machinery
internal import Syncing

/// The conversation about room on the disk: what is used, whether one more square fits.
extension Node {
    mutating func tellSpace(
        _ event: SpaceMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard isKeepingSquares else { return }
        var asked: [SpaceMachine.Effect] = []
        retention.space.handle(event, at: now, into: &asked)
        carryOut(asked, at: now, into: &effects)
    }

    /// Whether a square may be stored; if not, no more are fetched until there is room.
    mutating func hasRoom(
        for square: CommittedSquare, at now: Instant, into effects: inout [RoleEffect]
    ) -> Bool {
        let width = square.header.originalWidth
        return hasRoom(rows: width, width: width, at: now, into: &effects)
    }

    /// Likewise for half of each of some rows of a square `width` original shares wide.
    mutating func hasRoom(
        rows: Int, width: Int, at now: Instant, into effects: inout [RoleEffect]
    ) -> Bool {
        var asked: [SpaceMachine.Effect] = []
        let roots = 4 * UInt64(width) * UInt64(NamespacedHash.sizeBytes)
        let bytes = UInt64(rows) * UInt64(width) * UInt64(Share.sizeBytes) + roots
        let isAdmitted = retention.space.admit(bytes, at: now, into: &asked)
        carryOut(asked, at: now, into: &effects)
        return isAdmitted
    }

    private mutating func carryOut(
        _ asked: [SpaceMachine.Effect], at now: Instant, into effects: inout [RoleEffect]
    ) {
        for effect in asked {
            switch effect {
            case .measure: measure(into: &effects)
            case .full(let shortage):
                tellShortage(shortage, into: &effects)
                tellSquares(.paused(true), now, &effects)
            case .probe:
                tellSquares(.paused(false), now, &effects)
            case .room:
                tellShortage(nil, into: &effects)
                tellSquares(.paused(false), now, &effects)
            case .wake(let moment):
                effects.append(.wake(at: moment))
            }
        }
    }

    /// Told once, when it changes.
    private mutating func tellShortage(
        _ shortage: SpaceMachine.Shortage?, into effects: inout [RoleEffect]
    ) {
        guard retention.told != shortage else { return }
        retention.told = shortage
        let text: String? =
            switch shortage {
            case .budget: "the disk budget is used up"
            case .disk: "the disk is full"
            case nil: nil
            }
        health.shortage = text
        if let text {
            effects.append(
                .report(.incident("\(text): no more squares are stored; what is held is served")))
        }
        reportUsage(into: &effects)
    }

    private func reportUsage(into effects: inout [RoleEffect]) {
        effects.append(
            .report(
                .storage(
                    usedBytes: retention.space.usedBytes,
                    shortage: retention.told?.rawValue)))
    }

    /// One measurement at a time.
    mutating func measure(into effects: inout [RoleEffect]) {
        guard !retention.isMeasuring else { return }
        retention.isMeasuring = true
        let ticket = ticket()
        loads[ticket] = .usage
        effects.append(.load(ticket, .usage))
    }

    mutating func usageLoaded(
        _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        retention.isMeasuring = false
        guard case .usage(let used, let free) = value else {
            tellSpace(.unknown, now, &effects)
            return
        }
        tellSpace(.usage(used: used, free: free), now, &effects)
        reportUsage(into: &effects)
    }
}
