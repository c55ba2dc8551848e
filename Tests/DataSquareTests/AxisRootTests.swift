// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import TestSupport
import Testing

/// Single roots with their way to the data root.
@Suite struct AxisRootTests {
    private static func header(width: Int, salt: UInt8 = 0) throws -> DataAvailabilityHeader {
        let roots = (0..<2 * width).map { index in
            NamespacedHash(
                minimum: .tailPadding, maximum: .tailPadding,
                digest: SHA256.hash([salt, UInt8(index), UInt8(width)]))
        }
        return try DataAvailabilityHeader(
            rowRoots: Array(roots[..<width]), columnRoots: Array(roots[width...]))
    }

    private static func lines(_ width: Int) -> [AxisLine] {
        [Axis.row, .column].flatMap { axis in (0..<width).map { AxisLine(axis, $0) } }
    }

    /// Each root of small squares is proven, shows the width, and is read back the same.
    @Test(arguments: [2, 4, 8, 16])
    func everyRootIsProven(width: Int) throws {
        let header = try Self.header(width: width)
        let lines = Self.lines(width)
        for (line, root) in zip(lines, header.axisRoots(of: lines)) {
            #expect(root.line == line)
            #expect(root.width == width)
            #expect(root.root == header.root(of: line.axis, line.index))
            let again = try UnverifiedAxisRoot(protobuf: root.container.protobuf)
            #expect(again == root.container)
            #expect(try again.verify(dataRoot: header.dataRoot) == root)
        }
    }

    /// No root passes at another place, with another length of way, or under another data root.
    @Test(arguments: [2, 4, 8])
    func nothingElsePasses(width: Int) throws {
        let header = try Self.header(width: width)
        let other = try Self.header(width: width, salt: 1)
        for root in header.axisRoots(of: Self.lines(width)).map(\.container) {
            for leaf in -1...2 * width where leaf != root.leaf {
                let moved = UnverifiedAxisRoot(leaf: leaf, root: root.root, aunts: root.aunts)
                #expect(throws: VerificationFault.commitmentMismatch) {
                    try moved.verify(dataRoot: header.dataRoot)
                }
            }
            for aunts in [root.aunts.dropLast(), root.aunts.dropFirst()].map(Array.init)
                + [root.aunts + [Bytes32()], []]
            {
                let cut = UnverifiedAxisRoot(leaf: root.leaf, root: root.root, aunts: aunts)
                #expect(throws: VerificationFault.commitmentMismatch) {
                    try cut.verify(dataRoot: header.dataRoot)
                }
            }
            #expect(throws: VerificationFault.commitmentMismatch) {
                try root.verify(dataRoot: other.dataRoot)
            }
        }
    }

    /// Every bit of a root's wire form matters.
    @Test func everyBitMatters() throws {
        let header = try Self.header(width: 4)
        for root in header.axisRoots(of: [AxisLine(.row, 0), AxisLine(.column, 2)]) {
            let bytes = root.container.protobuf
            for bit in 0..<8 * bytes.count {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << (bit % 8)
                let verdict = Result {
                    try UnverifiedAxisRoot(protobuf: flipped).verify(dataRoot: header.dataRoot)
                }
                if case .success = verdict { Issue.record("bit \(bit) does not matter") }
            }
        }
    }

    /// Counts of aunts that no square has are refused when they are read: 2 to 11 alone.
    @Test func countsOfAuntsAreBound() throws {
        let root = try Self.header(width: 2).rowRoots[0]
        for count in 0...16 {
            let form = UnverifiedAxisRoot(
                leaf: 0, root: root, aunts: [Bytes32](repeating: Bytes32(), count: count))
            let isRead = (try? UnverifiedAxisRoot(protobuf: form.protobuf)) != nil
            #expect(isRead == (2...11).contains(count))
        }
    }

    /// Samples are verified under single roots as under all, and not under a missing one.
    @Test func samplesUnderSingleRoots() throws {
        let namespace = try Namespace(userID: [7])
        let size = Share.sizeBytes - Namespace.sizeBytes
        let shares = (0..<4).map {
            namespace.bytes.array + DeterministicBytes.make(seed: "single roots \($0)", count: size)
        }
        let original = try OriginalDataSquare(width: 2, bytes: shares.flatMap { $0 })
        let square = CommittedSquare(ExtendedDataSquare(extending: original))
        let width = square.header.width
        for cell in 0..<width * width {
            let place = Coordinate(row: cell / width, column: cell % width)
            for axis in Axis.allCases {
                let sample = square.sample(at: place, axis: axis).container
                var roots = KnownRoots(dataRoot: square.header.dataRoot, width: width)
                #expect(
                    throws: VerificationFault.rootUnknown(axis, index: place.index(of: axis))
                ) {
                    try sample.verify(at: place, against: roots)
                }
                let line = AxisLine(axis, place.index(of: axis))
                try roots.insert(square.header.axisRoots(of: [line])[0])
                #expect(try sample.verify(at: place, against: roots).container == sample)
                let elsewhere = Coordinate(row: place.column, column: place.row ^ 1)
                #expect(throws: VerificationFault.self) {
                    try sample.verify(at: elsewhere, against: roots)
                }
            }
        }
    }

    /// A root of another square is not taken among those of this one.
    @Test func rootsOfOthersAreRefused() throws {
        let header = try Self.header(width: 4)
        let other = try Self.header(width: 4, salt: 1)
        var roots = KnownRoots(dataRoot: header.dataRoot, width: 4)
        #expect(throws: VerificationFault.commitmentMismatch) {
            try roots.insert(other.axisRoots(of: [AxisLine(.row, 0)])[0])
        }
        #expect(throws: VerificationFault.commitmentMismatch) { try roots.insert(other) }
        try roots.insert(header)
        #expect(roots.root(of: .column, 3) == header.columnRoots[3])
        #expect(roots.root(of: .column, 4) == nil)
    }
}
