// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import Testing

/// Share commitments beside their definition.
@Suite struct ShareCommitmentTests {
    /// The fast path gives what the definition gives, for every count of shares up to 70 and at
    /// every change of the subtree width beyond.
    @Test func fastPathIsTheDefinition() throws {
        let counts = Array(1...70) + [127, 128, 129, 192, 256, 257]
        let namespace = try Namespace(userID: [3, 3])
        for count in counts {
            let size = count == 1 ? 1 : 478 + 482 * (count - 2) + 1
            let data = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ count) }
            let blob = try Blob(namespace: namespace, data: data)
            #expect(blob.shareCount == count)
            for threshold in [1, 8, 64] {
                let roots = SubtreeRoots.roots(of: blob, threshold: threshold)
                #expect(roots == Self.definition(of: blob, threshold: threshold), "\(count)")
                let commitment = ShareCommitment(of: blob, threshold: threshold)
                #expect(
                    commitment.bytes == MerkleTree.root(roots.map { $0.bytes.array }))
            }
        }
    }

    /// Subtree roots by the definition of leaves and nodes, one share at a time.
    private static func definition(of blob: Blob, threshold: Int) -> [NamespacedHash] {
        var shares = SparseShareSplitter.shares(of: blob)[...]
        let width = SubtreeAlignment.width(shareCount: shares.count, threshold: threshold)
        var roots: [NamespacedHash] = []
        while !shares.isEmpty {
            var size = width
            while size > shares.count { size /= 2 }
            roots.append(root(of: shares.prefix(size)))
            shares = shares.dropFirst(size)
        }
        return roots
    }

    private static func root(of shares: ArraySlice<Share>) -> NamespacedHash {
        if shares.count == 1, let share = shares.first {
            return .leaf(namespace: share.namespace, data: share.bytes)
        }
        let half = shares.count / 2
        let node = NamespacedHash.node(
            root(of: shares.prefix(half)), root(of: shares.dropFirst(half)))
        return node ?? .empty
    }

    /// The widths by the rule, counted out: least power of two that leaves at most 64 roots, but
    /// never wider than the least square that holds the blob.
    @Test func widthsByTheRule() {
        for count in 1...5_000 {
            let width = SubtreeAlignment.width(shareCount: count)
            #expect(width.nonzeroBitCount == 1)
            let square = SquareSize.minimum(forShares: count)
            #expect(width == square || (width < square && width * 64 >= count))
            #expect(width == 1 || (width / 2) * 64 < count)
            let sizes = SubtreeAlignment.subtreeSizes(shareCount: count)
            #expect(sizes.reduce(0, +) == count)
            #expect(sizes[0] == width)
            #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 >= $1 })
        }
    }

    /// In every square, whatever its width, each subtree root of each blob is a node of a row's tree.
    @Test func subtreeRootsAreNodesOfRows() throws {
        var widths: Set<Int> = []
        for seed: UInt64 in 0..<30 {
            var generator = BlobGenerator(seed: seed)
            var builder = try SquareBuilder(sizeMaximum: 32)
            var blobs: [Blob] = []
            for _ in 0...(seed % 6) {
                let transaction = try generator.blobTransaction(
                    blobSizeMax: seed % 2 == 0 ? 70_000 : 3_000)
                if builder.append(blobTransaction: transaction) { blobs += transaction.blobs }
            }
            let built = builder.build()
            widths.insert(built.square.width)
            let committed = CommittedSquare(ExtendedDataSquare(extending: built.square))
            for (blob, range) in zip(blobs, built.blobRanges.joined()) {
                var start = range.lowerBound
                for (size, root) in zip(
                    SubtreeAlignment.subtreeSizes(shareCount: blob.shareCount),
                    SubtreeRoots.roots(of: blob))
                {
                    let column = start % built.square.width
                    let node = committed.node(
                        .row, start / built.square.width, over: column..<column + size)
                    #expect(node == root, "seed \(seed), share \(start)")
                    start += size
                }
            }
        }
        #expect(widths.count >= 4)
    }
}
