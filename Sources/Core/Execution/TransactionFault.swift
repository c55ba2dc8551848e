// SPDX-License-Identifier: Apache-2.0

/// Why a transaction cannot stand in a block.
public enum TransactionFault: Error, Hashable, Sendable {
    /// The fork does not have its type yet.
    case kind(Transaction.Kind)
    /// It is for another chain.
    case chainID
    /// The signature is nobody's, or one that the fork refuses.
    case signature
    /// Its nonce is not the account's.
    case nonce(expected: UInt64, actual: UInt64)
    /// Its nonce, or the account's, can grow no further.
    case nonceIsLargest
    /// Its gas does not pay for what it carries.
    case intrinsicGas(needed: UInt64)
    /// It may use more gas than one transaction can (EIP-7825), or than the block has left.
    case gasLimit
    /// Its price times its gas is no number of 256 bits.
    case feeOverflow
    /// Its fee cap is below the block's base fee.
    case feeBelowBase
    /// Its tip is above its fee cap.
    case tipAboveCap
    /// The sender cannot pay for it.
    case funds
    /// The sender is a contract (EIP-3607).
    case senderHasCode
    /// The code that makes a contract is too long (EIP-3860).
    case creationCodeSize
    /// It has no blobs, or too many, or one whose hash has an unknown version.
    case blobs
    /// Its cap on the price of blob gas is below the block's.
    case blobFeeBelowBase
    /// It has no authorizations though that is its type.
    case authorizations
    /// It met a precompiled contract that this engine does not have: no outcome can be told.
    case missingPrecompile(Address)
}
