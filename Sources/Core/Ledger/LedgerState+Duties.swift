// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Chain
public import Staking

/// What a validator has to show, asked of the ledger; nothing on a chain without staking.
extension LedgerState {
    /// The chain's place in time; nil on a chain without staking.
    public func stakingClock(_ rules: LedgerRules) throws(StakingFault) -> StakingClock? {
        guard let staking = rules.staking else { return nil }
        return try self.staking(staking).clock()
    }

    /// All audits of a validator in the epoch that runs.
    public func audits(
        of operatorAddress: Bytes20, _ rules: LedgerRules
    ) throws(StakingFault) -> [AskedAudit] {
        guard let staking = rules.staking else { return [] }
        return try self.staking(staking).audits(
            of: operatorAddress, LedgerTransition(rules: rules).witness)
    }

    /// What waits for a validator's answer, of these audits and of all challenges.
    public func asked(
        of operatorAddress: Bytes20, audits: [AskedAudit], _ rules: LedgerRules
    ) throws(StakingFault) -> AskedDuties? {
        guard let staking = rules.staking else { return nil }
        return try self.staking(staking).asked(of: operatorAddress, audits: audits)
    }
}

extension TransactionSigner {
    /// A transaction of one message of staking, which pays what the ledger asks for now.
    ///
    /// - Throws: for a message that no block takes, and on a chain without staking.
    public func sign(
        _ message: StakingMessage, sequence: UInt64, on ledger: LedgerState
    ) throws(LedgerFault) -> [UInt8] {
        guard let staking = rules.staking else {
            throw .invalidRequest("this chain has no staking")
        }
        let typed = TypedMessage(
            typeURL: message.type.rawValue, value: message.protobuf(rules: staking))
        let gas = try gas(for: [typed], sequence: sequence)
        let quoted: UInt64?
        do throws(StakingFault) {
            quoted = try ledger.staking(staking).prices().quote(
                gas: gas, next: Height(1), heights: 1)?.fee
        } catch {
            throw .staking(error)
        }
        return sign(
            [typed], sequence: sequence, gasLimit: gas,
            fee: max(quoted ?? 0, rules.minimumGasPrice.fee(forGas: gas))
        ).encode()
    }
}
