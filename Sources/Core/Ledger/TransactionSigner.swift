// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Chain
public import Cryptography
public import DataSquare

/// Makes signed transactions of one account; the same ones for the same input.
public struct TransactionSigner: Sendable {
    /// The account's key.
    public let key: Secp256k1PrivateKey
    /// The chain's constants.
    public let rules: LedgerRules
    /// The account's number.
    public var accountNumber: UInt64

    /// Takes a key and where it is used.
    public init(key: Secp256k1PrivateKey, rules: LedgerRules, accountNumber: UInt64) {
        self.key = key
        self.rules = rules
        self.accountNumber = accountNumber
    }

    /// The account.
    public var address: AccountAddress { AccountAddress(of: key.publicKey) }
    /// The account as text.
    public var bech32: String { address.bech32(prefix: rules.addressPrefix) }

    /// The transaction that pays for blobs, with them.
    ///
    /// The gas limit is the estimate for the blobs unless given, the fee `price` times that. It
    /// throws when there are no blobs.
    public func payForBlobs(
        _ blobs: [Blob], sequence: UInt64, price: GasPrice = .usualMinimum,
        gasLimit: UInt64? = nil, fee: UInt64? = nil, memo: String = ""
    ) throws(DecodeFault) -> BlobTransaction {
        let payment = PayForBlobs(signer: bech32, blobs: blobs)
        let gas = gasLimit ?? BlobFee.estimatedGas(forBlobs: blobs)
        let transaction = sign(
            [TypedMessage(typeURL: PayForBlobs.typeURL, value: payment.protobuf)],
            sequence: sequence, gasLimit: gas, fee: fee ?? price.fee(forGas: gas), memo: memo)
        return try BlobTransaction(transaction: transaction.encode(), blobs: blobs)
    }

    /// The transaction that gives coins to another account.
    public func send(
        _ amount: UInt64, to recipient: AccountAddress, sequence: UInt64,
        price: GasPrice = .usualMinimum, gasLimit: UInt64 = 100_000, fee: UInt64? = nil,
        memo: String = ""
    ) -> CosmosTransaction {
        let message = SendMessage(
            sender: bech32, recipient: recipient.bech32(prefix: rules.addressPrefix),
            amount: [Coin(denom: rules.denom, amount: amount)])
        return sign(
            [TypedMessage(typeURL: SendMessage.typeURL, value: message.protobuf)],
            sequence: sequence, gasLimit: gasLimit, fee: fee ?? price.fee(forGas: gasLimit),
            memo: memo)
    }

    /// What the varints of fee and gas limit may add to a transaction that gas was counted of.
    private static let slackGas: UInt64 = 32 * BlobFee.gasPerTransactionByte

    /// The gas limit for messages: what they use, and a little for a longer fee.
    ///
    /// - Throws: for messages that no block takes.
    public func gas(
        for messages: [TypedMessage], sequence: UInt64
    ) throws(LedgerFault) -> UInt64 {
        let trial = sign(messages, sequence: sequence, gasLimit: 1, fee: 1)
        return try LedgerTransition(rules: rules).read(trial.encode()).gasUsed + Self.slackGas
    }

    /// A transaction of any messages, signed.
    public func sign(
        _ messages: [TypedMessage], sequence: UInt64, gasLimit: UInt64, fee: UInt64,
        memo: String = "", timeoutHeight: UInt64 = 0
    ) -> CosmosTransaction {
        let coins = fee == 0 ? [] : [Coin(denom: rules.denom, amount: fee)]
        let transaction = CosmosTransaction(
            body: TransactionBody(
                messages: messages, memo: memo, timeoutHeight: timeoutHeight),
            authorization: TransactionAuthorization(
                signers: [TransactionSignerInfo(key: key.publicKey, sequence: sequence)],
                fee: TransactionFee(amount: coins, gasLimit: gasLimit)))
        let document = transaction.signDocument(
            chainID: rules.chainID, accountNumber: accountNumber)
        let signature = key.sign(digest: SHA256.hash(document))
        return transaction.signed(by: [signature.array])
    }
}
