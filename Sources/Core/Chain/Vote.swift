// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// What a validator signs, in CometBFT's canonical form.
///
/// Sign bytes: `uvarint(length) ‖ CanonicalVote {type=1; sfixed64 height=2; sfixed64 round=3;
/// BlockID block_id=4 (left out when there is no block); Timestamp timestamp=5; chain_id=6}`. Specified in
/// Protocol/10-chain-and-ledger.md#sign-bytes.
public struct Vote: Hashable, Sendable {
    /// The two kinds; the numbers are those of the wire.
    public enum Kind: UInt8, Sendable {
        /// A first vote; our chain's notarization.
        case prevote = 1
        /// A deciding vote; our chain's finalization.
        case precommit = 2
    }

    /// Which kind.
    public var kind: Kind
    /// Which block of the chain.
    public var height: Height
    /// Which round (our chain's view).
    public var round: Int32
    /// What the vote is for.
    public var blockID: BlockID
    /// When it was signed.
    public var timestamp: Timestamp

    /// Takes the parts.
    public init(
        kind: Kind, height: Height, round: Int32, blockID: BlockID, timestamp: Timestamp
    ) {
        self.kind = kind
        self.height = height
        self.round = round
        self.blockID = blockID
        self.timestamp = timestamp
    }

    /// The bytes that are signed; the chain's name keeps votes from counting elsewhere.
    public func signBytes(chainID: String) -> [UInt8] {
        var writer = ProtobufWriter(capacity: 160)
        writer.varint(1, UInt64(kind.rawValue))
        writer.signedFixed64(2, height.signed)
        writer.signedFixed64(3, Int64(round))
        if !blockID.isNone { writer.presentBytes(4, blockID.protobuf) }
        writer.presentBytes(5, timestamp.protobuf)
        writer.string(6, chainID)
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: writer.bytes)
        return bytes
    }
}
