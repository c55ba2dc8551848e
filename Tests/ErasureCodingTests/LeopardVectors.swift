// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import ErasureCoding
import TestSupport
import Testing

/// Answers of klauspost/reedsolomon, as Celestia's squares use it.
@Suite struct LeopardVectors {
    /// Every case of `leopard`, by kernels on an axis, by the general code, and in reverse.
    @Test func leopard() throws {
        let family = try Vectors.family("leopard")
        for entry in family.cases {
            let id = try entry["id"].string
            let width = try entry["k"].integer
            let size = try entry["share_size"].integer
            let code = try ErasureCode(dataCount: width, parityCount: width)
            if entry.optional("encode_fails") != nil {
                let shards = [[UInt8]](repeating: [UInt8](repeating: 1, count: size), count: width)
                #expect(throws: ErasureFault.shardSize(size), "\(id)") {
                    try code.parity(of: shards)
                }
                continue
            }
            let bytes = DeterministicBytes.make(seed: try entry["seed"].string, count: width * size)
            let data = (0..<width).map { Array(bytes[$0 * size..<($0 + 1) * size]) }
            let parity = try code.parity(of: data)
            let isWide = try entry["field_bits"].integer == 16
            #expect(code.isWide == isWide, "\(id)")
            #expect(
                SHA256.hash(parity.flatMap { $0 }).hex == (try entry["parity_sha256"].string),
                "\(id)")
            for (shard, prefix) in zip(parity, try entry["parity_prefix32"].array) {
                #expect(Hex.encode(Array(shard.prefix(32))) == (try prefix.string), "\(id)")
            }
            let last = try entry["last_parity_prefix32"].string
            #expect(parity.last.map { Hex.encode(Array($0.prefix(32))) } == last, "\(id)")
            try checkRestoring(entry, id: id, data + parity, size: size)
        }
    }

    private func checkRestoring(
        _ entry: JSONTree, id: String, _ shards: [[UInt8]], size: Int
    ) throws {
        let width = shards.count / 2
        let whole = shards.flatMap { $0 }
        let code = try ErasureCode(dataCount: width, parityCount: width)
        for (index, loss) in try entry["reconstruct"].array.enumerated() {
            let missing = Set(try loss["missing"].array.map { try $0.integer })
            #expect(try loss["ok"].bool)
            let isKept = shards.indices.map { !missing.contains($0) }
            for level in AxisCodeTests.levels where width.nonzeroBitCount == 1 {
                let restored = try ErasurePatternTests.restored(
                    whole, width: width, size: size, isKept: isKept, level: level)
                let isEqual = restored == whole
                #expect(isEqual, "\(id) \(level)")
            }
            if index == 0 {
                let known = shards.indices.map { isKept[$0] ? shards[$0] : nil }
                #expect(try code.restored(known) == shards, "\(id)")
            }
        }
        guard let fails = entry.optional("k_plus_1_missing_fails"), try fails.bool else { return }
        let tooFew = shards.indices.map { $0 <= width ? nil : shards[$0] }
        #expect(throws: ErasureFault.tooFewShards(needed: width, available: width - 1), "\(id)") {
            try code.restored(tooFew)
        }
    }
}
