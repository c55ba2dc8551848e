// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Pooling

/// How orders become signed transactions.
extension Node {
    /// Signs an order, at once or as soon as its price is known.
    mutating func signInTurn(
        _ held: PriceBook.Held, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if case .signed(let transaction) = held.order.wish {
            return bring(transaction, held.key, at: now, into: &effects)
        }
        guard let price = price(for: held, at: now, into: &effects) else { return }
        sign(held, price: price, at: now, into: &effects)
    }

    /// Brings in what somebody else has signed.
    private mutating func bring(
        _ transaction: [UInt8], _ key: SubmissionKey, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        do throws(DecodeFault) {
            let carrier = try BlobTransaction.decodeIfMarked(transaction)
            let hash = SHA256.hash(carrier?.transaction ?? transaction)
            tellSubmission(.signed(key, transaction: transaction, hash: hash), now, &effects)
        } catch {
            tellSubmission(.notSigned(key, "\(error): tx parse error"), now, &effects)
        }
    }

    private static func gas(
        for messages: [TypedMessage], _ sequence: UInt64, _ signer: TransactionSigner
    ) throws(DecodeFault) -> UInt64 {
        do throws(LedgerFault) {
            return try signer.gas(for: messages, sequence: sequence)
        } catch {
            throw .malformed("\(error)")
        }
    }

    mutating func sign(
        _ held: PriceBook.Held, price: GasPrice, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        let order = held.order
        guard let secret = configuration.accountKey else { return }
        if let most = order.gasPriceMillionthsMax, order.gasPriceMillionths == nil,
            price.millionths > most
        {
            let words =
                "gas price \(price) is above the most that may be paid, "
                + "\(GasPrice(millionths: most))"
            return tellSubmission(.notSigned(held.key, words), now, &effects)
        }
        let signer = TransactionSigner(
            key: secret, rules: configuration.rules, accountNumber: held.number)
        do throws(DecodeFault) {
            let signed: (bytes: [UInt8], hash: Bytes32)
            switch order.wish {
            case .post(let blobs):
                let carrier = try signer.payForBlobs(
                    blobs, sequence: held.sequence, price: price, gasLimit: order.gasLimit)
                signed = (carrier.encode(), SHA256.hash(carrier.transaction))
            case .transfer(let recipient, let amount):
                let transaction = signer.send(
                    amount, to: AccountAddress(recipient), sequence: held.sequence,
                    price: price, gasLimit: order.gasLimit ?? 100_000)
                signed = (transaction.encode(), transaction.hash)
            case .perform(let messages):
                let gas: UInt64
                if let limit = order.gasLimit {
                    gas = limit
                } else {
                    gas = try Self.gas(for: messages, held.sequence, signer)
                }
                let transaction = signer.sign(
                    messages, sequence: held.sequence, gasLimit: gas,
                    fee: price.fee(forGas: gas))
                signed = (transaction.encode(), transaction.hash)
            case .signed: preconditionFailure("what is signed is not signed again")
            }
            tellSubmission(
                .signed(held.key, transaction: signed.bytes, hash: signed.hash), now, &effects)
        } catch {
            tellSubmission(.notSigned(held.key, "\(error)"), now, &effects)
        }
    }
}
