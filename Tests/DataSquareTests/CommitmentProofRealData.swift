// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import Foundation
import TestSupport
import Testing

/// Proofs of real blobs' commitments, as celestia-node made them.
@Suite(.enabled(if: RealData.isPresent)) struct CommitmentProofRealData {
    /// A proof with the data root that it leads to.
    struct Case {
        let name: String
        let proof: CommitmentProof
        let root: Bytes32
        let threshold: Int
    }

    static func cases() throws -> [Case] {
        try RealData.files(in: "commitment-proofs").flatMap { file in
            try JSONTree(contentsOf: file).array.enumerated().map { index, test in
                Case(
                    name: "\(file.lastPathComponent)[\(index)]",
                    proof: try proof(test["commitment_proof"]),
                    root: try Bytes32(decoding: test["root"].base64),
                    threshold: try test["sub_threshold"].integer)
            }
        }
    }

    /// Every proof holds for the commitment that its subtree roots make.
    @Test func everyProofHolds() throws {
        let cases = try Self.cases()
        for test in cases {
            let run = try test.proof.verify(
                commitment: test.proof.commitment, dataRoot: test.root, threshold: test.threshold)
            #expect(!run.isEmpty)
        }
        print("real: commitment-proofs: \(cases.count) hold")
        #expect(RealData.isWhole(cases.count, own: 80))
    }

    /// Every field of every proof matters: with any one altered, the proof is refused.
    @Test func everyAlterationIsRefused() throws {
        var count = 0
        for test in try Self.cases() {
            let commitment = test.proof.commitment
            for (what, altered) in Self.alterations(of: test.proof) {
                count += 1
                let verdict = Result { () throws(VerificationFault) in
                    try altered.verify(
                        commitment: commitment, dataRoot: test.root, threshold: test.threshold)
                }
                #expect(throws: VerificationFault.self, "\(test.name): \(what)") {
                    try verdict.get()
                }
            }
            var root = test.root
            root[7] ^= 1
            #expect(throws: VerificationFault.commitmentMismatch) {
                try test.proof.verify(commitment: commitment, dataRoot: root)
            }
        }
        print("real: commitment-proofs: \(count) alterations refused")
        #expect(RealData.isWhole(count, own: 5_000))
    }

    private static func proof(_ tree: JSONTree) throws -> CommitmentProof {
        let rows = try tree["row_proof"]
        return CommitmentProof(
            subtreeRoots: try roots(tree["subtree_roots"]),
            subtreeRootProofs: try tree["subtree_root_proofs"].array.map {
                NamespaceProof(
                    start: try $0.optional("start")?.integer ?? 0, end: try $0["end"].integer,
                    nodes: try $0.optional("nodes").map { try roots($0) } ?? [],
                    isMaxNamespaceIgnored: try $0["is_max_namespace_ignored"].bool)
            },
            namespace: try Namespace(
                version: UInt8(tree["namespace_version"].integer),
                identifier: tree["namespace_id"].base64),
            rowProof: RowProof(
                rowRoots: try roots(rows["row_roots"]),
                proofs: try rows["proofs"].array.map {
                    MerkleProof(
                        total: try $0["total"].integer,
                        index: try $0.optional("index")?.integer ?? 0,
                        leafHash: try Bytes32(decoding: $0["leaf_hash"].base64),
                        aunts: try $0["aunts"].array.map { try Bytes32(decoding: $0.base64) })
                },
                startRow: try rows.optional("start_row")?.integer ?? 0,
                endRow: try rows.optional("end_row")?.integer ?? 0))
    }

    private static func roots(_ list: JSONTree) throws -> [NamespacedHash] {
        try list.array.map { try NamespacedHash(decoding: $0.base64) }
    }
}

/// One alteration of each field, and of each element of each list.
extension CommitmentProofRealData {
    private static func alterations(
        of proof: CommitmentProof
    ) -> [(what: String, proof: CommitmentProof)] {
        var found: [(String, CommitmentProof)] = []
        func add(
            _ what: String, subtreeRoots: [NamespacedHash]? = nil,
            proofs: [NamespaceProof]? = nil, namespace: Namespace? = nil, rows: RowProof? = nil
        ) {
            found.append(
                (
                    what,
                    CommitmentProof(
                        subtreeRoots: subtreeRoots ?? proof.subtreeRoots,
                        subtreeRootProofs: proofs ?? proof.subtreeRootProofs,
                        namespace: namespace ?? proof.namespace, rowProof: rows ?? proof.rowProof)
                ))
        }
        for (what, roots) in alterations(of: proof.subtreeRoots) {
            add("subtree roots: \(what)", subtreeRoots: roots)
        }
        for index in proof.subtreeRootProofs.indices {
            for (what, altered) in alterations(of: proof.subtreeRootProofs[index]) {
                var proofs = proof.subtreeRootProofs
                proofs[index] = altered
                add("proof \(index): \(what)", proofs: proofs)
            }
        }
        add("a proof less", proofs: proof.subtreeRootProofs.dropLast())
        add("a proof more", proofs: proof.subtreeRootProofs + [proof.subtreeRootProofs[0]])
        for place in [0, 1, 18, 19, 28] {
            var bytes = proof.namespace.bytes
            bytes[place] ^= 1
            add("namespace byte \(place)", namespace: Namespace(unchecked: bytes))
        }
        for (what, rows) in alterations(of: proof.rowProof) { add("rows: \(what)", rows: rows) }
        return found
    }

