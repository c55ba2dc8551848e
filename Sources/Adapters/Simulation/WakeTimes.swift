// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// The moments a node asked to be woken at; one timer is set for the earliest.
struct WakeTimes {
    private var asked: [Instant] = []
    private var set: Instant?

    mutating func ask(_ moment: Instant) {
        asked.append(moment)
    }

    /// The timer went off: what is due is done with.
    mutating func fired(at now: Instant) {
        asked.removeAll { $0 <= now }
        set = nil
    }

    /// When to set a timer now; nil when the one that is set is early enough.
    mutating func next(after now: Instant) -> Instant? {
        guard let first = asked.min() else { return nil }
        if let set, set <= first { return nil }
        let due = max(first, now)
        set = due
        return due
    }
}
