// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// What will happen in a simulated world, earliest first; what is due together keeps its order.
struct EventQueue<Element> {
    private struct Entry {
        let due: Instant
        let order: UInt64
        let element: Element

        func isBefore(_ other: Entry) -> Bool {
            due == other.due ? order < other.order : due < other.due
        }
    }

    private var heap: [Entry] = []
    private var lastOrder: UInt64 = 0

    /// When the next one is due.
    var nextDue: Instant? { heap.first?.due }

    /// How many wait.
    var count: Int { heap.count }

    /// Adds one.
    mutating func add(_ element: Element, at due: Instant) {
        lastOrder += 1
        heap.append(Entry(due: due, order: lastOrder, element: element))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the next one out.
    mutating func next() -> (due: Instant, element: Element)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.due, first.element)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[smallest]) { smallest = child }
            }
            if smallest == parent { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
