// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// A block's header, in CometBFT's shape (`tendermint.types.Header`).
///
/// Fields that are digests may be missing in headers of test chains; in ours none is.
/// Specified in Protocol/10-chain-and-ledger.md#header-hash.
public struct BlockHeader: Hashable, Sendable {
    /// The block protocol that every header here follows.
    public static let blockVersion: UInt64 = 11
    /// The longest chain id, in bytes.
    public static let chainIDLimit = 50
    /// The longest application hash that a decoder takes, in bytes.
    public static let appHashLimit = 256

    /// The block protocol.
    public var blockVersion: UInt64
    /// The version of the state machine, which the rules for squares hang on.
    public var appVersion: UInt64
    /// Which chain.
    public var chainID: String
    /// Which block of it.
    public var height: Height
    /// When it was proposed.
    public var time: Timestamp
    /// The parent.
    public var lastBlockID: BlockID
    /// The root over the votes for the parent.
    public var lastCommitHash: Bytes32?
    /// The data root: the hash of the block's `DataAvailabilityHeader`.
    public var dataHash: Bytes32?
    /// The hash of the set whose votes make this block final.
    public var validatorsHash: Bytes32?
    /// The hash of the set for the next block.
    public var nextValidatorsHash: Bytes32?
    /// The hash of the consensus parameters (in our chain, also of the header's extension).
    public var consensusHash: Bytes32?
    /// The state after the parent.
    public var appHash: [UInt8]
    /// The root over the results of the parent's transactions.
    public var lastResultsHash: Bytes32?
    /// The root over the evidence in the block.
    public var evidenceHash: Bytes32?
    /// Who proposed it.
    public var proposerAddress: Bytes20?

    /// Takes all fields.
    public init(
        blockVersion: UInt64 = BlockHeader.blockVersion, appVersion: UInt64, chainID: String,
        height: Height, time: Timestamp, lastBlockID: BlockID, lastCommitHash: Bytes32?,
        dataHash: Bytes32?, validatorsHash: Bytes32?, nextValidatorsHash: Bytes32?,
        consensusHash: Bytes32?, appHash: [UInt8], lastResultsHash: Bytes32?,
        evidenceHash: Bytes32?, proposerAddress: Bytes20?
    ) {
        self.blockVersion = blockVersion
        self.appVersion = appVersion
        self.chainID = chainID
        self.height = height
        self.time = time
        self.lastBlockID = lastBlockID
        self.lastCommitHash = lastCommitHash
        self.dataHash = dataHash
        self.validatorsHash = validatorsHash
        self.nextValidatorsHash = nextValidatorsHash
        self.consensusHash = consensusHash
        self.appHash = appHash
        self.lastResultsHash = lastResultsHash
        self.evidenceHash = evidenceHash
        self.proposerAddress = proposerAddress
    }

    /// The root of the Merkle tree over the fourteen fields, each as a protobuf value.
    ///
    /// Scalars stand in their wrapper messages (StringValue, Int64Value, BytesValue), so that an
    /// empty one gives an empty leaf.
    public var hash: Bytes32 {
        MerkleTree.root([
            versionProtobuf,
            Self.wrapped(Array(chainID.utf8)),
            wrappedHeight,
            time.protobuf,
            lastBlockID.protobuf,
            Self.wrapped(lastCommitHash),
            Self.wrapped(dataHash),
            Self.wrapped(validatorsHash),
            Self.wrapped(nextValidatorsHash),
            Self.wrapped(consensusHash),
            Self.wrapped(appHash),
            Self.wrapped(lastResultsHash),
            Self.wrapped(evidenceHash),
            Self.wrapped(proposerAddress?.array ?? []),
        ])
    }

    var versionProtobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, blockVersion)
        writer.varint(2, appVersion)
        return writer.bytes
    }

    private var wrappedHeight: [UInt8] {
        var writer = ProtobufWriter()
        writer.signed(1, height.signed)
        return writer.bytes
    }

    private static func wrapped(_ value: [UInt8]) -> [UInt8] {
        var writer = ProtobufWriter(capacity: value.count + 2)
        writer.bytes(1, value)
        return writer.bytes
    }

    private static func wrapped(_ value: Bytes32?) -> [UInt8] {
        wrapped(value?.array ?? [])
    }
}
