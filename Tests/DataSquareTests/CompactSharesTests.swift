// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Testing

/// Transactions as shares, at every size around the boundaries of shares.
@Suite struct CompactSharesTests {
    /// One transaction of every size up to three shares: layout by the definition, and back.
    @Test func everySizeToThreeShares() throws {
        for size in 1...1_440 { try check([size]) }
    }

    /// Every pair, and a third behind it, of sizes at which something changes.
    @Test func boundarySizesInEveryOrder() throws {
        let sizes = [1, 126, 127, 128, 471, 472, 473, 474, 475, 476, 477, 478, 479, 950]
        for first in sizes {
            for second in sizes {
                try check([first, second])
                try check([first, second, 30])
            }
        }
    }

    private func check(_ sizes: [Int]) throws {
        let units = sizes.enumerated().map { number, size in
            (0..<size).map { UInt8(truncatingIfNeeded: $0 * 7 + number + 1) }
        }
        var splitter = CompactShareSplitter(namespace: .payForBlobs)
        for unit in units { splitter.append(unit) }
        let shares = splitter.shares()
        let (bytes, starts) = Self.definition(of: units, namespace: .payForBlobs)
        #expect(shares.flatMap(\.bytes) == bytes, "\(sizes)")
        #expect(splitter.shareCount == shares.count)
        for (range, start) in zip(splitter.shareRanges, starts) {
            #expect(range.lowerBound == start, "\(sizes)")
        }
        #expect(splitter.shareRanges.last?.upperBound == shares.count)
        for from in 0..<shares.count {
            let rest = try ShareParser.transactions(in: Array(shares[from...]))
            let expected = zip(units, starts).filter { $1 >= from }.map(\.0)
            #expect(rest == expected, "\(sizes) from \(from)")
        }
    }

    /// The format written byte by byte; also the share in which each unit starts.
    private static func definition(
        of units: [[UInt8]], namespace: Namespace
    ) -> (bytes: [UInt8], starts: [Int]) {
        var marks: [Bool] = []
        var stream: [UInt8] = []
        for unit in units {
            var prefixed: [UInt8] = []
            prefixed.append(lengthPrefixed: unit)
            marks += [true] + [Bool](repeating: false, count: prefixed.count - 1)
            stream += prefixed
        }
        var shares: [UInt8] = []
        var starts: [Int] = []
        var position = 0
        while position < stream.count {
            var share = namespace.bytes.array + [position == 0 ? 1 : 0]
            if position == 0 { share.append(bigEndian: UInt32(stream.count)) }
            let reservedPlace = share.count
            share += [0, 0, 0, 0]
            var reserved: Int?
            while share.count < 512 {
                if position < stream.count {
                    if marks[position] {
                        starts.append(shares.count / 512)
                        if reserved == nil { reserved = share.count }
                    }
                    share.append(stream[position])
                    position += 1
                } else {
                    share.append(0)
                }
            }
            share[reservedPlace + 2] = UInt8((reserved ?? 0) >> 8)
            share[reservedPlace + 3] = UInt8((reserved ?? 0) & 255)
            shares += share
        }
        return (shares, starts)
    }

    /// A reader refuses shares of several sequences, and a first unit outside of the content.
    @Test func strangeSharesAreRefused() throws {
        var first = CompactShareSplitter(namespace: .transactions)
        first.append([UInt8](repeating: 1, count: 600))
        var second = CompactShareSplitter(namespace: .payForBlobs)
        second.append([2, 2])
        #expect(throws: DecodeFault.self) {
            try ShareParser.transactions(in: first.shares() + second.shares())
        }
        #expect(throws: DecodeFault.self) {
            try ShareParser.transactions(in: second.shares() + second.shares())
        }
        var signed = second.shares()[0].bytes
        signed[29] = 3
        let signedShare = try Share(decoding: signed)
        #expect(throws: DecodeFault.self) { try ShareParser.transactions(in: [signedShare]) }
        for reserved in [1, 37, 512, 70_000] {
            var bytes = second.shares()[0].bytes
            bytes.replaceSubrange(34..<38, with: withBigEndian(reserved))
            let share = try Share(decoding: bytes)
            #expect(throws: DecodeFault.self) { try ShareParser.transactions(in: [share]) }
        }
    }

    private func withBigEndian(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt32(value))
        return bytes
    }
}
