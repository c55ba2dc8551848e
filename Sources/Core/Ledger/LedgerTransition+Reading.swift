// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
public import DataSquare
internal import Staking

/// Reading: everything about a transaction that no state is needed for.
extension LedgerTransition {
    /// Reads a transaction of a block or a client, with blobs or without.
    public func read(
        _ bytes: [UInt8], reading: BlobTransaction.Reading = .canonical
    ) throws(LedgerFault) -> ReadTransaction {
        guard bytes.count <= CosmosTransaction.sizeLimit else {
            throw .tooLarge(actual: bytes.count, limit: CosmosTransaction.sizeLimit)
        }
        let carrier: BlobTransaction?
        do throws(DecodeFault) {
            carrier = try BlobTransaction.decodeIfMarked(bytes, reading: reading)
        } catch {
            throw .undecodable(error)
        }
        guard let carrier else { return try read(bytes, blobs: [], sizeBytes: bytes.count) }
        return try read(carrier.transaction, blobs: carrier.blobs, sizeBytes: bytes.count)
    }

    /// Reads a transaction that was already taken from its carrier.
    public func read(_ carrier: BlobTransaction) throws(LedgerFault) -> ReadTransaction {
        let size = carrier.blobs.reduce(carrier.transaction.count) { $0 + $1.data.count }
        return try read(carrier.transaction, blobs: carrier.blobs, sizeBytes: size)
    }

    /// Reads a transaction with the blobs that it pays for; of blobs whose content is not at hand,
    /// everything is checked but the content.
    func read(
        _ bytes: [UInt8], blobs: [Blob], sizeBytes: Int, isContentKnown: Bool = true
    ) throws(LedgerFault) -> ReadTransaction {
        let transaction: CosmosTransaction
        do throws(DecodeFault) {
            transaction = try CosmosTransaction.decode(bytes)
        } catch {
            throw .undecodable(error)
        }
        try checkForm(transaction)
        let (signer, action) = try action(of: transaction)
        guard let info = transaction.authorization.signers.first else { throw .noSignatures }
        let fee = try fee(of: transaction, signer: signer)
        var gas = LedgerRules.transactionGas
        gas += UInt64(bytes.count) * BlobFee.gasPerTransactionByte
        var blobGas: UInt64 = 0
        switch action {
        case .perform(let operations):
            guard blobs.isEmpty else { throw .blob(.noPayment) }
            for operation in operations { gas += Self.gas(for: operation) }
        case .payForBlobs(let payment):
            try checkSizes(blobs, transactionSize: bytes.count)
            if isContentKnown { try checkContent(blobs, payment: payment, signer: signer) }
            blobGas = BlobFee.gas(forBlobs: blobs)
            gas += blobGas
        }
        return ReadTransaction(
            transaction: transaction, signer: signer, action: action, fee: fee,
            sequence: info.sequence, gasUsed: gas, blobGas: blobGas, sizeBytes: sizeBytes)
    }

    /// The key that came along, or nil where the chain must know it.
    func signerKey(
        _ transaction: CosmosTransaction
    ) throws(LedgerFault) -> Secp256k1PublicKey? {
        do throws(DecodeFault) {
            return try transaction.authorization.signers.first?.key()
        } catch {
            throw .invalidKey(error.description)
        }
    }

    private func checkForm(_ transaction: CosmosTransaction) throws(LedgerFault) {
        let memo = transaction.body.memo.utf8.count
        guard memo <= TransactionBody.memoLimit else {
            throw .memoTooLong(actual: memo, limit: TransactionBody.memoLimit)
        }
        guard !transaction.body.messages.isEmpty else {
            throw .invalidRequest("must contain at least one message")
        }
        guard !transaction.signatures.isEmpty else { throw .noSignatures }
        let signers = transaction.authorization.signers
        guard signers.count == 1, transaction.signatures.count == 1 else {
            throw .invalidRequest("exactly one signer is supported")
        }
        guard signers[0].mode == .direct else {
            throw .invalidRequest("only the direct sign mode is supported")
        }
    }

