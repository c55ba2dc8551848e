// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// Things to look at when their moment comes, the earliest first; equal moments in order of entry.
///
/// An entry is not taken out when its reason goes: whoever it is for looks whether it still counts.
struct DeadlineHeap<Subject> {
    private struct Entry {
        let moment: Instant
        let serial: UInt64
        let subject: Subject

        static func < (lhs: Entry, rhs: Entry) -> Bool {
            lhs.moment == rhs.moment ? lhs.serial < rhs.serial : lhs.moment < rhs.moment
        }
    }

    private var entries: [Entry] = []
    private var serial: UInt64 = 0

    var first: Instant? { entries.first?.moment }
    var count: Int { entries.count }

    mutating func insert(_ subject: Subject, at moment: Instant) {
        entries.append(Entry(moment: moment, serial: serial, subject: subject))
        serial += 1
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child] < entries[parent] else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest entry out if its moment has come.
    mutating func popDue(at now: Instant) -> Subject? {
        guard let first = entries.first, first.moment <= now else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child] < entries[least] { least = child }
            }
            if least == parent { return first.subject }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
