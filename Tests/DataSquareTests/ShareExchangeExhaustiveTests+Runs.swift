// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import Testing

/// Runs of shares: ranges, share proofs, commitments and namespaces of the smallest squares.
extension ShareExchangeExhaustiveTests {
    /// Every run of shares of one namespace is proven for its place alone, in both proofs that end
    /// in the data root too; a run that mixes namespaces is not proven.
    @Test(arguments: [(2, 1), (2, 4), (4, 3), (4, 16), (4, 7)])
    func everyRange(_ width: Int, _ sharesPerNamespace: Int) throws {
        let prover = try Self.prover(width, sharesPerNamespace: sharesPerNamespace)
        let header = prover.header
        for start in 0..<width * width {
            for end in start + 1...width * width {
                let range = start..<end
                guard prover.shareNamespace(at: start) == prover.shareNamespace(at: end - 1) else {
                    #expect(throws: VerificationFault.wrongNamespace) { try prover.range(range) }
                    #expect(throws: VerificationFault.wrongNamespace) {
                        try prover.shareProof(range)
                    }
                    continue
                }
                let data = try prover.range(range)
                let sent = try UnverifiedRangeNamespaceData(decoding: data.container.encode())
                #expect(try sent.verify(range: range, against: header) == data)
                for other in [start + 1..<end + 1, start..<end + 1, start + 1..<end]
                where !other.isEmpty {
                    #expect(throws: VerificationFault.self) {
                        try sent.verify(range: other, against: header)
                    }
                }
                let proof = try ShareProof(protobuf: prover.shareProof(range).protobuf)
                #expect(try proof.verify(dataRoot: header.dataRoot) == range)
                #expect(proof.shares == data.shares)
                #expect(throws: VerificationFault.commitmentMismatch) {
                    try proof.verify(dataRoot: Bytes32())
                }
            }
        }
    }

    /// A share proof is of one run: with a hole between rows, in another order, with any share,
    /// namespace or row altered, or of rows of parity, it is refused.
    @Test func shareProofsOfNoRun() throws {
        let prover = try Self.prover(4, sharesPerNamespace: 16)
        let dataRoot = prover.header.dataRoot
        let whole = try prover.shareProof(2..<11)
        #expect(try whole.verify(dataRoot: dataRoot) == 2..<11)
        func altered(
            shares: [Share]? = nil, proofs: [NamespaceProof]? = nil, namespace: Namespace? = nil,
            rows: RowProof? = nil
        ) -> ShareProof {
            ShareProof(
                shares: shares ?? whole.shares, shareProofs: proofs ?? whole.shareProofs,
                namespace: namespace ?? whole.namespace, rowProof: rows ?? whole.rowProof)
        }
        let committed = CommittedSquare(prover.square)
        var holes = 0
        for row in 0..<3 {
            let range = whole.shareProofs[row].start..<whole.shareProofs[row].end
            let without = (0..<whole.shareProofs.prefix(row).reduce(0) { $0 + $1.end - $1.start })
            for shorter in [
                range.lowerBound + 1..<range.upperBound, range.lowerBound..<range.upperBound - 1,
            ] where !shorter.isEmpty {
                var proofs = whole.shareProofs
                proofs[row] = committed.proof(.row, row, of: shorter)
                var shares = whole.shares
                shares.remove(
                    at: shorter.lowerBound > range.lowerBound
                        ? without.upperBound : without.upperBound + range.count - 1)
                let proof = altered(shares: shares, proofs: proofs)
                // At the ends of the run, one share less is a run as well.
                let isRun =
                    row == 0 && shorter.lowerBound > range.lowerBound
                    || row == 2 && shorter.upperBound < range.upperBound
                holes += isRun ? 0 : 1
                #expect(((try? proof.verify(dataRoot: dataRoot)) != nil) == isRun)
            }
        }
        #expect(holes == 4)
        for index in whole.shares.indices {
            var shares = whole.shares
            var bytes = shares[index].bytes
            bytes[511] ^= 1
            shares[index] = try Share(decoding: bytes)
            #expect(throws: VerificationFault.self) {
                try altered(shares: shares).verify(dataRoot: dataRoot)
            }
        }
        for proof in [
            altered(shares: whole.shares.dropLast()), altered(shares: whole.shares.reversed()),
            altered(proofs: whole.shareProofs.reversed()),
            altered(proofs: whole.shareProofs.dropLast()),
            altered(namespace: .tailPadding), altered(rows: prover.rowProof(1...3)),
            altered(rows: prover.rowProof(0...1)),
        ] {
            #expect(throws: VerificationFault.self) { try proof.verify(dataRoot: dataRoot) }
        }
        let parity = prover.row(5).shares
        let below = ShareProof(
            shares: Array(parity.prefix(4)), shareProofs: [committed.proof(.row, 5, of: 0..<4)],
            namespace: .parity,
            rowProof: RowProof(
                rowRoots: [prover.header.rowRoots[5]],
                proofs: [
                    MerkleTree.proofs(
                        (prover.header.rowRoots + prover.header.columnRoots).map {
                            $0.bytes.array
                        }
                    ).proofs[5]
                ], startRow: 5, endRow: 5))
        #expect(throws: VerificationFault.outside(width: 8)) {
            try below.verify(dataRoot: dataRoot)
        }
    }

    /// A range with a proof too many or too few is refused, whatever else is right.
    @Test func rangesWithProofsTooManyOrTooFew() throws {
        let prover = try Self.prover(4, sharesPerNamespace: 16)
        let header = prover.header
        for range in [0..<4, 0..<8, 1..<4, 0..<3, 2..<9, 4..<9, 2..<8, 1..<3] {
            let data = try prover.range(range).container
            let some = try #require(try prover.range(1..<3).container.firstRowProof)
            // Right proofs of whole rows, which nevertheless have none.
            let rows = CommittedSquare(prover.square)
            let firstWhole = rows.proof(.row, range.lowerBound / 4, of: 0..<4)
            let lastWhole = rows.proof(.row, (range.upperBound - 1) / 4, of: 0..<4)
            for first in [nil, data.firstRowProof, some, firstWhole] {
                for last in [nil, data.lastRowProof, some, lastWhole] {
                    let altered = UnverifiedRangeNamespaceData(
                        rows: data.rows, firstRowProof: first, lastRowProof: last)
                    let isSame = altered == data
                    #expect(
                        ((try? altered.verify(range: range, against: header)) != nil) == isSame)
                }
            }
        }
    }

    /// The commitment of every aligned run is proven for its run alone, and joins the subtree roots
    /// that the blob itself would have.
    @Test(arguments: [4, 64]) func everyCommitment(_ threshold: Int) throws {
        let prover = try Self.prover(4, sharesPerNamespace: 16)
        var proven = 0
        for start in 0..<14 {
            for end in start + 1...14 {
                let width = SubtreeAlignment.width(
                    shareCount: end - start, threshold: threshold)
                guard start.isMultiple(of: width) else {
                    #expect(throws: VerificationFault.commitmentMismatch) {
                        try prover.commitmentProof(start..<end, threshold: threshold)
                    }
                    continue
                }
                proven += 1
                let proof = try prover.commitmentProof(start..<end, threshold: threshold)
                #expect(
                    try proof.verify(
                        commitment: proof.commitment, dataRoot: prover.header.dataRoot,
                        threshold: threshold) == start..<end)
                var sizes: [NamespacedHash] = []
                var cursor = start
                for size in SubtreeAlignment.subtreeSizes(
                    shareCount: end - start, threshold: threshold)
                {
                    var tree = NamespacedMerkleTree()
                    for index in cursor..<cursor + size {
                        let share = Coordinate(row: index / 4, column: index % 4)
                        let bytes = prover.sample(at: share).share
                        try tree.push(namespace: bytes.namespace, data: bytes.bytes)
                    }
                    sizes.append(tree.root)
                    cursor += size
                }
                #expect(proof.subtreeRoots == sizes)
            }
        }
        #expect(proven > 20)
    }

    /// A commitment over shares with a hole between their rows is no blob's.
    @Test func commitmentsWithAHole() throws {
        let prover = try Self.prover(4, sharesPerNamespace: 16)
        let rows = CommittedSquare(prover.square)
        for (first, second, isRun) in [(2..<4, 0..<2, true), (0..<2, 0..<2, false)] {
            let leaves = [(0, first), (1, second)].flatMap { row, columns in
                columns.map { rows.node(.row, row, over: $0..<$0 + 1) }
            }
            let proof = CommitmentProof(
                subtreeRoots: leaves,
                subtreeRootProofs: [
                    rows.proof(.row, 0, of: first), rows.proof(.row, 1, of: second),
                ],
                namespace: leaves[0].minimum, rowProof: prover.rowProof(0...1))
            let run = try? proof.verify(
                commitment: proof.commitment, dataRoot: prover.header.dataRoot)
            #expect(run == (isRun ? 2..<6 : nil))
        }
    }

    /// Namespace data with a row less, a row more, rows swapped or another namespace is refused.
    @Test func namespaceData() throws {
        let prover = try Self.prover(4, sharesPerNamespace: 7)
        let header = prover.header
        for number in UInt64(255)...264 {
            var identifier: [UInt8] = []
            identifier.append(bigEndian: number)
            let namespace = try Namespace(userID: identifier)
            let data = try prover.namespaceData(namespace)
            #expect(try data.container.verify(namespace: namespace, against: header) == data)
            let rows = data.container.rows
            if let first = rows.first {
                #expect(
                    throws: VerificationFault.rowCount(
                        expected: rows.count, actual: rows.count + 1)
                ) {
                    try UnverifiedNamespaceData(rows: rows + [first]).verify(
                        namespace: namespace, against: header)
                }
                #expect(
                    throws: VerificationFault.rowCount(
                        expected: rows.count, actual: rows.count - 1)
                ) {
                    try UnverifiedNamespaceData(rows: rows.dropLast()).verify(
                        namespace: namespace, against: header)
                }
            }
            if rows.count > 1 {
                #expect(throws: VerificationFault.self) {
                    try UnverifiedNamespaceData(rows: rows.reversed()).verify(
                        namespace: namespace, against: header)
                }
            }
        }
        for forbidden in [Namespace.parity, .tailPadding] {
            #expect(throws: VerificationFault.wrongNamespace) {
                try prover.namespaceData(forbidden)
            }
        }
    }
}
