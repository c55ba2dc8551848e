// SPDX-License-Identifier: Apache-2.0

/// A queue whose both ends cost a constant time.
struct FirstInFirstOut<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }
    var count: Int { elements.count - head }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            elements[head] = nil
            head += 1
            if head == elements.count {
                elements = []
                head = 0
            } else if head > 32, head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }

    /// Puts an element back to where `popFirst` took it from.
    mutating func putBack(_ element: Element) {
        if head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: 0)
        }
    }
}

/// Bytes that wait to be sent, in the pieces they were given in.
struct ByteQueue {
    private var pieces = FirstInFirstOut<ArraySlice<UInt8>>()
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: [UInt8]) {
        if bytes.isEmpty { return }
        pieces.append(bytes[...])
        count += bytes.count
    }

    /// Moves the first `wanted` bytes, which there are, to the end of `output`.
    mutating func move(_ wanted: Int, to output: inout [UInt8]) {
        precondition(wanted <= count, "only bytes that are there can be moved")
        var left = wanted
        while left > 0, let piece = pieces.popFirst() {
            if piece.count > left {
                output += piece.prefix(left)
                pieces.putBack(piece.dropFirst(left))
                left = 0
            } else {
                output += piece
                left -= piece.count
            }
        }
        count -= wanted
    }
}
