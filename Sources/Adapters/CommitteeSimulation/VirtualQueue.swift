// SPDX-License-Identifier: Apache-2.0

/// What will happen, earliest first; what is due together keeps its order.
///
/// The heap orders small keys; elements stay where they were put.
struct VirtualQueue<Element> {
    private struct Key {
        let due: UInt64
        let order: UInt64
        let slot: Int

        func isBefore(_ other: Key) -> Bool {
            due == other.due ? order < other.order : due < other.due
        }
    }

    private var heap: [Key] = []
    private var slots: [Element?] = []
    private var free: [Int] = []
    private var lastOrder: UInt64 = 0

    var count: Int { heap.count }

    mutating func add(_ element: Element, at due: UInt64) {
        lastOrder += 1
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = element
        } else {
            slot = slots.count
            slots.append(element)
        }
        heap.append(Key(due: due, order: lastOrder, slot: slot))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> (due: UInt64, element: Element)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        guard let element = slots[first.slot] else { return nil }
        slots[first.slot] = nil
        free.append(first.slot)
        return (first.due, element)
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