    /// Who signs and what is to be done; all messages must be of one signer.
    private func action(
        of transaction: CosmosTransaction
    ) throws(LedgerFault) -> (AccountAddress, ReadTransaction.Action) {
        let messages = transaction.body.messages
        if let payment = messages.first(where: { $0.typeURL == PayForBlobs.typeURL }) {
            guard messages.count == 1 else { throw .blob(.severalMessages) }
            let payment = try decoded { () throws(DecodeFault) in
                try PayForBlobs(protobuf: payment.value)
            }
            return (try address(payment.signer), .payForBlobs(payment))
        }
        var signer: AccountAddress?
        var operations: [ReadTransaction.Operation] = []
        for message in messages {
            let (sender, operation) = try operation(of: message)
            guard signer == nil || signer == sender else {
                throw .invalidRequest("exactly one signer is supported")
            }
            signer = sender
            operations.append(operation)
        }
        guard let signer else { throw .noSignatures }
        return (signer, .perform(operations))
    }

    /// A transfer or, on a chain that has it, a message of staking; and who must have signed it.
    private func operation(
        of message: TypedMessage
    ) throws(LedgerFault) -> (AccountAddress, ReadTransaction.Operation) {
        if message.typeURL == SendMessage.typeURL {
            let send = try decoded { () throws(DecodeFault) in
                try SendMessage(protobuf: message.value)
            }
            let sender = try address(send.sender)
            let transfer = ReadTransaction.Transfer(
                recipient: try address(send.recipient), amount: try amount(send.amount))
            return (sender, .transfer(transfer))
        }
        guard let staking = rules.staking else { throw .unknownMessage(message.typeURL) }
        do throws(StakingFault) {
            if let message = try StakingMessage(
                typeURL: message.typeURL, value: message.value, rules: staking)
            {
                return (AccountAddress(message.signer), .staking(message))
            }
        } catch {
            throw .staking(error)
        }
        throw .unknownMessage(message.typeURL)
    }

    private static func gas(for operation: ReadTransaction.Operation) -> UInt64 {
        switch operation {
        case .transfer: LedgerRules.sendGas
        case .staking(let message): LedgerRules.gas(for: message)
        }
    }

    private func fee(
        of transaction: CosmosTransaction, signer: AccountAddress
    ) throws(LedgerFault) -> UInt64 {
        let fee = transaction.authorization.fee
        guard fee.granter.isEmpty else {
            throw .invalidRequest("fee grants are not supported")
        }
        if !fee.payer.isEmpty {
            guard try address(fee.payer) == signer else {
                throw .invalidRequest("only the signer can pay the fee")
            }
        }
        return fee.amount.isEmpty ? 0 : try amount(fee.amount)
    }

    private func checkSizes(_ blobs: [Blob], transactionSize: Int) throws(LedgerFault) {
        guard !blobs.isEmpty else { throw .blob(.withoutBlobs) }
        let limit = rules.squareSizeMax * rules.squareSizeMax
        let shares =
            blobs.reduce(0) { $0 + $1.shareCount }
            + CompactShareSplitter.shareCount(
                streamSizeBytes: CompactShareSplitter.streamSizeBytes(
                    unitSizeBytes: transactionSize))
        guard shares <= limit else { throw .blob(.tooLarge(shares: shares, limit: limit)) }
    }

    private func checkContent(
        _ blobs: [Blob], payment: PayForBlobs, signer: AccountAddress
    ) throws(LedgerFault) {
        do throws(BlobPaymentFault) {
            try BlobPayment.check(payment, signer: signer, blobs: blobs)
        } catch {
            throw .blob(error)
        }
    }

    private func amount(_ coins: [Coin]) throws(LedgerFault) -> UInt64 {
        guard coins.count == 1, coins[0].denom == rules.denom, coins[0].amount > 0 else {
            throw .invalidCoins("only \(rules.denom), and more than none")
        }
        return coins[0].amount
    }

    func address(_ text: String) throws(LedgerFault) -> AccountAddress {
        do throws(DecodeFault) {
            return try AccountAddress(bech32: text, prefix: rules.addressPrefix)
        } catch {
            throw .invalidAddress(error.description)
        }
    }

    func decoded<Message>(
        _ body: () throws(DecodeFault) -> Message
    ) throws(LedgerFault) -> Message {
        do throws(DecodeFault) {
            return try body()
        } catch {
            throw .undecodable(error)
        }
    }
}
