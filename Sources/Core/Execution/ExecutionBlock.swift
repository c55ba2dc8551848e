// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Coins that the beacon chain pays out (EIP-4895).
public struct Withdrawal: Hashable, Sendable {
    /// Its number, counted over the whole chain.
    public var index: UInt64
    /// The validator.
    public var validatorIndex: UInt64
    /// Who is paid.
    public var address: Address
    /// How much, in gwei.
    public var amount: UInt64

    /// Reads one.
    public init(_ item: RLPItem) throws(DecodeFault) {
        let fields = try item.list(limit: 4, "withdrawal")
        guard fields.count == 4, let address = Address(try fields[2].string("address")) else {
            throw .malformed("a withdrawal has four fields")
        }
        index = try fields[0].integer(UInt64.self, "index")
        validatorIndex = try fields[1].integer(UInt64.self, "validator")
        self.address = address
        amount = try fields[3].integer(UInt64.self, "amount")
    }

    /// Its bytes.
    public var encoding: [UInt8] {
        var writer = RLPWriter()
        writer.list { list in
            list.integer(index)
            list.integer(validatorIndex)
            list.address(address)
            list.integer(amount)
        }
        return writer.bytes
    }
}

/// A block of Ethereum as networks carry it: nothing in it is checked but its form.
public struct ExecutionBlock: Hashable, Sendable {
    /// The header.
    public var header: ExecutionHeader
    /// The transactions in their order.
    public var transactions: [Transaction]
    /// Headers of blocks beside the chain; none since Paris.
    public var uncles: [ExecutionHeader]
    /// Coins paid out; nil before Shanghai.
    public var withdrawals: [Withdrawal]?
    /// Bytes of the whole.
    public var sizeBytes: Int

    /// Reads exactly one.
    public init(decoding bytes: [UInt8]) throws(DecodeFault) {
        let item = try RLPItem(decoding: bytes)
        let parts = try item.list(limit: 4, "block")
        guard parts.count >= 3 else { throw .malformed("a block has 3 or 4 parts") }
        header = try ExecutionHeader(parts[0])
        transactions = []
        for part in try parts[1].list("transactions") {
            transactions.append(try Transaction(item: part))
        }
        uncles = []
        for part in try parts[2].list("uncles") { uncles.append(try ExecutionHeader(part)) }
        if parts.count == 4 {
            var paid: [Withdrawal] = []
            for part in try parts[3].list("withdrawals") { paid.append(try Withdrawal(part)) }
            withdrawals = paid
        }
        sizeBytes = bytes.count
    }

    /// The bytes of the block.
    public var encoding: [UInt8] {
        var writer = RLPWriter()
        writer.list { list in
            header.write(to: &list)
            list.list { items in
                for transaction in transactions {
                    transaction.kind == .legacy
                        ? items.raw(transaction.encoding) : items.string(transaction.encoding)
                }
            }
            list.list { items in
                for uncle in uncles { uncle.write(to: &items) }
            }
            if let withdrawals {
                list.list { items in
                    for withdrawal in withdrawals { items.raw(withdrawal.encoding) }
                }
            }
        }
        return writer.bytes
    }
}
