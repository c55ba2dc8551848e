// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import TestSupport
import Testing

/// Roots and proofs as celestia-core makes and judges them.
@Suite struct MerkleVectors {
    @Test func everyCase() throws {
        var judged = 0
        for test in try Vectors.family("merkle").cases {
            let seed = try test["seed"].string
            let length = try test["item_len"].integer
            let leaves = (0..<(try test["count"].integer)).map {
                DeterministicBytes.make(seed: "\(seed)/\($0)", count: length)
            }
            let root = try Bytes32(decoding: try test["root"].hex)
            let made = MerkleTree.proofs(leaves)
            #expect(MerkleTree.root(leaves) == root && made.root == root)
            for proof in made.proofs {
                #expect(proof.verify(root: root, leaf: leaves[proof.index]))
                #expect(try MerkleProof(protobuf: proof.protobuf) == proof)
            }
            for given in try test["proofs"].array {
                judged += 1
                let proof = try Self.proof(given)
                let verdict =
                    proof?.verify(root: root, leaf: try given["leaf"].hex) ?? false
                #expect(verdict == (try given["expected"].bool), "\(given.path)")
                if try given["desc"].string == "valid", let proof {
                    #expect(made.proofs[proof.index] == proof)
                }
            }
        }
        print("merkle: \(judged) proofs judged")
        #expect(judged > 0)
    }

    /// The proof of a case, or nil when a digest in it has a wrong size.
    static func proof(_ given: JSONTree) throws -> MerkleProof? {
        guard let leafHash = Bytes32(try given["leaf_hash"].hex) else { return nil }
        var aunts: [Bytes32] = []
        for aunt in try given["aunts"].array {
            guard let aunt = Bytes32(try aunt.hex) else { return nil }
            aunts.append(aunt)
        }
        return MerkleProof(
            total: try given["total"].integer, index: try given["index"].integer,
            leafHash: leafHash, aunts: aunts)
    }
}

/// The tree against the RFC's recursive definition, and hostile proofs.
@Suite struct MerkleTests {
    /// RFC 6962 §2.1 word by word.
    static func definition(_ leaves: ArraySlice<[UInt8]>) -> Bytes32 {
        if leaves.isEmpty { return SHA256.hash([]) }
        if leaves.count == 1 { return SHA256.hash([0] + leaves[leaves.startIndex]) }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return SHA256.hash(
            [1] + definition(leaves[..<middle]).array + definition(leaves[middle...]).array)
    }

    /// Level by level gives the recursive tree, and every place has a proof that fits only there.
    @Test func everyCountAndPlace() {
        for count in 0...40 {
            let leaves = (0..<count).map { [UInt8(truncatingIfNeeded: $0), 7] }
            let (root, proofs) = MerkleTree.proofs(leaves)
            #expect(root == Self.definition(leaves[...]))
            for proof in proofs {
                let alone = MerkleTree.proof(of: proof.index, in: leaves)
                #expect(alone.root == root && alone.proof == proof)
                for (index, leaf) in leaves.enumerated() {
                    #expect(proof.verify(root: root, leaf: leaf) == (index == proof.index))
                }
                var longer = proof
                longer.aunts.append(root)
                #expect(!longer.verify(root: root, leaf: leaves[proof.index]))
                var elsewhere = proof
                elsewhere.index = count
                #expect(elsewhere.computedRoot == nil)
                elsewhere.index = -1
                #expect(elsewhere.computedRoot == nil)
            }
        }
    }

    /// Extreme totals end in finite time, without a trap.
    @Test func extremeTotals() {
        let aunts = [Bytes32](repeating: Bytes32(), count: 63)
        for total in [Int.min, -1, 0, 1, Int.max] {
            for index in [Int.min, -1, 0, Int.max - 1, Int.max] {
                let proof = MerkleProof(
                    total: total, index: index, leafHash: Bytes32(), aunts: aunts)
                #expect(
                    (proof.computedRoot != nil) == (total == .max && index == 0))
            }
        }
    }

    /// The decoder refuses what no proof can be.
    @Test func hostileWireForms() {
        let proof = MerkleProof(total: 1, index: 0, leafHash: Bytes32(), aunts: [])
        #expect(throws: DecodeFault.self) { try MerkleProof(protobuf: []) }
        #expect(throws: DecodeFault.self) {
            try MerkleProof(protobuf: [0x1a, 31] + [UInt8](repeating: 0, count: 31))
        }
        var negative = ProtobufWriter()
        negative.signed(1, -1)
        #expect(throws: DecodeFault.self) {
            try MerkleProof(protobuf: negative.bytes + proof.protobuf.dropFirst(2))
        }
        var crowded = proof
        crowded.aunts = [Bytes32](repeating: Bytes32(), count: MerkleProof.auntLimit)
        #expect(throws: Never.self) { try MerkleProof(protobuf: crowded.protobuf) }
        crowded.aunts.append(Bytes32())
        #expect(throws: DecodeFault.self) { try MerkleProof(protobuf: crowded.protobuf) }
    }
}