    private static func alterations(
        of list: [NamespacedHash]
    ) -> [(what: String, list: [NamespacedHash])] {
        var found = list.indices.map { index in
            let place = [0, 28, 29, 57, 58, 89][index % 6]
            var altered = list
            var bytes = list[index].bytes
            bytes[place] ^= 1
            altered[index] = NamespacedHash(bytes)
            return ("byte \(place) of \(index)", altered)
        }
        found += list.indices.map { index in
            var altered = list
            altered.remove(at: index)
            return ("\(index) removed", altered)
        }
        found.append(("one more", list + [list.last ?? NamespacedHash.empty]))
        return found
    }

    private static func alterations(
        of proof: NamespaceProof
    ) -> [(what: String, proof: NamespaceProof)] {
        var found = alterations(of: proof.nodes).map {
            (
                "nodes: \($0.what)",
                NamespaceProof(start: proof.start, end: proof.end, nodes: $0.list)
            )
        }
        for (what, start, end) in [
            ("start up", proof.start + 1, proof.end), ("start down", proof.start - 1, proof.end),
            ("end up", proof.start, proof.end + 1), ("end down", proof.start, proof.end - 1),
            ("range up", proof.start + 1, proof.end + 1), ("swapped", proof.end, proof.start),
            ("huge", proof.start, Int.max), ("negative", Int.min, proof.end),
        ] {
            found.append((what, NamespaceProof(start: start, end: end, nodes: proof.nodes)))
        }
        found.append(
            (
                "leaf hash added",
                NamespaceProof(
                    start: proof.start, end: proof.end, nodes: proof.nodes, leafHash: .empty)
            ))
        found.append(
            (
                "flag flipped",
                NamespaceProof(
                    start: proof.start, end: proof.end, nodes: proof.nodes,
                    isMaxNamespaceIgnored: false)
            ))
        return found
    }

    private static func alterations(of rows: RowProof) -> [(what: String, rows: RowProof)] {
        var found: [(String, RowProof)] = []
        func add(
            _ what: String, roots: [NamespacedHash]? = nil, proofs: [MerkleProof]? = nil,
            root: Bytes32? = nil, start: Int? = nil, end: Int? = nil
        ) {
            found.append(
                (
                    what,
                    RowProof(
                        rowRoots: roots ?? rows.rowRoots, proofs: proofs ?? rows.proofs,
                        root: root, startRow: start ?? rows.startRow, endRow: end ?? rows.endRow)
                ))
        }
        for (what, roots) in alterations(of: rows.rowRoots) { add(what, roots: roots) }
        for index in rows.proofs.indices {
            for (what, altered) in alterations(of: rows.proofs[index]) {
                var proofs = rows.proofs
                proofs[index] = altered
                add("proof \(index): \(what)", proofs: proofs)
            }
        }
        add("a proof less", proofs: rows.proofs.dropLast())
        add("another data root", root: Bytes32())
        for (start, end) in [
            (rows.startRow + 1, rows.endRow), (rows.startRow - 1, rows.endRow),
            (rows.startRow, rows.endRow + 1), (rows.startRow, rows.endRow - 1),
            (rows.startRow + 1, rows.endRow + 1), (rows.startRow, Int.max),
            (Int.min, rows.endRow), (0, Int.max), (Int.max, Int.max),
        ] {
            add("rows \(start) to \(end)", start: start, end: end)
        }
        return found
    }

    private static func alterations(of proof: MerkleProof) -> [(what: String, proof: MerkleProof)] {
        var found: [(String, MerkleProof)] = []
        func add(_ what: String, _ alter: (inout MerkleProof) -> Void) {
            var altered = proof
            alter(&altered)
            found.append((what, altered))
        }
        add("total up") { $0.total += 1 }
        add("total down") { $0.total -= 1 }
        add("total doubled") { $0.total *= 2 }
        add("total halved") { $0.total /= 2 }
        add("index up") { $0.index += 1 }
        add("index down") { $0.index -= 1 }
        add("leaf hash") { $0.leafHash[3] ^= 1 }
        for index in proof.aunts.indices { add("aunt \(index)") { $0.aunts[index][31] ^= 1 } }
        add("an aunt less") { $0.aunts.removeLast() }
        add("an aunt more") { $0.aunts.append(Bytes32()) }
        return found
    }
}
