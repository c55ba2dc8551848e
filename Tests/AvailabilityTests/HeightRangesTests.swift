// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Testing

/// Sets of heights.
@Suite struct HeightRangesTests {
    /// Every order of inserting every subset of seven heights gives the set and its fewest ranges.
    @Test func everySubset() throws {
        for subset in 0..<128 {
            for shift in 0..<7 {
                var ranges = HeightRanges()
                for step in 0..<7 {
                    let height = (step * 3 + shift) % 7
                    if subset >> height & 1 == 1 { ranges.insert(UInt64(height)) }
                }
                for height in 0..<8 {
                    #expect(ranges.contains(UInt64(height)) == (subset >> height & 1 == 1))
                }
                let runs = (0..<7).count {
                    subset >> $0 & 1 == 1 && ($0 == 0 || subset >> ($0 - 1) & 1 == 0)
                }
                #expect(ranges.ranges.count == runs)
                #expect(try HeightRanges(decoding: ranges.encoded) == ranges)
                ranges.remove(UInt64(shift))
                for height in 0..<8 {
                    let isIn = height != shift && subset >> height & 1 == 1
                    #expect(ranges.contains(UInt64(height)) == isIn)
                }
            }
        }
    }

    /// For every two subsets of six heights: what is in both, the first and last that one alone has.
    @Test func everyTwoSubsets() {
        func ranges(_ subset: Int) -> HeightRanges {
            var ranges = HeightRanges()
            for height in 1...6 where subset >> height & 1 == 1 { ranges.insert(UInt64(height)) }
            return ranges
        }
        for first in stride(from: 0, to: 128, by: 2) {
            let one = ranges(first)
            for second in stride(from: 0, to: 128, by: 2) {
                let other = ranges(second)
                let alone = (1...6).filter { (first & ~second) >> $0 & 1 == 1 }.map { UInt64($0) }
                #expect(one.intersection(other) == ranges(first & second))
                #expect(one.first(notIn: other) == alone.first)
                for height in 0...8 as ClosedRange<UInt64> {
                    let below = alone.last { $0 < height }
                    #expect(one.last(below: height, notIn: other) == below)
                }
            }
            for height in 0...8 as ClosedRange<UInt64> {
                let above = (1...6).first { first >> $0 & 1 == 1 && UInt64($0) > height }
                #expect(one.first(above: height) == above.map { UInt64($0) })
                let count = (1...6).count { first >> $0 & 1 == 1 && UInt64($0) >= height }
                #expect(one.count(from: height) == UInt64(count))
            }
        }
    }

    /// Ranges that overlap or touch become one.
    @Test func overlapping() {
        var ranges = HeightRanges()
        ranges.insert(10...20)
        ranges.insert(30...40)
        ranges.insert(21...29)
        #expect(ranges.ranges == [10...40])
        ranges.insert(5...45)
        #expect(ranges.ranges == [5...45])
        #expect(ranges.end(ofRunWith: 7) == 45)
        #expect(ranges.end(ofRunWith: 46) == nil)
    }

    /// Ranges out of order are refused.
    @Test func refusesDisorder() throws {
        var bytes: [UInt8] = []
        for bound in [5, 9, 7, 8] as [UInt64] { bytes.append(bigEndian: bound) }
        #expect(throws: DecodeFault.self) { try HeightRanges(decoding: bytes) }
        #expect(throws: DecodeFault.self) { try HeightRanges(decoding: Array(bytes.prefix(9))) }
    }
}
