// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A block as the committee names it: its height, its header's hash and its data root.
///
/// Both digests are there, so the `BlockID` that votes name is complete. Wire form:
/// `BlockReference {uint64 height=1; bytes hash=2; bytes data_root=3}`.
public struct BlockReference: Hashable, Sendable, CustomStringConvertible {
    /// Its place in the chain.
    public let height: Height
    /// Its header's hash.
    public let hash: Bytes32
    /// The root over its extended square.
    public let dataRoot: Bytes32

    /// Takes the parts.
    public init(height: Height, hash: Bytes32, dataRoot: Bytes32) {
        self.height = height
        self.hash = hash
        self.dataRoot = dataRoot
    }

    /// The name of a header's block, or nil when the header names no data.
    public init?(_ header: BlockHeader) {
        guard let dataRoot = header.dataHash else { return nil }
        self.init(height: header.height, hash: header.hash, dataRoot: dataRoot)
    }

    /// The same as votes and headers carry it.
    public var blockID: BlockID { BlockID(hash: hash, partSetTotal: 1, partSetHash: dataRoot) }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var height = Height(0)
        var hash: Bytes32?
        var dataRoot: Bytes32?
        while let field = try reader.next() {
            switch field.number {
            case 1: height = Height(try field.varint())
            case 2: hash = try field.fixed()
            case 3: dataRoot = try field.fixed()
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let hash, let dataRoot, height.value > 0, height <= .largest else {
            throw .malformed("a block's name lacks its height or a digest")
        }
        self.init(height: height, hash: hash, dataRoot: dataRoot)
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 80)
        writer.varint(1, height.value)
        writer.bytes(2, hash)
        writer.bytes(3, dataRoot)
        return writer.bytes
    }

    /// Height and the first digits of the hash.
    public var description: String { "\(height)/\(hash.hex.prefix(8))" }
}
