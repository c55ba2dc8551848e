// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Machinery

/// What a node knows of its chain without asking its store.
struct ChainView: Sendable {

    /// The newest header that is stored.
    private(set) var head: ChainHeader?
    /// Heights whose headers are stored.
    private(set) var headers = HeightRanges()
    /// Heights whose squares are stored.
    private(set) var squares = HeightRanges()
    private var recent: [ChainHeader] = []

    init() {}

    init(_ restored: RestoredState) {
        head = restored.head
        headers = restored.headers
        squares = restored.squares
        recent = restored.head.map { [$0] } ?? []
    }

    /// The lowest height of the run of headers that ends at the head; 0 without headers.
    var tail: UInt64 { headers.ranges.last?.lowerBound ?? 0 }

    /// The head's height; 0 without headers.
    var height: UInt64 { head?.height.value ?? 0 }

    /// A header that is at hand.
    func recentHeader(_ height: UInt64) -> ChainHeader? {
        recent.first { $0.height.value == height }
    }

    /// Takes note of stored headers; returns whether the head moved.
    mutating func stored(_ accepted: [ChainHeader]) -> Bool {
        let before = height
        for header in accepted {
            headers.insert(header.height.value)
            if header.height.value > height { head = header }
            recent.append(header)
        }
        if recent.count > NodeLimits.recentHeaders {
            recent.removeFirst(recent.count - NodeLimits.recentHeaders)
        }
        return height > before
    }

    /// Takes note of a stored square.
    mutating func storedSquare(_ height: UInt64) {
        squares.insert(height)
    }

    /// Forgets everything from a height on: the newest header that is left becomes the head, and is
    /// to be put there by `restoreHead` if it is not at hand.
    mutating func refuse(from height: UInt64) {
        headers.removeAll(from: height)
        squares.removeAll(from: height)
        recent.removeAll { $0.height.value >= height }
        guard let head, head.height.value >= height else { return }
        let newest = headers.ranges.last?.upperBound
        self.head = recent.last { $0.height.value == newest }
    }

    /// The head is this one again, unless headers above it were stored since, or it was refused;
    /// returns whether it is.
    mutating func restoreHead(_ header: ChainHeader) -> Bool {
        guard headers.contains(header.height.value), header.height.value > height else {
            return false
        }
        head = header
        recent.append(header)
        return true
    }

    /// Takes note of a square that turned out damaged.
    mutating func lostSquare(_ height: UInt64) {
        squares.remove(height)
    }
}
