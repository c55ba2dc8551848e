// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// A row or a column of an extended square, by its place.
public struct AxisLine: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Which way it runs.
    public let axis: Axis
    /// Which row or column, from 0.
    public let index: Int

    /// Names a line; whether a square has it is checked where it is used.
    public init(_ axis: Axis, _ index: Int) {
        self.axis = axis
        self.index = index
    }

    /// Its place among the leaves of the data root: rows first, then columns.
    public func leaf(width: Int) -> Int { axis == .row ? index : width + index }

    /// The line at a leaf of the data root of a square that is `width` a side.
    public init(leaf: Int, width: Int) {
        self = leaf < width ? Self(.row, leaf) : Self(.column, leaf - width)
    }

    /// Rows before columns, each by index.
    public static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.axis.wireValue, lhs.index) < (rhs.axis.wireValue, rhs.index)
    }

    /// "row 3".
    public var description: String { "\(axis) \(index)" }
}

/// A root of one row or column with its way to the data root, as somebody sent it.
///
/// The number of leaves is not sent: it is 2 to the number of aunts, since every leaf of a tree over
/// 2w roots lies equally deep. So the one proof also shows how wide the square is, and there is
/// nothing in it that could contradict itself.
///
/// Wire form: `quadrat.v1.AxisRoot {uint32 leaf=1; bytes root=2; bytes aunts=3}`, the aunts from
/// the leaf upwards, joined. Specified in Protocol/15-light-clients.md#axis-root.
public struct UnverifiedAxisRoot: Hashable, Sendable {
    /// The fewest aunts: a square of one original share has four roots.
    public static let auntsMin = 2
    /// The most aunts: a square of 512 original shares a side has 2,048 roots.
    public static let auntsMax = 11

    /// The leaf's place, from 0.
    public let leaf: Int
    /// The root of the row or column.
    public let root: NamespacedHash
    /// The digests beside the way up, from the leaf.
    public let aunts: [Bytes32]

    /// Takes the parts as they came.
    public init(leaf: Int, root: NamespacedHash, aunts: [Bytes32]) {
        self.leaf = leaf
        self.root = root
        self.aunts = aunts
    }

    /// Makes a trusted root, if the way leads to `dataRoot`.
    ///
    /// - Throws: `commitmentMismatch` when it does not, or has a length that no square has.
    public func verify(dataRoot: Bytes32) throws(VerificationFault) -> VerifiedAxisRoot {
        guard (Self.auntsMin...Self.auntsMax).contains(aunts.count) else {
            throw .commitmentMismatch
        }
        let total = 1 << aunts.count
        let proof = MerkleProof(
            total: total, index: leaf, leafHash: MerkleTree.leafHash(root.bytes.array),
            aunts: aunts)
        guard leaf >= 0, leaf < total, proof.computedRoot == dataRoot else {
            throw .commitmentMismatch
        }
        return VerifiedAxisRoot(trusted: self, dataRoot: dataRoot)
    }
}

/// A root that is known to be one of a data root's.
public struct VerifiedAxisRoot: Hashable, Sendable {
    /// The root with its proof, as it can be sent on.
    public let container: UnverifiedAxisRoot
    /// What it was proven to.
    public let dataRoot: Bytes32

    fileprivate init(trusted container: UnverifiedAxisRoot, dataRoot: Bytes32) {
        self.container = container
        self.dataRoot = dataRoot
    }

    /// Shares along one side of the extended square.
    public var width: Int { 1 << (container.aunts.count - 1) }
    /// Which row or column.
    public var line: AxisLine { AxisLine(leaf: container.leaf, width: width) }
    /// The root.
    public var root: NamespacedHash { container.root }
}

extension DataAvailabilityHeader {
    /// The roots of some lines, each with its proof; the lines must be inside the square.
    public func axisRoots(of lines: [AxisLine]) -> [VerifiedAxisRoot] {
        guard !lines.isEmpty else { return [] }
        let leaves = (rowRoots + columnRoots).map { $0.bytes.array }
        let proofs = MerkleTree.proofs(leaves).proofs
        return lines.map { line in
            precondition(line.index >= 0 && line.index < width, "the line is inside the square")
            let leaf = line.leaf(width: width)
            return VerifiedAxisRoot(
                trusted: UnverifiedAxisRoot(
                    leaf: leaf, root: root(of: line.axis, line.index),
                    aunts: proofs[leaf].aunts),
                dataRoot: dataRoot)
        }
    }
}

extension UnverifiedAxisRoot {
    /// Decodes the message; a count of aunts that no square has is refused before it is kept.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var leaf: UInt64 = 0
        var root: NamespacedHash?
        var aunts: [Bytes32] = []
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: leaf = try field.varint()
            case 2: root = try NamespacedHash(decoding: field.bytes())
            case 3: aunts = try Self.split(field)
            default: break
            }
        }
        guard let root else { throw .malformed("an axis root without its root") }
        guard (Self.auntsMin...Self.auntsMax).contains(aunts.count) else {
            throw .malformed("\(aunts.count) aunts belong to no square")
        }
        guard leaf < 1 << UInt64(aunts.count) else {
            throw .malformed("leaf \(leaf) lies outside of its tree")
        }
        self.init(leaf: Int(leaf), root: root, aunts: aunts)
    }

    /// Decodes the message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message.
    public var protobuf: [UInt8] {
        var joined: [UInt8] = []
        joined.reserveCapacity(32 * aunts.count)
        for aunt in aunts { joined.append(aunt) }
        var writer = ProtobufWriter(capacity: joined.count + NamespacedHash.sizeBytes + 12)
        writer.varint(1, UInt64(leaf))
        writer.bytes(2, root.bytes)
        writer.bytes(3, joined)
        return writer.bytes
    }

    private static func split(_ field: ProtobufField) throws(DecodeFault) -> [Bytes32] {
        let joined = try field.bytes()
        guard joined.count % 32 == 0, joined.count <= auntsMax * 32 else {
            throw DecodeFault(
                .wrongSize(field: "aunts", expected: auntsMax * 32, actual: joined.count),
                at: field.offset)
        }
        var reader = ByteReader(joined)
        var aunts: [Bytes32] = []
        while !reader.isAtEnd { aunts.append(try reader.fixed()) }
        return aunts
    }
}
