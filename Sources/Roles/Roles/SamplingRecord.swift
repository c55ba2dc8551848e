// SPDX-License-Identifier: Apache-2.0

package import Availability
package import Bytes
package import DataSquare
internal import Machinery

/// What sampling of one height found, on which receipts.
///
/// On disk: `height u64 ‖ width u16 ‖ wanted u16 ‖ confidence u32 ‖ available u8`, then for each
/// receipt `row u16 ‖ column u16 ‖ peer (length-prefixed text) ‖ digest 32`; integers big-endian.
package struct SamplingRecord: Hashable, Sendable {
    /// The longest name of a peer.
    private static let peerMax = 128

    /// The height.
    package let height: UInt64
    /// Rows of the extended square.
    package let width: Int
    /// Shares that were asked for.
    package let wanted: Int
    /// Whether every share came.
    package let isAvailable: Bool
    /// The shares that came, from whom.
    package let receipts: [SampleReceipt]
    /// In millionths, by Protocol/08-sampling.md.
    package let confidencePartsPerMillion: Int

    /// One share that came, in words that need no machine.
    package struct Answer: Hashable, Sendable {
        /// Where it stands.
        package let coordinate: Coordinate
        /// Who sent it.
        package let peer: String
        /// SHA-256 of the share and its proof as they came.
        package let digest: Bytes32
    }

    /// The shares that came, in the order in which they were drawn.
    package var answers: [Answer] {
        receipts.map { Answer(coordinate: $0.coordinate, peer: $0.peer.name, digest: $0.digest) }
    }

    /// Keeps a verdict and what it rests on.
    package init(
        height: UInt64, width: Int, wanted: Int, isAvailable: Bool, receipts: [SampleReceipt],
        confidencePartsPerMillion: Int
    ) {
        self.height = height
        self.width = width
        self.wanted = wanted
        self.isAvailable = isAvailable
        self.receipts = receipts
        self.confidencePartsPerMillion = confidencePartsPerMillion
    }

    /// The name of the small record of a height; heights take turns in so many as are kept at hand.
    package static func name(_ height: UInt64) -> String {
        "receipts/\(height % UInt64(NodeLimits.receiptsKept))"
    }

    /// The bytes on disk.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: height)
        bytes.append(bigEndian: UInt16(width))
        bytes.append(bigEndian: UInt16(wanted))
        bytes.append(bigEndian: UInt32(confidencePartsPerMillion))
        bytes.append(isAvailable ? 1 : 0)
        for receipt in receipts {
            bytes.append(bigEndian: UInt16(receipt.coordinate.row))
            bytes.append(bigEndian: UInt16(receipt.coordinate.column))
            bytes.append(lengthPrefixed: Array(receipt.peer.name.utf8))
            bytes.append(receipt.digest)
        }
        return bytes
    }

    /// Reads the bytes on disk.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        height = try reader.bigEndian()
        width = Int(try reader.bigEndian(UInt16.self))
        wanted = Int(try reader.bigEndian(UInt16.self))
        confidencePartsPerMillion = Int(try reader.bigEndian(UInt32.self))
        switch try reader.byte() {
        case 0: isAvailable = false
        case 1: isAvailable = true
        default: throw .malformed("a verdict is 0 or 1", at: reader.offset - 1)
        }
        var found: [SampleReceipt] = []
        while !reader.isAtEnd {
            let row = Int(try reader.bigEndian(UInt16.self))
            let column = Int(try reader.bigEndian(UInt16.self))
            let start = reader.offset
            let name = try reader.lengthPrefixed(limit: Self.peerMax, field: "peer")
            guard let peer = String(validating: name, as: UTF8.self) else {
                throw .malformed("a peer's name is not UTF-8", at: start)
            }
            found.append(
                SampleReceipt(
                    coordinate: Coordinate(row: row, column: column), peer: Peer(peer),
                    digest: try reader.fixed()))
        }
        receipts = found
    }
}
