// SPDX-License-Identifier: Apache-2.0

package import Ledger
internal import Staking

/// What the node's account is to do with its stake; validators are named by their usual texts.
package enum StakeWish: Hashable, Sendable {
    /// Stakes coins with a validator.
    case delegate(to: String, amount: UInt64)
    /// Takes coins out of a validator's stake.
    case undelegate(from: String, amount: UInt64)
    /// Goes from one validator to another.
    case redelegate(from: String, to: String, amount: UInt64)
    /// Stays with a validator after all; the height names the entry.
    case cancelUnbonding(with: String, amount: UInt64, height: UInt64)
    /// Takes what was earned.
    case withdrawReward(from: String)
    /// Messages as they stand in a transaction.
    case messages([TypedMessage])

    /// The most messages of one transaction.
    package static let messagesMax = 16

    /// The messages of the transaction.
    func messages(
        of account: AccountAddress, _ rules: LedgerRules
    ) throws(RPCFault) -> [TypedMessage] {
        guard let staking = rules.staking else {
            throw .unsupported("state: this chain has no staking")
        }
        let message: StakingMessage
        switch self {
        case .delegate(let validator, let amount):
            message = .delegate(try Self.move(account, validator, amount, staking))
        case .undelegate(let validator, let amount):
            message = .undelegate(try Self.move(account, validator, amount, staking))
        case .redelegate(let source, let destination, let amount):
            message = .redelegate(
                try Self.move(account, source, amount, staking),
                destination: try LedgerQuestion.validator(destination, staking))
        case .cancelUnbonding(let validator, let amount, let height):
            message = .cancelUnbonding(
                try Self.move(account, validator, amount, staking), height: height)
        case .withdrawReward(let validator):
            message = .withdrawReward(
                delegator: account.bytes,
                validator: try LedgerQuestion.validator(validator, staking))
        case .messages(let messages):
            return try Self.check(messages, of: account, staking)
        }
        return [
            TypedMessage(
                typeURL: message.type.rawValue, value: message.protobuf(rules: staking))
        ]
    }

    private static func move(
        _ account: AccountAddress, _ validator: String, _ amount: UInt64, _ staking: StakingRules
    ) throws(RPCFault) -> StakeMove {
        guard amount > 0 else { throw .failed("state: an amount of nothing") }
        return StakeMove(
            delegator: account.bytes,
            validator: try LedgerQuestion.validator(validator, staking), amount: amount)
    }

    /// Only messages of staking that this account signs are signed.
    private static func check(
        _ messages: [TypedMessage], of account: AccountAddress, _ staking: StakingRules
    ) throws(RPCFault) -> [TypedMessage] {
        guard (1...messagesMax).contains(messages.count) else {
            throw .failed("state: 1 to \(messagesMax) messages, not \(messages.count)")
        }
        for message in messages {
            do throws(StakingFault) {
                guard
                    let read = try StakingMessage(
                        typeURL: message.typeURL, value: message.value, rules: staking)
                else { throw .invalidRequest("\(message.typeURL) is no message of staking") }
                guard read.signer == account.bytes else {
                    throw .invalidRequest("\(message.typeURL) is to be signed by another account")
                }
            } catch {
                throw .failed("state: \(error)")
            }
        }
        return messages
    }
}
