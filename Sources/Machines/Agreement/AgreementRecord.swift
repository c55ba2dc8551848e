// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain

/// What must be durable before others may see it: what this validator said, and what is final.
///
/// Kept form: one byte for the kind, then a `SignedStatement`, or for a floor its finalized block as
/// epoch, view (64 bits each, high byte first) and `BlockReference`. Specified in
/// Protocol/20-agreement.md#durable-before-sent.
package enum AgreementRecord: Hashable, Sendable {
    /// The largest kept form, in bytes.
    package static let sizeMax = 256

    /// This validator said so, by this signature.
    case said(SignedStatement)
    /// A block is final; nothing is signed any more in its view and before.
    case floor(BlockReference, Epoch, View)

    /// The kept form.
    package var encoded: [UInt8] {
        switch self {
        case .said(let signed): return [1] + signed.protobuf
        case .floor(let block, let epoch, let view):
            var bytes: [UInt8] = [2]
            bytes.append(bigEndian: epoch.value)
            bytes.append(bigEndian: view.value)
            return bytes + block.protobuf
        }
    }

    /// Reads the kept form.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= Self.sizeMax else {
            throw DecodeFault(
                .overLimit(field: "record", limit: Self.sizeMax, actual: bytes.count))
        }
        var reader = ByteReader(bytes)
        switch try reader.byte() {
        case 1: self = .said(try SignedStatement(protobuf: reader.rest()))
        case 2:
            let epoch = Epoch(try reader.bigEndian(UInt64.self))
            let view = try View(decoding: try reader.bigEndian(UInt64.self))
            self = .floor(try BlockReference(protobuf: reader.rest()), epoch, view)
        default: throw .malformed("a record of no known kind")
        }
    }
}
