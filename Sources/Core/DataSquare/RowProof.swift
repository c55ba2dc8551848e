// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Cryptography

/// That some neighbouring row roots stand, at their places, under a data root.
///
/// Wire form: `celestia.core.v1.proof.RowProof { repeated bytes row_roots = 1;
/// repeated tendermint.crypto.Proof proofs = 2; bytes root = 3; uint32 start_row = 4;
/// uint32 end_row = 5 }`, with the last row included.
/// Specified in Protocol/05-availability-header.md#row-proof.
public struct RowProof: Hashable, Sendable {
    /// The row roots, top first.
    public let rowRoots: [NamespacedHash]
    /// One proof for each of them.
    public let proofs: [MerkleProof]
    /// The data root, where it was sent along.
    public let root: Bytes32?
    /// The first row.
    public let startRow: Int
    /// The last row.
    public let endRow: Int

    /// Takes the parts as they came.
    public init(
        rowRoots: [NamespacedHash], proofs: [MerkleProof], root: Bytes32? = nil, startRow: Int,
        endRow: Int
    ) {
        self.rowRoots = rowRoots
        self.proofs = proofs
        self.root = root
        self.startRow = startRow
        self.endRow = endRow
    }

    /// Checks the proof and gives the width of the extended square that it speaks of.
    ///
    /// Stricter than the reference, which does not compare places: every proof must be of the row
    /// that it stands for, in one tree of row and column roots, among the rows of original data.
    ///
    /// - Throws: `rowCount`, `outside` or `commitmentMismatch`.
    public func verify(dataRoot: Bytes32) throws(VerificationFault) -> Int {
        guard startRow >= 0, startRow <= endRow, endRow < SquareSize.upperBound else {
            throw .outside(width: DataAvailabilityHeader.widthMax)
        }
        guard rowRoots.count == proofs.count, rowRoots.count - 1 == endRow - startRow else {
            throw .rowCount(expected: endRow - startRow + 1, actual: rowRoots.count)
        }
        let total = proofs[0].total
        let width = total / 2
        guard total % 2 == 0, width % 2 == 0, SquareSize.isValid(width / 2) else {
            throw .outside(width: width)
        }
        guard endRow < width / 2 else { throw .outside(width: width) }
        guard root == nil || root == dataRoot else { throw .commitmentMismatch }
        for (offset, proof) in proofs.enumerated() {
            guard proof.total == total, proof.index == startRow + offset,
                proof.verify(root: dataRoot, leaf: rowRoots[offset].bytes.array)
            else { throw .commitmentMismatch }
        }
        return width
    }
}

extension RowProof {
    /// Decodes the message; more rows than a square has are refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var rowRoots: [NamespacedHash] = []
        var proofs: [MerkleProof] = []
        var root: Bytes32?
        var startRow: UInt32 = 0
        var endRow: UInt32 = 0
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            guard max(rowRoots.count, proofs.count) <= SquareSize.upperBound else {
                throw DecodeFault(
                    .overLimit(
                        field: "rows", limit: SquareSize.upperBound,
                        actual: max(rowRoots.count, proofs.count)), at: field.offset)
            }
            switch field.number {
            case 1: rowRoots.append(try NamespacedHash(decoding: field.bytes()))
            case 2: proofs.append(try MerkleProof(protobuf: field.bytes()))
            case 3:
                let bytes = try field.bytes()
                root = bytes.isEmpty ? nil : try Bytes32(decoding: bytes, field: "root")
            case 4: startRow = try field.varint32()
            case 5: endRow = try field.varint32()
            default: break
            }
        }
        self.init(
            rowRoots: rowRoots, proofs: proofs, root: root, startRow: Int(startRow),
            endRow: Int(endRow))
    }

    /// Decodes the message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        for root in rowRoots { writer.bytes(1, root.bytes) }
        for proof in proofs { writer.presentBytes(2, proof.protobuf) }
        if let root { writer.bytes(3, root) }
        writer.varint(4, UInt64(startRow))
        writer.varint(5, UInt64(endRow))
        return writer.bytes
    }
}
