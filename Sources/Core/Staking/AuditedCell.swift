// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import DataSquare

/// A share with its way to the data root: through its row's root.
///
/// Wire form: `quadrat.staking.v1.AuditedCell {quadrat.v1.AxisRoot row=1; shwap.Sample sample=2}`.
public struct AuditedCell: Hashable, Sendable {
    /// The most bytes that one may have.
    public static let sizeMax = 4096

    /// The row's root with its way to the data root.
    public let row: UnverifiedAxisRoot
    /// The share with its way to the row's root.
    public let sample: UnverifiedSample

    /// Takes the parts as they came.
    public init(row: UnverifiedAxisRoot, sample: UnverifiedSample) {
        self.row = row
        self.sample = sample
    }

    /// Whether it is the share at a place of a block's square.
    func stands(in block: BlockRecord, row index: Int, column: Int) -> Bool {
        do throws(VerificationFault) {
            let root = try row.verify(dataRoot: block.dataRoot)
            guard root.width == Int(block.width), root.line == AxisLine(.row, index),
                sample.axis == .row
            else { return false }
            var roots = KnownRoots(dataRoot: block.dataRoot, width: root.width)
            try roots.insert(root)
            _ = try sample.verify(at: Coordinate(row: index, column: column), against: roots)
            return true
        } catch {
            return false
        }
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count <= Self.sizeMax else {
            throw DecodeFault(
                .overLimit(field: "cell", limit: Self.sizeMax, actual: bytes.count))
        }
        var row: UnverifiedAxisRoot?
        var sample: UnverifiedSample?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: row = try UnverifiedAxisRoot(protobuf: try field.bytes())
            case 2: sample = try UnverifiedSample(protobuf: try field.bytes())
            default: throw field.foreign
            }
        }
        guard let row, let sample else { throw .malformed("a cell lacks its root or its share") }
        self.init(row: row, sample: sample)
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.presentBytes(1, row.protobuf)
        writer.presentBytes(2, sample.protobuf)
        return writer.bytes
    }
}

/// A share that answers an audit.
///
/// Wire form: `quadrat.staking.v1.AuditAnswer {uint32 audit=1; AuditedCell cell=2}`.
public struct AuditAnswer: Hashable, Sendable {
    /// Which of the epoch's audits, from 0.
    public let index: UInt8
    /// The share.
    public let cell: AuditedCell

    /// Names the audit.
    public init(index: UInt8, cell: AuditedCell) {
        self.index = index
        self.cell = cell
    }

    /// Reads the wire form.
    init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var index: UInt64 = 0
        var cell: AuditedCell?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: index = try field.varint()
            case 2: cell = try AuditedCell(protobuf: try field.bytes())
            default: throw field.foreign
            }
        }
        guard let cell, index < UInt64(StakingRules.auditsPerEpoch) else {
            throw .malformed("no answer to one of an epoch's audits")
        }
        self.init(index: UInt8(index), cell: cell)
    }

    var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, UInt64(index))
        writer.presentBytes(2, cell.protobuf)
        return writer.bytes
    }
}
