// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Decides whether there is room for one more square: within the operator's budget, and on the disk.
///
/// What is promised is never dropped for what is new: without room no square is taken in, everything
/// that is held stays and is served, and as soon as there is room squares are fetched again.
/// Specified in Protocol/16-retention.md#budget.
package struct SpaceMachine: Machine {
    /// What can happen to the room there is.
    package enum Event: Sendable {
        /// What the node's files take and what the disk has left, in bytes.
        case usage(used: UInt64, free: UInt64)
        /// Neither could be found out.
        case unknown
        /// A square was stored.
        case stored
        /// Squares were removed.
        case removed
        /// The disk refused a write for want of room.
        case refusedByDisk
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Find out what is used and free.
        case measure
        /// Fetch no more squares, and tell why.
        case full(Shortage)
        /// Fetch one square and see.
        case probe
        /// Fetch squares again, all is well.
        case room
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// Why there is no room.
    package enum Shortage: String, Sendable {
        /// The operator's budget is used up.
        case budget
        /// The disk is full.
        case disk
    }

    /// What is left on the disk for headers and the index; `space.reserveBytes`.
    package static let reserveBytes: UInt64 = 64 << 20
    /// How often it is looked again while there is no room; `space.againMilliseconds`.
    package static let againMilliseconds: UInt64 = 10_000

    private let budgetBytes: UInt64?
    /// What the files take; at first nothing is known and nothing refused.
    package private(set) var usedBytes: UInt64 = 0
    /// What the disk has left.
    package private(set) var freeBytes: UInt64 = .max
    /// Why there is no room, when there is none.
    package private(set) var shortage: Shortage?
    /// What is being stored beyond what was measured.
    private var admittedBytes: UInt64 = 0
    /// What did not fit.
    private var neededBytes: UInt64 = 0
    private var isProbing = false
    private var due: Instant?

    /// Judges by a budget in bytes, or by the disk alone.
    package init(budgetBytes: UInt64?) {
        self.budgetBytes = budgetBytes
    }

    /// Whether a square that takes so many bytes may be stored now; if so it counts as stored.
    ///
    /// When not, the machine is `full` from then on, until there is room for this square.
    package mutating func admit(
        _ bytes: UInt64, at now: Instant, into effects: inout [Effect]
    ) -> Bool {
        if let shortage = lack(for: bytes) {
            neededBytes = bytes
            becomeFull(shortage, at: now, into: &effects)
            return false
        }
        admittedBytes += bytes
        return true
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .usage(let used, let free):
            usedBytes = used
            freeBytes = free
            admittedBytes = 0
            judge(at: now, into: &effects)
        case .unknown:
            break
        case .stored:
            isProbing = false
            if shortage == .disk { clear(into: &effects) }
            effects.append(.measure)
        case .removed:
            effects.append(.measure)
        case .refusedByDisk:
            isProbing = false
            becomeFull(.disk, at: now, into: &effects)
        case .woke:
            if let due, due <= now {
                self.due = nil
                effects.append(.measure)
            }
        }
        if shortage != nil, !isProbing, due == nil {
            let next = now.advanced(byMilliseconds: Self.againMilliseconds)
            due = next
            effects.append(.wake(at: next))
        }
    }

    /// A measured shortage ends when it measures otherwise; one that the disk told of ends when a
    /// square was stored, for which one is tried.
    private mutating func judge(at now: Instant, into effects: inout [Effect]) {
        guard let shortage, lack(for: neededBytes) == nil else { return }
        if shortage == .budget {
            clear(into: &effects)
        } else if !isProbing {
            isProbing = true
            effects.append(.probe)
        }
    }

    private mutating func clear(into effects: inout [Effect]) {
        shortage = nil
        due = nil
        neededBytes = 0
        effects.append(.room)
    }

    private mutating func becomeFull(
        _ why: Shortage, at now: Instant, into effects: inout [Effect]
    ) {
        shortage = why
        effects.append(.full(why))
        if due == nil {
            let next = now.advanced(byMilliseconds: Self.againMilliseconds)
            due = next
            effects.append(.wake(at: next))
        }
    }

    private func lack(for bytes: UInt64) -> Shortage? {
        let more = admittedBytes + bytes
        if let budgetBytes, usedBytes > budgetBytes || more > budgetBytes - usedBytes {
            return .budget
        }
        return freeBytes < Self.reserveBytes || more > freeBytes - Self.reserveBytes ? .disk : nil
    }
}

extension SpaceMachine.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .measure: "measure"
        case .full(let shortage): "full \(shortage.rawValue)"
        case .probe: "probe"
        case .room: "room"
        case .wake(let instant): "wake at \(instant)"
        }
    }
}
