// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Machinery

/// The block list as a small record on disk.
///
///     version 1 = 1 ‖ peer count 4 ‖ peers ‖ network count 4 ‖ networks
///     peer     peer id (varint length before it) ‖ end 8
///     network  address (varint length before it) ‖ bits 1 ‖ end 8
///
/// Both lists are in order; ends are nanoseconds since 1970, big-endian, all ones for "for good".
/// Specified in Protocol/13-discovery.md#records-on-disk.
extension BlockList {
    /// The largest record that is read, in bytes.
    package static let recordLimit = 8 << 20
    /// The name of the record.
    package static let recordName = "peers.blocked"

    private static let version: UInt8 = 1

    /// The record.
    package func encode() -> [UInt8] {
        var bytes = [Self.version]
        bytes.append(bigEndian: UInt32(peers.count))
        for (peer, end) in peers.sorted(by: { $0.key < $1.key }) {
            bytes.append(lengthPrefixed: peer.bytes)
            bytes.append(bigEndian: end.nanoseconds)
        }
        bytes.append(bigEndian: UInt32(networks.count))
        for (network, end) in networks.sorted(by: { $0.key < $1.key }) {
            bytes.append(lengthPrefixed: network.address.bytes)
            bytes.append(UInt8(network.bits))
            bytes.append(bigEndian: end.nanoseconds)
        }
        return bytes
    }

    /// Reads a record.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        self.init()
        guard bytes.count <= Self.recordLimit else {
            throw DecodeFault(
                .overLimit(field: "blocks", limit: Self.recordLimit, actual: bytes.count))
        }
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else {
            throw .malformed("a block list of another version")
        }
        var lastPeer: PeerIdentifier?
        for _ in 0..<(try Self.count(&reader)) {
            let peer = try PeerIdentifier(
                decoding: try reader.lengthPrefixed(limit: 64, field: "peer id"))
            guard lastPeer.map({ $0 < peer }) ?? true else {
                throw .malformed("blocked peers are out of order", at: reader.offset)
            }
            peers[peer] = Instant(nanoseconds: try reader.bigEndian(UInt64.self))
            lastPeer = peer
        }
        var lastNetwork: AddressBlock?
        for _ in 0..<(try Self.count(&reader)) {
            let start = reader.offset
            let prefix = try reader.lengthPrefixed(limit: 16, field: "address")
            let bits = Int(try reader.byte())
            guard let address = IPAddress(bytes: prefix), bits <= prefix.count * 8 else {
                throw .malformed("not a network", at: start)
            }
            let network = AddressBlock(address, bits: bits)
            guard network.address == address, network.bits == bits,
                lastNetwork.map({ $0 < network }) ?? true
            else { throw .malformed("a network with stray bits, or out of order", at: start) }
            networks[network] = Instant(nanoseconds: try reader.bigEndian(UInt64.self))
            lastNetwork = network
        }
        try reader.finish()
    }

    private static func count(_ reader: inout ByteReader) throws(DecodeFault) -> Int {
        let count = try reader.bigEndian(UInt32.self)
        guard count <= UInt32(limit) else {
            throw DecodeFault(
                .overLimit(field: "blocks", limit: limit, actual: Int(clamping: count)),
                at: reader.offset)
        }
        return Int(count)
    }
}
