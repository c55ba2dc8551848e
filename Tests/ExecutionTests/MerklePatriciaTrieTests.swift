// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Execution
import TestSupport
import Testing

/// The trie against the yellow paper's definition, which builds all nodes anew from all pairs.
@Suite struct MerklePatriciaTrieTests {
    /// Appendix D: the node of pairs that agree in their first `depth` nibbles.
    static func node(_ pairs: [(path: [UInt8], value: [UInt8])], _ depth: Int) -> [UInt8] {
        var writer = RLPWriter()
        guard let first = pairs.first else {
            writer.string([])
            return writer.bytes
        }
        let common = pairs.map { commonCount($0.path, first.path) }.min() ?? 0
        writer.list { list in
            if pairs.count == 1 {
                list.string(prefixed(first.path[depth...], isLeaf: true))
                list.string(first.value)
            } else if common > depth {
                list.string(prefixed(first.path[depth..<common], isLeaf: false))
                reference(pairs, common, &list)
            } else {
                for nibble in 0..<16 as Range<UInt8> {
                    let below = pairs.filter { $0.path.count > depth && $0.path[depth] == nibble }
                    reference(below, depth + 1, &list)
                }
                list.string(pairs.first { $0.path.count == depth }?.value ?? [])
            }
        }
        return writer.bytes
    }

    static func reference(
        _ pairs: [(path: [UInt8], value: [UInt8])], _ depth: Int, _ list: inout RLPWriter
    ) {
        if pairs.isEmpty { return list.string([]) }
        let bytes = node(pairs, depth)
        if bytes.count < 32 { list.raw(bytes) } else { list.fixed(Keccak256.hash(bytes)) }
    }

    static func commonCount(_ a: [UInt8], _ b: [UInt8]) -> Int {
        zip(a, b).prefix { $0 == $1 }.count
    }

    static func prefixed(_ nibbles: ArraySlice<UInt8>, isLeaf: Bool) -> [UInt8] {
        var all = Array(nibbles)
        let flag: UInt8 = (isLeaf ? 2 : 0) + UInt8(all.count % 2)
        all.insert(contentsOf: all.count % 2 == 1 ? [flag] : [flag, 0], at: 0)
        return stride(from: 0, to: all.count, by: 2).map { all[$0] << 4 | all[$0 + 1] }
    }

    static func root(_ pairs: [[UInt8]: [UInt8]]) -> Bytes32 {
        let paths = pairs.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { pair in
            (path: pair.key.flatMap { [$0 >> 4, $0 & 15] }, value: pair.value)
        }
        return Keccak256.hash(node(paths, 0))
    }

    /// Keys that share beginnings, of one and of many lengths, put in and taken out.
    @Test(arguments: [1, 2, 3, 32]) func changesEqualTheDefinition(keySize: Int) {
        var trie = MerklePatriciaTrie()
        var pairs: [[UInt8]: [UInt8]] = [:]
        #expect(trie.rootHash() == Self.root([:]))
        let stream = DeterministicBytes.make(seed: "trie/\(keySize)", count: 4 * 400)
        for step in 0..<400 {
            let random = stream[4 * step..<4 * step + 4].map { $0 }
            var key = [UInt8](repeating: 0x11, count: keySize)
            key[0] = random[0] & 0x33
            key[keySize - 1] = random[1] & 0x13
            if random[2] % 3 == 0, keySize < 32 { key.append(random[3] & 1) }
            let isRemoved = random[2] % 5 < 2
            let size = isRemoved ? 0 : 1 + Int(random[3]) % 40
            let value = [UInt8](repeating: random[3] | 1, count: size)
            trie.update(key, value)
            pairs[key] = isRemoved ? nil : value
            if step % 3 == 0 { #expect(trie.rootHash() == Self.root(pairs), "step \(step)") }
            #expect(trie.value(of: key) == pairs[key])
        }
        for key in pairs.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            trie.update(key, [])
        }
        #expect(trie.isEmpty && trie.rootHash() == MerklePatriciaTrie.emptyRoot)
    }

    /// A copy goes its own way.
    @Test func copiesAreApart() {
        var first = MerklePatriciaTrie()
        first.update([1], [1])
        let root = first.rootHash()
        var second = first
        second.update([2], [2])
        #expect(first.rootHash() == root && second.rootHash() != root)
        #expect(first.keys == [[1]] && second.keys == [[1], [2]])
    }
}
