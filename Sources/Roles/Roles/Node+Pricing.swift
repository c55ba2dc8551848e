// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Ledger
internal import Machinery
internal import Pooling
internal import Staking

/// What the node knows of the price of gas, and the order that waits to be told it.
struct PriceBook {
    /// An order that is signed as soon as the price is known.
    struct Held {
        let key: SubmissionKey
        let order: SubmissionOrder
        let number: UInt64
        let sequence: UInt64
    }

    /// The newest quote, and the head when it came.
    var quote: FeeQuote?
    var quotedAt: UInt64 = 0
    var held: Held?
}

/// The price of gas of our own transactions: what their sender says, else what the chain quotes.
///
/// Specified in Protocol/11-submission.md#price.
extension Node {
    /// For how many blocks a quote is used again; those that are left are for waiting in line.
    private static let quoteUsedBlocks: UInt64 = 1

    /// The price for an order; nil while it is being asked for, and the order is held then.
    mutating func price(
        for held: PriceBook.Held, at now: Instant, into effects: inout [RoleEffect]
    ) -> GasPrice? {
        if let price = held.order.gasPriceMillionths { return GasPrice(millionths: price) }
        guard configuration.rules.staking != nil else {
            return GasPrice(millionths: defaultPrice)
        }
        if let quote = prices.quote, chain.height <= prices.quotedAt + Self.quoteUsedBlocks {
            return GasPrice(atLeast: quote.gasPrice)
        }
        prices.held = held
        do throws(RPCFault) {
            let question = LedgerQuestion.quote(
                sizeBytes: 1, heights: UInt64(BasePrices.heldHeights))
            let need = try question.need(of: account, configuration.rules)
            inquire(need, for: .signing, at: now, into: &effects)
        } catch {
            prices.held = nil
            tellSubmission(.notSigned(held.key, error.text), now, &effects)
        }
        return nil
    }

    /// The chain said what gas costs, or nobody could tell.
    mutating func priceCame(
        _ result: Result<LedgerAnswer, RPCFault>, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let held = prices.held else { return }
        prices.held = nil
        guard case .success(let answer) = result, case .quote(let quote, _) = answer.finding else {
            let words = if case .failure(let fault) = result { fault.text } else { "no quote" }
            effects.append(.report(.note("the price of gas is not known: \(words)")))
            // Whoever takes the transaction says what is missing.
            return sign(held, price: GasPrice(millionths: defaultPrice), at: now, into: &effects)
        }
        prices.quote = quote
        prices.quotedAt = chain.height
        sign(held, price: GasPrice(atLeast: quote.gasPrice), at: now, into: &effects)
    }

    /// What is paid where the chain does not say what gas costs.
    var defaultPrice: UInt64 {
        max(
            Self.millionths(configuration.gasPriceNano),
            configuration.rules.minimumGasPrice.millionths)
    }
}
