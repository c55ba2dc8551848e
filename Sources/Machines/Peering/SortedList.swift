// SPDX-License-Identifier: Apache-2.0

/// A set in the order of its elements, so that every run goes through it alike.
struct SortedList<Element: Comparable & Sendable>: Sendable {
    private(set) var elements: [Element] = []

    var count: Int { elements.count }
    var isEmpty: Bool { elements.isEmpty }

    func contains(_ element: Element) -> Bool {
        let index = place(of: element)
        return index < elements.count && elements[index] == element
    }

    /// Returns whether it was not there.
    @discardableResult
    mutating func insert(_ element: Element) -> Bool {
        let index = place(of: element)
        if index < elements.count, elements[index] == element { return false }
        elements.insert(element, at: index)
        return true
    }

    /// Returns whether it was there.
    @discardableResult
    mutating func remove(_ element: Element) -> Bool {
        let index = place(of: element)
        guard index < elements.count, elements[index] == element else { return false }
        elements.remove(at: index)
        return true
    }

    /// Where it stands, or would.
    private func place(of element: Element) -> Int {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
