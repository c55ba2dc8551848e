// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Staking

/// A transaction that reads well, whose messages are known, and whose blobs are paid for.
///
/// Only `LedgerTransition.read` makes one. Whether it can be paid, and whether its sequence and
/// signature fit, depends on the state and is asked when it is checked or applied.
public struct ReadTransaction: Hashable, Sendable {
    /// What it does.
    public enum Action: Hashable, Sendable {
        /// Pays for blobs.
        case payForBlobs(PayForBlobs)
        /// Moves coins and stake, message by message.
        case perform([Operation])
    }

    /// One message, but for a payment for blobs.
    public enum Operation: Hashable, Sendable {
        /// Moves coins.
        case transfer(Transfer)
        /// Stakes, or what follows from it.
        case staking(StakingMessage)
    }

    /// One movement of coins.
    public struct Transfer: Hashable, Sendable {
        /// Who gets them.
        public let recipient: AccountAddress
        /// How many.
        public let amount: UInt64
    }

    /// The transaction without its blobs.
    public let transaction: CosmosTransaction
    /// Its name.
    public let hash: Bytes32
    /// Who signs.
    public let signer: AccountAddress
    /// What it does.
    public let action: Action
    /// What it pays, in the smallest coin.
    public let fee: UInt64
    /// The sequence that it was signed for.
    public let sequence: UInt64
    /// The gas that it will use.
    public let gasUsed: UInt64
    /// The part of it that its blobs use, by which the price of gas moves.
    public let blobGas: UInt64
    /// The bytes of the transaction with its blobs.
    public let sizeBytes: Int
    /// For which account number of which chain the signature is known to hold.
    ///
    /// An account's number and key never change, so what held once holds in every later state.
    var verified: Verification?

    struct Verification: Hashable, Sendable {
        let chainID: String
        let accountNumber: UInt64
    }

    /// The most gas that it may use.
    public var gasLimit: UInt64 { transaction.authorization.fee.gasLimit }

    init(
        transaction: CosmosTransaction, signer: AccountAddress, action: Action, fee: UInt64,
        sequence: UInt64, gasUsed: UInt64, blobGas: UInt64, sizeBytes: Int
    ) {
        self.transaction = transaction
        hash = transaction.hash
        self.signer = signer
        self.action = action
        self.fee = fee
        self.sequence = sequence
        self.gasUsed = gasUsed
        self.blobGas = blobGas
        self.sizeBytes = sizeBytes
    }
}
