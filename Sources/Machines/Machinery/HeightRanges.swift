// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// A set of heights, kept as sorted, disjoint, non-adjacent closed ranges.
///
/// What was sampled or stored is nearly contiguous, so this stays a few ranges long however many
/// heights it holds.
package struct HeightRanges: Hashable, Sendable, CustomStringConvertible {
    /// The ranges, lowest first.
    package private(set) var ranges: [ClosedRange<UInt64>] = []

    /// No heights.
    package init() {}

    /// Whether `height` is in the set.
    package func contains(_ height: UInt64) -> Bool {
        let index = firstIndex(endingAtOrAfter: height)
        return index < ranges.count && ranges[index].contains(height)
    }

    /// Adds one height.
    package mutating func insert(_ height: UInt64) {
        insert(height...height)
    }

    /// Adds a range of heights.
    package mutating func insert(_ range: ClosedRange<UInt64>) {
        var lower = range.lowerBound
        var upper = range.upperBound
        let start = firstIndex(endingAtOrAfter: lower == 0 ? 0 : lower - 1)
        var end = start
        while end < ranges.count, ranges[end].lowerBound <= (upper == .max ? upper : upper + 1) {
            lower = min(lower, ranges[end].lowerBound)
            upper = max(upper, ranges[end].upperBound)
            end += 1
        }
        ranges.replaceSubrange(start..<end, with: [lower...upper])
    }

    /// Takes one height out, which may split a range.
    package mutating func remove(_ height: UInt64) {
        let index = firstIndex(endingAtOrAfter: height)
        guard index < ranges.count, ranges[index].contains(height) else { return }
        let range = ranges[index]
        var rest: [ClosedRange<UInt64>] = []
        if range.lowerBound < height { rest.append(range.lowerBound...(height - 1)) }
        if height < range.upperBound { rest.append((height + 1)...range.upperBound) }
        ranges.replaceSubrange(index...index, with: rest)
    }

    /// Takes out `height` and all above it.
    package mutating func removeAll(from height: UInt64) {
        guard height > 0 else {
            ranges = []
            return
        }
        ranges = ranges.compactMap { range in
            guard range.lowerBound < height else { return nil }
            return range.lowerBound...min(range.upperBound, height - 1)
        }
    }

    /// The last height of the run that holds `height`, or nil when it is not in the set.
    package func end(ofRunWith height: UInt64) -> UInt64? {
        let index = firstIndex(endingAtOrAfter: height)
        guard index < ranges.count, ranges[index].contains(height) else { return nil }
        return ranges[index].upperBound
    }

    /// The lowest height above `height`, or nil when there is none.
    package func first(above height: UInt64) -> UInt64? {
        guard height < .max else { return nil }
        let index = firstIndex(endingAtOrAfter: height + 1)
        return index < ranges.count ? max(ranges[index].lowerBound, height + 1) : nil
    }

    /// The lowest height that is not in `other`, or nil when all are.
    package func first(notIn other: HeightRanges) -> UInt64? {
        for range in ranges {
            guard let end = other.end(ofRunWith: range.lowerBound) else { return range.lowerBound }
            if end < range.upperBound { return end + 1 }
        }
        return nil
    }

    /// The highest height below `height` that is not in `other`, or nil when there is none.
    package func last(below height: UInt64, notIn other: HeightRanges) -> UInt64? {
        guard height > 0 else { return nil }
        for range in ranges.reversed() where range.lowerBound < height {
            var last = min(range.upperBound, height - 1)
            while let run = other.ranges.last(where: { $0.contains(last) }) {
                guard run.lowerBound > range.lowerBound else { break }
                last = run.lowerBound - 1
            }
            if !other.contains(last) { return last }
        }
        return nil
    }

    /// The heights that are in both.
    package func intersection(_ other: HeightRanges) -> HeightRanges {
        var both = HeightRanges()
        var index = 0
        for range in ranges {
            while index < other.ranges.count, other.ranges[index].upperBound < range.lowerBound {
                index += 1
            }
            var next = index
            while next < other.ranges.count, other.ranges[next].lowerBound <= range.upperBound {
                both.insert(range.clamped(to: other.ranges[next]))
                next += 1
            }
        }
        return both
    }

    /// How many heights from `height` on it holds.
    package func count(from height: UInt64) -> UInt64 {
        ranges.reduce(0) { sum, range in
            range.upperBound < height
                ? sum : sum + (range.upperBound - max(range.lowerBound, height)) + 1
        }
    }

    /// How many heights it holds.
    package var count: UInt64 {
        ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) + 1 }
    }

    /// The bounds as 64-bit big-endian integers, two for each range.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for range in ranges {
            bytes.append(bigEndian: range.lowerBound)
            bytes.append(bigEndian: range.upperBound)
        }
        return bytes
    }

    /// Reads `encoded`; ranges out of order are refused.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            let lower = try reader.bigEndian(UInt64.self)
            let upper = try reader.bigEndian(UInt64.self)
            guard lower <= upper, ranges.last.map({ $0.upperBound < lower }) ?? true else {
                throw .malformed("height ranges are out of order", at: reader.offset - 16)
            }
            ranges.append(lower...upper)
        }
    }

    package var description: String {
        ranges.map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }.joined(separator: " ")
    }

    private func firstIndex(endingAtOrAfter height: UInt64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < height { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
