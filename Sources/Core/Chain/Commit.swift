// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// The votes that make one block final, one place for each validator in the set's order.
///
/// Wire form: `Commit {int64 height=1; int32 round=2; BlockID block_id=3; repeated CommitSig
/// signatures=4}`.
public struct Commit: Hashable, Sendable {
    /// The most votes that a commit can have.
    public static let signatureLimit = 10_000

    /// Which block of the chain.
    public var height: Height
    /// The round that decided; our chain's views stand here.
    public var round: Int32
    /// What was voted for.
    public var blockID: BlockID
    /// The votes.
    public var signatures: [CommitSignature]

    /// Takes the parts.
    public init(height: Height, round: Int32, blockID: BlockID, signatures: [CommitSignature]) {
        self.height = height
        self.round = round
        self.blockID = blockID
        self.signatures = signatures
    }

    /// The Merkle root over the votes' wire forms: the next header's `lastCommitHash`.
    public var hash: Bytes32 {
        MerkleTree.root(signatures.map(\.protobuf))
    }

    /// What the vote at a place signed, or nil where there is none.
    public func signBytes(at index: Int, chainID: String) -> [UInt8]? {
        let signature = signatures[index]
        guard signature.flag != .absent else { return nil }
        return Vote(
            kind: .precommit, height: height, round: round,
            blockID: signature.flag == .commit ? blockID : .none, timestamp: signature.timestamp
        ).signBytes(chainID: chainID)
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(height: Height(0), round: 0, blockID: .none, signatures: [])
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: height = try Height(decoding: try field.signed(), at: field.offset)
            case 2:
                guard let value = Int32(exactly: try field.signed()), value >= 0 else {
                    throw .malformed("a commit's round is out of range", at: field.offset)
                }
                round = value
            case 3: blockID = try BlockID(protobuf: try field.bytes())
            case 4:
                guard signatures.count < Self.signatureLimit else {
                    throw DecodeFault(
                        .overLimit(
                            field: "signatures", limit: Self.signatureLimit,
                            actual: signatures.count + 1), at: field.offset)
                }
                signatures.append(try CommitSignature(protobuf: try field.bytes()))
            default: break
            }
        }
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 96 + 114 * signatures.count)
        writer.signed(1, height.signed)
        writer.signed(2, Int64(round))
        writer.presentBytes(3, blockID.protobuf)
        for signature in signatures { writer.presentBytes(4, signature.protobuf) }
        return writer.bytes
    }
}
