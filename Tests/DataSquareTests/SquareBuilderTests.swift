// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Testing

/// Squares built from transactions, and read back.
@Suite struct SquareBuilderTests {
    /// From many seeds: a square gives back exactly what was put in, and building that again gives
    /// the same square.
    @Test func buildAndReadBack() throws {
        for seed in 0..<60 {
            var generator = BlobGenerator(seed: UInt64(seed))
            var builder = try SquareBuilder(sizeMaximum: 1 << (seed % 6))
            var entries: [SquareEntry] = []
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                let transaction = generator.bytes(Int.random(in: 1...900, using: &generator))
                if builder.append(transaction: transaction) { entries.append(.plain(transaction)) }
            }
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                let transaction = try generator.blobTransaction(
                    blobSizeMax: seed % 3 == 0 ? 40_000 : 1_500)
                let fits = builder.fits(blobTransaction: transaction)
                let wasAdded = builder.append(blobTransaction: transaction)
                #expect(fits == wasAdded)
                if wasAdded { entries.append(.blob(transaction)) }
            }
            let built = builder.build()
            try checkLayout(built, of: entries)
            let contents = try SquareParser.contents(of: built.square)
            #expect(contents.transactions.map(SquareEntry.plain) == entries.filter(\.isPlain))
            #expect(contents.blobTransactions.map(SquareEntry.blob) == entries.filter(\.isBlob))
            let again = try SquareBuilder.construct(
                entries, sizeMaximum: builder.sizeMaximum)
            #expect(again.square == built.square)
        }
    }

    /// The promises of the layout, one by one.
    private func checkLayout(_ built: BuiltSquare, of entries: [SquareEntry]) throws {
        let square = built.square
        // The constructor checks that namespaces never fall along rows and columns.
        #expect(try OriginalDataSquare(width: square.width, bytes: square.bytes) == square)
        #expect(built.transactionRanges.count == entries.count)
        let transactions = entries.compactMap(\.blobTransaction)
        for (transaction, ranges) in zip(transactions, built.blobRanges) {
            for (blob, range) in zip(transaction.blobs, ranges) {
                #expect(range.count == blob.shareCount)
                let width = SubtreeAlignment.width(shareCount: range.count)
                #expect(range.lowerBound % width == 0)
                let bytes = square.bytes[range.lowerBound * 512..<range.upperBound * 512]
                #expect(try ShareParser.blobs(inFlat: bytes).map(\.blob) == [blob])
            }
        }
        for (wrapper, ranges) in zip(built.indexWrappers, built.blobRanges) {
            #expect(wrapper.shareIndexes.map { Int($0) } == ranges.map(\.lowerBound))
        }
    }

    /// Every order of four blobs lays the same namespaces in the same order, earlier blobs first.
    @Test func everyOrderOfFourBlobs() throws {
        let blobs = try [[1], [2], [2, 2], [3]].enumerated().map { number, identifier in
            try Blob(
                namespace: try Namespace(userID: [9] + identifier),
                data: [UInt8](repeating: UInt8(number), count: 100 + 500 * number))
        }
        for order in Self.permutations(of: [0, 1, 2, 3]) {
            let entries = try order.map {
                SquareEntry.blob(try BlobTransaction(transaction: [9], blobs: [blobs[$0]]))
            }
            let built = try SquareBuilder.construct(entries, sizeMaximum: 8)
            let laid = try ShareParser.blobs(
                inFlat: built.square.bytes[512...]
            ).map(\.blob)
            let expected = order.map { blobs[$0] }.enumerated().sorted {
                ($0.element.namespace, $0.offset) < ($1.element.namespace, $1.offset)
            }
            #expect(laid == expected.map(\.element), "\(order)")
        }
    }

    private static func permutations(of items: [Int]) -> [[Int]] {
        guard !items.isEmpty else { return [[]] }
        return items.flatMap { item in
            permutations(of: items.filter { $0 != item }).map { [item] + $0 }
        }
    }

    /// Taking out what was added last leaves a builder as if it had never come.
    @Test func revertLeavesNoTrace() throws {
        var generator = BlobGenerator(seed: 5)
        for _ in 0..<20 {
            var builder = try SquareBuilder(sizeMaximum: 16)
            let kept = try generator.blobTransaction(blobSizeMax: 900)
            let plain = generator.bytes(300)
            let hasKept = builder.append(blobTransaction: kept)
            #expect(hasKept)
            let before = (builder.shareCountEstimate, builder.build().square)
            let hasPlain = builder.append(transaction: plain)
            let hasMore = try builder.append(
                blobTransaction: generator.blobTransaction(blobSizeMax: 2_000))
            #expect(hasPlain && hasMore)
            let isReverted = builder.revertLastBlobTransaction()
            let isPlainReverted = builder.revertLastTransaction()
            #expect(isReverted && isPlainReverted)
            #expect(builder.shareCountEstimate == before.0)
            #expect(builder.build().square == before.1)
        }
        var empty = try SquareBuilder(sizeMaximum: 1)
        let nothing = empty.revertLastTransaction()
        #expect(!nothing)
    }

    /// Blobs in reserved namespaces would stand among transactions; no builder takes them.
    @Test func reservedNamespacesHaveNoPlace() throws {
        let blob = try Blob(namespace: .transactions, data: [1])
        let transaction = try BlobTransaction(transaction: [1], blobs: [blob])
        var builder = try SquareBuilder(sizeMaximum: 4)
        let wasAdded = builder.append(blobTransaction: transaction)
        #expect(!wasAdded)
        #expect(throws: SquareBuildFault.namespace(index: 0)) {
            try SquareBuilder.construct([.blob(transaction)], sizeMaximum: 4)
        }
    }

    /// Each app version has its own bound, and versions that do not exist are refused.
    @Test func appVersions() throws {
        for version: UInt64 in 1...10 {
            let maximum = version < 6 ? 128 : 512
            let widest = try SquareBuilder(sizeMaximum: maximum, appVersion: version)
            #expect(widest.width == 1)
            #expect(throws: SquareBuildFault.sizeMaximum(maximum * 2)) {
                try SquareBuilder(sizeMaximum: maximum * 2, appVersion: version)
            }
        }
        for version: UInt64 in [0, 11, .max] {
            #expect(throws: SquareBuildFault.appVersion(version)) {
                try SquareBuilder(sizeMaximum: 4, appVersion: version)
            }
        }
    }

    /// Version 10 lays PayForFibre transactions behind index wrappers and their system blobs among
    /// the blobs; earlier versions refuse them.
    @Test func payForFibre() throws {
        let system = try Blob(
            namespace: try Namespace(userID: [9, 2]), data: [UInt8](1...36), shareVersion: 2,
            signer: Bytes20(repeating: 7))
        let blob = try Blob(namespace: try Namespace(userID: [9, 3]), data: [1, 2, 3])
        let entries: [SquareEntry] = [
            .plain([4, 4]), .blob(try BlobTransaction(transaction: [5], blobs: [blob])),
            .payForFibre([6, 6, 6], systemBlob: system),
        ]
        let built = try SquareBuilder.construct(entries, sizeMaximum: 8, appVersion: 10)
        #expect(built.transactionRanges == [0..<1, 1..<2, 2..<3])
        #expect(built.blobRanges == [[4..<5]])
        let contents = try SquareParser.contents(of: built.square)
        #expect(contents.payForFibre == [[6, 6, 6]])
        #expect(contents.systemBlobs == [system])
        #expect(contents.blobTransactions.map(\.blobs) == [[blob]])
        #expect(throws: SquareBuildFault.payForFibre(appVersion: 9)) {
            try SquareBuilder.construct(entries, sizeMaximum: 8, appVersion: 9)
        }
        #expect(throws: SquareBuildFault.order(index: 1)) {
            try SquareBuilder.construct(
                [entries[2], entries[1]], sizeMaximum: 8, appVersion: 10)
        }
    }

    /// A square whose bytes were changed is read differently or refused, never with a trap.
    @Test func everyChangedByteIsSafe() throws {
        var generator = BlobGenerator(seed: 8)
        let transaction = try generator.blobTransaction(blobSizeMax: 700)
        let built = try SquareBuilder.construct(
            [.plain([1, 2, 3]), .blob(transaction)], sizeMaximum: 8)
        var refused = 0
        for index in built.square.bytes.indices {
            var bytes = built.square.bytes
            bytes[index] ^= 0x80
            do {
                let square = try OriginalDataSquare(width: built.square.width, bytes: bytes)
                _ = try SquareParser.contents(of: square)
            } catch { refused += 1 }
        }
        #expect(refused > 0)
    }
}

extension SquareEntry {
    fileprivate var blobTransaction: BlobTransaction? {
        if case .blob(let transaction) = self { transaction } else { nil }
    }
    fileprivate var isBlob: Bool { blobTransaction != nil }
    fileprivate var isPlain: Bool { if case .plain = self { true } else { false } }
}
