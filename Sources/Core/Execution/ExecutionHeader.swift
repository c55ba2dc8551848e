// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// The header of a block of Ethereum; what a fork added is nil before it.
public struct ExecutionHeader: Hashable, Sendable {
    /// The digest of the header before.
    public var parentHash = Bytes32()
    /// The digest of the list of uncles.
    public var unclesHash = ExecutionHeader.emptyUnclesHash
    /// Who gets the fees.
    public var feeRecipient = Address(0)
    /// The state after the block.
    public var stateRoot = MerklePatriciaTrie.emptyRoot
    /// The transactions.
    public var transactionsRoot = MerklePatriciaTrie.emptyRoot
    /// The receipts.
    public var receiptsRoot = MerklePatriciaTrie.emptyRoot
    /// The bits of all logs.
    public var bloom = Bloom()
    /// The work it took; 0 since Paris.
    public var difficulty = UInt256.zero
    /// Its height.
    public var number: UInt64 = 0
    /// Gas that it may use.
    public var gasLimit: UInt64 = 0
    /// Gas that it used.
    public var gasUsed: UInt64 = 0
    /// Seconds since 1970.
    public var timestamp: UInt64 = 0
    /// Anything, up to 32 bytes.
    public var extraData: [UInt8] = []
    /// Proof of work; since Paris the beacon chain's randomness.
    public var mixHash = Bytes32()
    /// Proof of work.
    public var nonce = FixedBytes<8>()
    /// What a unit of gas costs at least, in wei (London).
    public var baseFeePerGas: UInt256?
    /// The withdrawals (Shanghai).
    public var withdrawalsRoot: Bytes32?
    /// Blob gas that it used (Cancun).
    public var blobGasUsed: UInt64?
    /// Blob gas over the target that is not worked off (Cancun).
    public var excessBlobGas: UInt64?
    /// The beacon block before (Cancun).
    public var parentBeaconBlockRoot: Bytes32?
    /// The requests to the beacon chain (Prague).
    public var requestsHash: Bytes32?

    /// The digest of an empty list of uncles.
    public static let emptyUnclesHash = Keccak256.hash([0xc0])

    /// A header with nothing in it.
    public init() {}

    /// Its digest: the block's name.
    public var hash: Bytes32 { Keccak256.hash(encoding) }

    /// Reads one; trailing fields come in the order that forks added them.
    public init(_ item: RLPItem) throws(DecodeFault) {
        let fields = try item.list(limit: 21, "header")
        guard [15, 16, 17, 20, 21].contains(fields.count) else {
            throw .malformed("a header has \(fields.count) fields")
        }
        parentHash = try fields[0].fixed("parent hash")
        unclesHash = try fields[1].fixed("uncles hash")
        guard let recipient = Address(try fields[2].string("fee recipient")) else {
            throw .malformed("a fee recipient has 20 bytes")
        }
        feeRecipient = recipient
        stateRoot = try fields[3].fixed("state root")
        transactionsRoot = try fields[4].fixed("transactions root")
        receiptsRoot = try fields[5].fixed("receipts root")
        bloom = Bloom(try fields[6].fixed("bloom"))
        difficulty = try fields[7].word("difficulty")
        number = try fields[8].integer(UInt64.self, "number")
        gasLimit = try fields[9].integer(UInt64.self, "gas limit")
        gasUsed = try fields[10].integer(UInt64.self, "gas used")
        timestamp = try fields[11].integer(UInt64.self, "timestamp")
        extraData = Array(try fields[12].string("extra data"))
        mixHash = try fields[13].fixed("mix hash")
        nonce = try fields[14].fixed("nonce")
        if fields.count > 15 { baseFeePerGas = try fields[15].word("base fee") }
        if fields.count > 16 { withdrawalsRoot = try fields[16].fixed("withdrawals root") }
        if fields.count > 17 {
            blobGasUsed = try fields[17].integer(UInt64.self, "blob gas used")
            excessBlobGas = try fields[18].integer(UInt64.self, "excess blob gas")
            parentBeaconBlockRoot = try fields[19].fixed("beacon root")
        }
        if fields.count > 20 { requestsHash = try fields[20].fixed("requests hash") }
    }

    /// The bytes that are hashed.
    public var encoding: [UInt8] {
        var writer = RLPWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Writes the list of fields.
    public func write(to writer: inout RLPWriter) {
        writer.list { list in
            list.fixed(parentHash)
            list.fixed(unclesHash)
            list.address(feeRecipient)
            list.fixed(stateRoot)
            list.fixed(transactionsRoot)
            list.fixed(receiptsRoot)
            list.fixed(bloom.bytes)
            list.integer(difficulty)
            list.integer(number)
            list.integer(gasLimit)
            list.integer(gasUsed)
            list.integer(timestamp)
            list.string(extraData)
            list.fixed(mixHash)
            list.fixed(nonce)
            guard let baseFeePerGas else { return }
            list.integer(baseFeePerGas)
            guard let withdrawalsRoot else { return }
            list.fixed(withdrawalsRoot)
            guard let blobGasUsed, let excessBlobGas, let parentBeaconBlockRoot else { return }
            list.integer(blobGasUsed)
            list.integer(excessBlobGas)
            list.fixed(parentBeaconBlockRoot)
            guard let requestsHash else { return }
            list.fixed(requestsHash)
        }
    }
}

extension ExecutionHeader {
    /// The digest of a list of uncles.
    public static func unclesHash(_ uncles: [ExecutionHeader]) -> Bytes32 {
        var writer = RLPWriter()
        writer.list { list in
            for uncle in uncles { uncle.write(to: &list) }
        }
        return Keccak256.hash(writer.bytes)
    }
}
