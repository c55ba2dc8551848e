// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// What became of a transaction in a block.
public struct TransactionResult: Hashable, Sendable {
    /// The name of the transaction.
    public var hash: Bytes32
    /// Why its messages failed, or nil; the fee is paid either way.
    public var fault: LedgerFault?
    /// The most gas that it wanted to use.
    public var gasWanted: UInt64
    /// The gas that it used.
    public var gasUsed: UInt64
    /// Who signed it.
    public var signer: AccountAddress
    /// What was paid.
    public var fee: UInt64

    /// Zero for success, else the fault's number.
    public var code: UInt32 { fault?.code ?? 0 }

    /// The part that all nodes agree on: CometBFT's `ExecTxResult {uint32 code=1; bytes data=2;
    /// int64 gas_wanted=5; int64 gas_used=6}`.
    public var deterministicProtobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, UInt64(code))
        writer.signed(5, Int64(clamping: gasWanted))
        writer.signed(6, Int64(clamping: gasUsed))
        return writer.bytes
    }

    /// The next header's `lastResultsHash`: the RFC 6962 root over the results of a block.
    public static func root(_ results: [TransactionResult]) -> Bytes32 {
        MerkleTree.root(results.map(\.deterministicProtobuf))
    }
}
