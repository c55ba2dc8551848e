// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// What will happen in a simulated world, earliest first; what is due together keeps its order.
///
/// The heap holds moments and places; what happens lies still, since moving it costs more than all
/// comparisons.
struct EventQueue<Element> {
    private struct Entry {
        let due: Instant
        let order: UInt64
        let place: Int

        func isBefore(_ other: Entry) -> Bool {
            due == other.due ? order < other.order : due < other.due
        }
    }

    private var heap: [Entry] = []
    private var elements: [Element?] = []
    private var free: [Int] = []
    private var lastOrder: UInt64 = 0

    /// When the next one is due.
    var nextDue: Instant? { heap.first?.due }

    /// How many wait.
    var count: Int { heap.count }

    /// Adds one.
    mutating func add(_ element: Element, at due: Instant) {
        lastOrder += 1
        let place = keep(element)
        let entry = Entry(due: due, order: lastOrder, place: place)
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    /// Takes the next one out.
    mutating func next() -> (due: Instant, element: Element)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty { sink(last) }
        guard let element = elements[first.place].take() else {
            preconditionFailure("what the heap names is kept")
        }
        free.append(first.place)
        return (first.due, element)
    }

    private mutating func keep(_ element: Element) -> Int {
        if let place = free.popLast() {
            elements[place] = element
            return place
        }
        elements.append(element)
        return elements.count - 1
    }

    /// Puts an entry where the first one was, and lets it sink.
    private mutating func sink(_ entry: Entry) {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = entry
    }
}
