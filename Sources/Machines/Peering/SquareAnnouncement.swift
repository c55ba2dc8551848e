// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// That its sender holds the square of a height; the message of Celestia's eds-sub.
///
/// Source: celestia-node share/shwap/p2p/shrex/shrexsub.
/// Specified in Protocol/12-gossip.md#announcements.
package struct SquareAnnouncement: Hashable, Sendable {
    /// The height, at least 1.
    package let height: UInt64
    /// The data root of the square.
    package let dataRoot: Bytes32

    /// Names a square.
    package init(height: UInt64, dataRoot: Bytes32) {
        self.height = height
        self.dataRoot = dataRoot
    }

    /// Reads `RecentEDSNotification {height=1, data_hash=2}`; both must be there.
    package init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        var height: UInt64 = 0
        var root: Bytes32?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: height = try field.varint()
            case 2: root = try field.fixed()
            default: break
            }
        }
        guard height > 0, let root else {
            throw .malformed("an announcement without height or data root")
        }
        self.init(height: height, dataRoot: root)
    }

    /// The message's bytes.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 48)
        writer.varint(1, height)
        writer.bytes(2, dataRoot)
        return writer.bytes
    }
}
