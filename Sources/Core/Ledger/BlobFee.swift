// SPDX-License-Identifier: Apache-2.0

public import Chain
public import DataSquare

/// What blobs cost: gas for their shares, for the transaction's bytes, and a fixed part.
///
/// Specified in Protocol/10-chain-and-ledger.md#gas.
public enum BlobFee {
    /// Gas for each byte of a share.
    public static let gasPerByte: UInt64 = 8
    /// Gas for each byte of the transaction without its blobs.
    public static let gasPerTransactionByte: UInt64 = 10
    /// Bytes that each blob adds to the transaction, as clients reckon.
    public static let bytesPerBlobInfo: UInt64 = 70
    /// What clients add for signature and bookkeeping.
    public static let fixedGas: UInt64 = 75_000

    /// Gas that the blobs' shares use.
    public static func gas(forShares count: Int) -> UInt64 {
        UInt64(clamping: count) &* UInt64(Share.sizeBytes) &* gasPerByte
    }

    /// Gas that the blobs' shares use.
    public static func gas(forBlobs blobs: [Blob]) -> UInt64 {
        gas(forShares: blobs.reduce(0) { $0 + $1.shareCount })
    }

    /// The gas limit that clients put into a transaction: 79 796 for one blob of one share.
    public static func estimatedGas(forBlobs blobs: [Blob]) -> UInt64 {
        estimatedGas(
            forShares: blobs.reduce(0) { $0 + $1.shareCount }, blobs: blobs.count)
    }

    /// The same for so many blobs that take so many shares together.
    public static func estimatedGas(forShares shares: Int, blobs: Int) -> UInt64 {
        gas(forShares: shares) + gasPerTransactionByte * bytesPerBlobInfo * UInt64(blobs)
            + fixedGas
    }

    /// The fee that clients put into a transaction.
    public static func estimate(forBlobs blobs: [Blob], price: GasPrice) -> UInt64 {
        price.fee(forGas: estimatedGas(forBlobs: blobs))
    }
}
