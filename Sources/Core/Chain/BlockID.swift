// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What votes are for: a header's hash, and the hash of the parts that carry its block.
///
/// Our own blocks travel as shares, so their part set is of one part whose hash is the data root.
/// Wire form: `BlockID {bytes hash=1; PartSetHeader {uint32 total=1; bytes hash=2} =2}`.
public struct BlockID: Hashable, Sendable {
    /// No block: what the first block names as its parent.
    public static let none = BlockID(hash: nil, partSetTotal: 0, partSetHash: nil)

    /// The header's hash.
    public var hash: Bytes32?
    /// How many parts the block was cut into.
    public var partSetTotal: UInt32
    /// The root over the parts.
    public var partSetHash: Bytes32?

    /// Takes the parts.
    public init(hash: Bytes32?, partSetTotal: UInt32, partSetHash: Bytes32?) {
        self.hash = hash
        self.partSetTotal = partSetTotal
        self.partSetHash = partSetHash
    }

    /// The id of one of our own blocks.
    public init(header: BlockHeader) {
        self.init(hash: header.hash, partSetTotal: 1, partSetHash: header.dataHash)
    }

    /// Whether it names no block.
    public var isNone: Bool { self == .none }

    /// Whether everything is there that a vote for a block needs.
    public var isComplete: Bool { hash != nil && partSetTotal > 0 && partSetHash != nil }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self = .none
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: hash = try field.optionalDigest()
            case 2:
                var parts = try field.message()
                while let field = try parts.next() {
                    switch field.number {
                    case 1: partSetTotal = try field.varint32()
                    case 2: partSetHash = try field.optionalDigest()
                    default: break
                    }
                }
            default: break
            }
        }
    }

    /// The wire form; the second field is there even when it is empty.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 76)
        writer.digest(1, hash)
        writer.message(2) { parts in
            parts.varint(1, UInt64(partSetTotal))
            parts.digest(2, partSetHash)
        }
        return writer.bytes
    }
}

/// Digests that may be missing: empty bytes on the wire.
extension ProtobufField {
    func optionalDigest() throws(DecodeFault) -> Bytes32? {
        try bytes().isEmpty ? nil : try fixed()
    }
}

extension ProtobufWriter {
    mutating func digest(_ field: Int, _ value: Bytes32?) {
        if let value { bytes(field, value) }
    }
}
