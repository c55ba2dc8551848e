// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import DataSquare

/// Makes the proofs of runs of shares in a whole square, hashing only the rows that they touch.
struct RangeProver {
    private let square: ExtendedDataSquare
    private let roots: DataAvailabilityHeader

    init(_ square: ExtendedDataSquare, _ roots: DataAvailabilityHeader) {
        self.square = square
        self.roots = roots
    }

    /// The proof of shares by their indexes in the original square; nil when they are of several
    /// namespaces.
    func shareProof(_ range: Range<Int>) -> ShareProof? {
        let width = square.originalWidth
        var shares: [Share] = []
        for index in range {
            shares.append(share(row: index / width, column: index % width))
        }
        guard let namespace = shares.first?.namespace,
            shares.allSatisfy({ $0.namespace == namespace })
        else { return nil }
        let proofs = rows(of: range).map { row, columns in tree(row).proof(of: columns) }
        return ShareProof(
            shares: shares, shareProofs: proofs, namespace: namespace, rowProof: rowProof(range))
    }

    /// The proof that the blob whose shares stand in a range has its commitment in this square.
    func commitmentProof(_ range: Range<Int>) -> CommitmentProof {
        let width = square.originalWidth
        let subtreeWidth = SubtreeAlignment.width(shareCount: range.count)
        var subtreeRoots: [NamespacedHash] = []
        var proofs: [NamespaceProof] = []
        for (row, columns) in rows(of: range) {
            let tree = tree(row)
            proofs.append(tree.proof(of: columns))
            var cursor = columns.lowerBound
            while cursor < columns.upperBound {
                let size = min(subtreeWidth, Self.powerOfTwo(within: columns.upperBound - cursor))
                subtreeRoots.append(tree.subtreeRoot(cursor..<cursor + size))
                cursor += size
            }
        }
        let first = share(
            row: range.lowerBound / width, column: range.lowerBound % width)
        return CommitmentProof(
            subtreeRoots: subtreeRoots, subtreeRootProofs: proofs, namespace: first.namespace,
            rowProof: rowProof(range))
    }

    /// Each row that a range touches, with the columns that it has there.
    private func rows(of range: Range<Int>) -> [(row: Int, columns: Range<Int>)] {
        let width = square.originalWidth
        let rows = range.lowerBound / width...(range.upperBound - 1) / width
        return rows.map { ($0, range.clamped(to: $0 * width..<($0 + 1) * width)) }
            .map { ($0, $1.lowerBound - $0 * width..<$1.upperBound - $0 * width) }
    }

    private func rowProof(_ range: Range<Int>) -> RowProof {
        let width = square.originalWidth
        let (first, last) = (range.lowerBound / width, (range.upperBound - 1) / width)
        let leaves = (roots.rowRoots + roots.columnRoots).map { $0.bytes.array }
        let proofs = MerkleTree.proofs(leaves).proofs
        return RowProof(
            rowRoots: Array(roots.rowRoots[first...last]), proofs: Array(proofs[first...last]),
            startRow: first, endRow: last)
    }

    private func tree(_ row: Int) -> NamespacedMerkleTree {
        var tree = NamespacedMerkleTree()
        for column in 0..<square.width {
            let share = square.shareBytes(row: row, column: column)
            let isOriginal = square.isOriginal(row: row, column: column)
            do throws(NamespacedMerkleTree.OrderFault) {
                try tree.push(
                    namespace: isOriginal
                        ? self.share(row: row, column: column).namespace : .parity,
                    data: Array(share))
            } catch {
                preconditionFailure("a square's rows are in the order of their namespaces")
            }
        }
        return tree
    }

    private func share(row: Int, column: Int) -> Share {
        do throws(DecodeFault) {
            return try Share(decoding: square.shareBytes(row: row, column: column))
        } catch {
            preconditionFailure("a square's shares have their size")
        }
    }

    private static func powerOfTwo(within count: Int) -> Int {
        1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
    }
}
