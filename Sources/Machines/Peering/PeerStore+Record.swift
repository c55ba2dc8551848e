// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Machinery

/// The peer store as a small record on disk.
///
///     version 1 = 1 ‖ for each peer:
///     peer id (varint length before it) ‖ flags 1 ‖ heard 8 ‖ address count 1
///     ‖ for each address: address (varint length) ‖ last success 8 ‖ last failure 8
///
/// Moments are nanoseconds since 1970, big-endian, 0 for never; flag 1 is "serves squares".
/// Specified in Protocol/13-discovery.md#records-on-disk.
extension PeerStore {
    /// Peers that are written.
    package static let recordPeersMax = 1_024
    /// The largest record that is read, in bytes.
    package static let recordLimit = 1 << 20
    /// The name of the record.
    package static let recordName = "peers.known"

    private static let version: UInt8 = 1

    /// The record of the peers that were reached.
    package func encode() -> [UInt8] {
        var bytes = [Self.version]
        for entry in proven(limit: Self.recordPeersMax) {
            bytes.append(lengthPrefixed: entry.peer.bytes)
            bytes.append(entry.isStorage ? 1 : 0)
            bytes.append(bigEndian: entry.lastHeard.nanoseconds)
            bytes.append(UInt8(entry.addresses.count))
            for address in entry.addresses {
                bytes.append(lengthPrefixed: address.address.encode())
                bytes.append(bigEndian: address.lastSuccess?.nanoseconds ?? 0)
                bytes.append(bigEndian: address.lastFailure?.nanoseconds ?? 0)
            }
        }
        return bytes
    }

    /// Reads a record.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= Self.recordLimit else {
            throw DecodeFault(
                .overLimit(field: "peers", limit: Self.recordLimit, actual: bytes.count))
        }
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else {
            throw .malformed("a peer store of another version")
        }
        var list: [Entry] = []
        var names: Set<PeerIdentifier> = []
        while !reader.isAtEnd {
            guard list.count < Self.recordPeersMax else {
                throw DecodeFault(
                    .overLimit(
                        field: "peers", limit: Self.recordPeersMax, actual: list.count + 1),
                    at: reader.offset)
            }
            let entry = try Self.entry(&reader)
            guard names.insert(entry.peer).inserted else {
                throw .malformed("a peer stands twice", at: reader.offset)
            }
            list.append(entry)
        }
        self.init(list)
    }

    private static func entry(_ reader: inout ByteReader) throws(DecodeFault) -> Entry {
        let start = reader.offset
        let peer = try PeerIdentifier(
            decoding: try reader.lengthPrefixed(limit: 64, field: "peer id"))
        let flags = try reader.byte()
        let heard = Instant(nanoseconds: try reader.bigEndian(UInt64.self))
        let count = Int(try reader.byte())
        guard flags <= 1, (1...addressesMax).contains(count) else {
            throw .malformed("a peer with flags \(flags) and \(count) addresses", at: start)
        }
        var entry = Entry(peer: peer, isStorage: flags == 1, lastHeard: heard)
        for _ in 0..<count {
            let address = try Multiaddress(
                decoding: try reader.lengthPrefixed(
                    limit: Multiaddress.sizeLimit, field: "address"))
            guard address.socketAddress != nil,
                !entry.addresses.contains(where: { $0.address == address }),
                address == address.withoutPeer
            else { throw .malformed("an address that is not dialled, or twice", at: start) }
            let success = try reader.bigEndian(UInt64.self)
            let failure = try reader.bigEndian(UInt64.self)
            entry.addresses.append(
                Address(
                    address: address,
                    lastSuccess: success == 0 ? nil : Instant(nanoseconds: success),
                    lastFailure: failure == 0 ? nil : Instant(nanoseconds: failure)))
        }
        guard entry.lastSuccess != nil else {
            throw .malformed("a peer that was never reached", at: start)
        }
        return entry
    }
}
