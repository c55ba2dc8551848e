// SPDX-License-Identifier: Apache-2.0

import Bytes
import StateTree
import TestSupport
import Testing

/// Proofs: those that hold, and that nothing near them does.
@Suite struct StateProofTests {
    /// Every key of small trees, and many that are not there.
    @Test(arguments: [0, 1, 2, 3, 5, 17, 100]) func everyKey(count: Int) throws {
        let tree = try TreeExamples.tree("proof", count: count)
        for index in 0..<count {
            let key = Array("proof/\(index)".utf8)
            let proof = try tree.proof(of: key)
            let value = DeterministicBytes.make(seed: "proof/\(index)", count: 1 + index % 40)
            #expect(proof.verify(key, root: tree.root) == .value(value))
            #expect(try StateProof(protobuf: proof.protobuf) == proof)
            #expect(proof.verify(key + [0], root: tree.root) == nil)
            #expect(proof.verify(key, root: Bytes32(repeating: 1)) == nil)
        }
        for index in 0..<200 {
            let key = Array("absent/\(index)".utf8)
            let proof = try tree.proof(of: key)
            #expect(proof.verify(key, root: tree.root) == .absent)
            #expect(try StateProof(protobuf: proof.protobuf) == proof)
        }
    }

    /// Every bit of small proofs: no change of one shows the same thing, or anything else.
    @Test func everyBitFlip() throws {
        var tree = try TreeExamples.tree("flip", count: 3)
        let near = TreeExamples.nearKeys.map { StateWrite(key: $0, value: [1]) }
        _ = try tree.update(near, version: 2)
        var count = 0
        for key in [near[0].key, Array("flip/1".utf8), [0xAB], [0xAC], [0xAD, 1]] {
            let bytes = try tree.proof(of: key).protobuf
            for bit in 0..<8 * bytes.count {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                count += 1
                do throws(DecodeFault) {
                    let proof = try StateProof(protobuf: changed)
                    #expect(proof.verify(key, root: tree.root) == nil, "bit \(bit) of \(key)")
                } catch {
                    #expect(error.offset >= 0)
                }
            }
            for end in bytes.indices {
                let cut = try? StateProof(protobuf: Array(bytes[..<end]))
                #expect(cut?.verify(key, root: tree.root) == nil)
            }
        }
        print("state proofs: \(count) bits changed, none of them unnoticed")
        #expect(count > 5000)
    }

    /// Absence from entries that are there but are not neighbours is refused, as is a key between
    /// others, and one side left out.
    @Test func wrongNeighbours() throws {
        let count = 12
        let tree = try TreeExamples.tree("gap", count: count)
        let paths = (0..<count).map { Array("gap/\($0)".utf8) }
            .sorted { StateEntry.path(of: $0) < StateEntry.path(of: $1) }
        var proofs: [StatePresence] = []
        for key in paths {
            guard case .present(let proof) = try tree.proof(of: key) else {
                Issue.record("\(key) is there")
                return
            }
            proofs.append(proof)
        }
        let key = Array("elsewhere".utf8)
        let path = StateEntry.path(of: key)
        let place = paths.firstIndex { path < StateEntry.path(of: $0) } ?? count
        for left in -1..<count {
            for right in 0...count {
                let proof = StateAbsence(
                    key: key, left: left < 0 ? nil : proofs[left],
                    right: right == count ? nil : proofs[right])
                let isRight = left == place - 1 && right == place
                #expect(proof.verify(root: tree.root) == isRight, "\(left) \(right)")
            }
        }
        let inside = StateAbsence(key: paths[3], left: proofs[2], right: proofs[4])
        #expect(!inside.verify(root: tree.root))
    }

    /// A presence is no proof that another tree could have: siblings left out, added, exchanged.
    @Test func alteredWays() throws {
        let tree = try TreeExamples.tree("way", count: 9)
        let key = Array("way/4".utf8)
        guard case .present(let proof) = try tree.proof(of: key) else {
            Issue.record("the key is there")
            return
        }
        for index in proof.siblings.indices {
            var less = proof.siblings
            less.remove(at: index)
            #expect(StatePresence(entry: proof.entry, siblings: less).root != tree.root)
            var more = proof.siblings
            more.insert(Bytes32(), at: index)
            #expect(StatePresence(entry: proof.entry, siblings: more).root != tree.root)
        }
        let far = [Bytes32](repeating: Bytes32(), count: 257)
        let tooFar = StatePresence(entry: proof.entry, siblings: far)
        #expect(tooFar.root == nil)
        #expect(throws: DecodeFault.self) {
            try StateProof(protobuf: StateProof.present(tooFar).protobuf)
        }
    }
}

/// Roots and proofs that an independent implementation made, and that an independent ICS-23
/// verifier accepts.
@Suite struct StateTreeVectors {
    @Test func everyCase() throws {
        var count = 0
        for test in try Vectors.family("state_tree").cases {
            let name = try test["id"].string
            var writes: [StateWrite] = []
            if let entries = test.optional("entries") {
                writes = try entries.array.map {
                    StateWrite(key: try $0.array[0].hex, value: try $0.array[1].hex)
                }
            } else {
                for index in 0..<(try test["count"].integer) {
                    writes.append(
                        StateWrite(
                            key: Array("k/\(name)/\(index)".utf8),
                            value: DeterministicBytes.make(
                                seed: "\(name)/\(index)", count: 1 + index * 7 % 20)))
                }
            }
            var tree = StateTree()
            _ = try tree.update(TreeExamples.sorted(writes), version: 1)
            let root = try Bytes32(decoding: try test["root"].hex)
            let total = try test["count"].integer
            #expect(tree.root == root && tree.count == total, "\(name)")
            for given in try test["proofs"].array {
                count += 1
                let key = try given["key"].hex
                let bytes = try given["proof"].hex
                let value = try given.optional("value")?.hex
                #expect(try tree.proof(of: key).protobuf == bytes, "\(given.path)")
                let proof = try StateProof(protobuf: bytes)
                #expect(proof.verify(key, root: root) == (value.map { .value($0) } ?? .absent))
            }
        }
        #expect(Vectors.isWhole(count, own: 107))
    }
}
