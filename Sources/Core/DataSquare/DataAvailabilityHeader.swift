// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// The DAH: the root of every row and every column of an extended square.
///
/// Its hash is the data root, which a block header carries; so who has a header can check any row,
/// column, share or namespace of the square by itself. Source: celestia-app pkg/da; specified in
/// Protocol/05-availability-header.md.
public struct DataAvailabilityHeader: Hashable, Sendable {
    /// The narrowest extended square: one original share.
    public static let widthMin = 2
    /// The widest extended square: 512 original shares a side.
    public static let widthMax = 1024

    /// The roots of the rows, top first.
    public let rowRoots: [NamespacedHash]
    /// The roots of the columns, left first.
    public let columnRoots: [NamespacedHash]
    /// The data root: the RFC 6962 root over the row roots, then the column roots.
    public let dataRoot: Bytes32

    /// Takes the roots of a square.
    ///
    /// - Throws: `malformed` when the counts differ or are no power of two between 2 and 1024.
    public init(
        rowRoots: [NamespacedHash], columnRoots: [NamespacedHash]
    ) throws(DecodeFault) {
        let width = rowRoots.count
        guard columnRoots.count == width else {
            throw .malformed("\(width) row roots, \(columnRoots.count) column roots")
        }
        guard width >= Self.widthMin, width <= Self.widthMax, width & (width - 1) == 0 else {
            throw .malformed("\(width) row roots are no power of two between 2 and 1024")
        }
        self.rowRoots = rowRoots
        self.columnRoots = columnRoots
        dataRoot = MerkleTree.root((rowRoots + columnRoots).map { $0.bytes.array })
    }

    /// Shares along one side of the extended square.
    public var width: Int { rowRoots.count }
    /// Shares along one side of the original square.
    public var originalWidth: Int { rowRoots.count / 2 }

    /// The roots of one axis.
    public func roots(of axis: Axis) -> [NamespacedHash] {
        axis == .row ? rowRoots : columnRoots
    }

    /// The root of line `index` of `axis`, which must be inside the square.
    public func root(of axis: Axis, _ index: Int) -> NamespacedHash {
        precondition(index >= 0 && index < width, "the line is inside the square")
        return axis == .row ? rowRoots[index] : columnRoots[index]
    }

    /// Whether two headers commit to the same square; the data root stands for all roots.
    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.dataRoot == rhs.dataRoot }

    /// Feeds the data root.
    public func hash(into hasher: inout Hasher) { hasher.combine(dataRoot) }
}

/// `celestia.core.v1.da.DataAvailabilityHeader { repeated bytes row_roots = 1, column_roots = 2 }`.
extension DataAvailabilityHeader {
    /// Decodes the message; surplus roots are refused before they are kept.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var rows: [NamespacedHash] = []
        var columns: [NamespacedHash] = []
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: try Self.append(field, to: &rows)
            case 2: try Self.append(field, to: &columns)
            default: break
            }
        }
        try self.init(rowRoots: rows, columnRoots: columns)
    }

    /// Decodes the message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 2 * width * (NamespacedHash.sizeBytes + 2))
        for root in rowRoots { writer.bytes(1, root.bytes) }
        for root in columnRoots { writer.bytes(2, root.bytes) }
        return writer.bytes
    }

    private static func append(
        _ field: ProtobufField, to roots: inout [NamespacedHash]
    ) throws(DecodeFault) {
        guard roots.count < widthMax else {
            throw DecodeFault(
                .overLimit(field: "roots", limit: widthMax, actual: roots.count + 1),
                at: field.offset)
        }
        roots.append(try NamespacedHash(decoding: field.bytes()))
    }
}
