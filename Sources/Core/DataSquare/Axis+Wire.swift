// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// `AxisType` of CIP-19: row 0, column 1.
extension Axis {
    /// Reads an enumeration value; others than 0 and 1 are refused.
    init(field: ProtobufField) throws(DecodeFault) {
        switch try field.varint() {
        case 0: self = .row
        case 1: self = .column
        case let other: throw .malformed("axis \(other) does not exist", at: field.offset)
        }
    }

    /// The enumeration value.
    public var wireValue: UInt64 { self == .row ? 0 : 1 }
}
