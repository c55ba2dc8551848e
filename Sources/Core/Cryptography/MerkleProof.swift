// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// That one leaf is in a `MerkleTree`, at a place, among a number of leaves.
///
/// Wire form: `tendermint.crypto.Proof {int64 total=1; int64 index=2; bytes leaf_hash=3;
/// repeated bytes aunts=4}`, the aunts from the leaf upwards.
public struct MerkleProof: Hashable, Sendable {
    /// The most aunts that a decoded proof may have; no tree of 2^63 leaves has more.
    public static let auntLimit = 64

    /// How many leaves the tree has.
    public var total: Int
    /// Which leaf this is, from 0.
    public var index: Int
    /// SHA-256(0x00 ‖ leaf).
    public var leafHash: Bytes32
    /// The siblings on the way up, from the leaf.
    public var aunts: [Bytes32]

    /// Takes the parts as they are; `verify` judges them.
    public init(total: Int, index: Int, leafHash: Bytes32, aunts: [Bytes32]) {
        self.total = total
        self.index = index
        self.leafHash = leafHash
        self.aunts = aunts
    }

    /// Whether `leaf` is leaf number `index` of `total` under `root`.
    public func verify(root: Bytes32, leaf: [UInt8]) -> Bool {
        MerkleTree.leafHash(leaf) == leafHash && computedRoot == root
    }

    /// The root that the proof leads to, or nil when its parts do not fit each other.
    public var computedRoot: Bytes32? {
        guard total > 0, (0..<total).contains(index) else { return nil }
        var node = leafHash
        var place = index
        var last = total - 1
        var rest = aunts[...]
        while last > 0 {
            if place & 1 == 1 || place < last {
                guard let aunt = rest.popFirst() else { return nil }
                node =
                    place & 1 == 1
                    ? MerkleTree.innerHash(aunt, node) : MerkleTree.innerHash(node, aunt)
            }
            place >>= 1
            last >>= 1
        }
        return rest.isEmpty ? node : nil
    }

    /// Reads the wire form; negative numbers and digests of a wrong size are refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var total: Int64 = 0
        var index: Int64 = 0
        var leafHash: Bytes32?
        var aunts: [Bytes32] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: total = try field.signed()
            case 2: index = try field.signed()
            case 3: leafHash = try field.fixed()
            case 4:
                guard aunts.count < Self.auntLimit else {
                    throw DecodeFault(
                        .overLimit(
                            field: "aunts", limit: Self.auntLimit, actual: aunts.count + 1),
                        at: field.offset)
                }
                aunts.append(try field.fixed())
            default: break
            }
        }
        guard total >= 0, index >= 0 else { throw .malformed("negative place in a proof") }
        guard let leafHash else { throw .malformed("a proof without a leaf hash") }
        self.init(total: Int(total), index: Int(index), leafHash: leafHash, aunts: aunts)
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 48 + 34 * aunts.count)
        writer.signed(1, Int64(total))
        writer.signed(2, Int64(index))
        writer.bytes(3, leafHash)
        for aunt in aunts { writer.bytes(4, aunt) }
        return writer.bytes
    }
}
