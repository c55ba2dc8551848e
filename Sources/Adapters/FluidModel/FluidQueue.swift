// SPDX-License-Identifier: Apache-2.0

/// What will happen, in slots of a millisecond: an event is one word, and adding one costs a few
/// nanoseconds, where a heap of a hundred million would cost microseconds.
///
/// What is due in the same millisecond happens in the order in which it was added.
struct FluidQueue {
    private var slots: [[UInt64]]
    private(set) var now = 0
    private var waiting = 0

    /// Holds what is due within `horizon` milliseconds of now.
    init(horizon: Int) {
        slots = Array(repeating: [], count: horizon.nextPowerOfTwo)
    }

    var isEmpty: Bool { waiting == 0 }

    /// Adds an event after at least a millisecond: effects never overtake their causes.
    mutating func add(_ event: UInt64, at millisecond: Int) {
        let due = max(millisecond, now + 1)
        precondition(due - now < slots.count, "an event lies beyond the horizon")
        slots[due & (slots.count - 1)].append(event)
        waiting += 1
    }

    /// Takes the events of the next millisecond that has any.
    mutating func next() -> [UInt64]? {
        guard waiting > 0 else { return nil }
        while true {
            now += 1
            let index = now & (slots.count - 1)
            if slots[index].isEmpty { continue }
            let events = slots[index]
            slots[index] = []
            waiting -= events.count
            return events
        }
    }
}

extension Int {
    fileprivate var nextPowerOfTwo: Int {
        var power = 1
        while power < self { power *= 2 }
        return power
    }
}
