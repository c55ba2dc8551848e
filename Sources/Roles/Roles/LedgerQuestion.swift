// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Ledger
internal import Staking

/// What somebody asks of the ledger; addresses are their usual texts.
///
/// A validator reads its ledger. All others ask one, and read what it proved under the app hash of a
/// header that they verified themselves. Specified in Protocol/17-json-rpc.md#ledger-questions.
package enum LedgerQuestion: Hashable, Sendable {
    /// What a blob of so many bytes costs, at the price that holds for so many heights, at most 8.
    case quote(sizeBytes: UInt64, heights: UInt64)
    /// A key's value, with its proof.
    case proof(key: [UInt8])
    /// An account; nil is the node's own.
    case account(String?)
    /// What the node's account has staked with a validator.
    case delegation(validator: String)
    /// What that has earned.
    case rewards(validator: String)
    /// What of it is on its way out.
    case unbonding(validator: String)
    /// What went from one validator to another.
    case redelegations(from: String, to: String)
    /// A validator.
    case validator(String)
    /// All validators.
    case validators
    /// The committee of an epoch; nil is the one that runs.
    case committee(epoch: UInt64?)
    /// Where all coins are.
    case supply
}

/// What must be looked up for a question, and what is made of it.
struct LedgerNeed: Sendable {
    let lookups: [LedgerLookup]
    let answer: @Sendable (LedgerExcerpt, _ height: UInt64) -> Result<LedgerFinding, RPCFault>
}

extension LedgerQuestion {
    /// What must be looked up; throws what is wrong with the question itself.
    func need(
        of account: AccountAddress?, _ rules: LedgerRules
    ) throws(RPCFault) -> LedgerNeed {
        switch self {
        case .proof(let key):
            return LedgerNeed(lookups: [.entry(key)]) { excerpt, _ in
                .success(.value(excerpt.value(of: key)))
            }
        case .account(let text):
            let address = try Self.account(text, own: account, rules)
            return LedgerNeed(lookups: [.account(address)]) { excerpt, _ in
                do throws(DecodeFault) {
                    return .success(.account(address, try excerpt.account(address)))
                } catch {
                    return .failure(.failed("state: \(error)"))
                }
            }
        default: break
        }
        guard let staking = rules.staking else {
            throw .unsupported("state: this chain has no staking")
        }
        switch self {
        case .quote(let size, let heights):
            return try Self.quote(sizeBytes: size, heights: heights, staking)
        case .validators, .validator, .committee, .supply: return try ofEverybody(rules, staking)
        default: return try own(try Self.account(nil, own: account, rules), rules, staking)
        }
    }

    /// A need whose answer is read of what is staked.
    private static func staked(
        _ staking: StakingRules, _ lookups: [LedgerLookup],
        _ body:
            @escaping @Sendable (
                StakingState<MemoryStakingStore, NoAccounts>
            ) throws(StakingFault) -> LedgerFinding
    ) -> LedgerNeed {
        LedgerNeed(lookups: lookups) { excerpt, _ in
            do throws(StakingFault) {
                return .success(try body(excerpt.staking(staking)))
            } catch {
                return .failure(.failed("state: \(error)"))
            }
        }
    }

    private static func quote(
        sizeBytes: UInt64, heights: UInt64, _ staking: StakingRules
    ) throws(RPCFault) -> LedgerNeed {
        guard sizeBytes > 0, sizeBytes <= UInt64(Blob.sizeBytesMax) else {
            throw .failed(
                "fee: a blob has 1 to \(Blob.sizeBytesMax) bytes, not \(sizeBytes)")
        }
        guard (1...UInt64(BasePrices.heldHeights)).contains(heights) else {
            throw .failed(
                "fee: a price is promised for 1 to \(BasePrices.heldHeights) heights, not "
                    + "\(heights)")
        }
        let shares = Blob.shareCount(sizeBytes: Int(sizeBytes), hasSigner: false)
        let gas = BlobFee.estimatedGas(forShares: shares, blobs: 1)
        return LedgerNeed(lookups: [.entry(StakingKey.prices)]) { excerpt, next in
            do throws(StakingFault) {
                let prices = try excerpt.staking(staking).prices()
                guard
                    let quote = prices.quote(
                        gas: gas, next: Height(next), heights: Int(heights))
                else { return .failure(.failed("fee: no coins suffice for \(gas) gas")) }
                return .success(.quote(quote, gas: gas))
            } catch {
                return .failure(.failed("fee: \(error)"))
            }
        }
    }

    /// Questions about everybody.
    private func ofEverybody(
        _ rules: LedgerRules, _ staking: StakingRules
    ) throws(RPCFault) -> LedgerNeed {
        switch self {
        case .validator(let text):
            let address = try Self.validator(text, staking)
            let keys = [StakingKey.validator(address), StakingKey.description(address)]
            return Self.staked(staking, keys.map { .entry($0) }) { state throws(StakingFault) in
                guard let validator = try state.validator(address) else { throw .noValidator }
                return .validators([
                    ValidatorView(
                        validator: validator,
                        description: try state.description(of: address)
                            ?? ValidatorDescription())
                ])
            }
        case .committee(let epoch):
            let lookups: [LedgerLookup] =
                epoch.map { [.entry(StakingKey.committee($0))] }
                ?? [.entry(StakingKey.clock), .entries(prefix: StakingKey.committees)]
            return Self.staked(staking, lookups) { state throws(StakingFault) in
                let wanted: UInt64
                if let epoch { wanted = epoch } else { wanted = try state.clock().epoch }
                guard let committee = try state.committee(of: wanted) else {
                    throw .invalidRequest("no committee of epoch \(wanted) is kept")
                }
                return .committee(committee)
            }
        case .supply:
            return Self.staked(staking, [.entry(StakingKey.totals)]) {
                state throws(StakingFault) in .supply(try state.totals())
            }
        default:
            let lookups: [LedgerLookup] = [
                .entries(prefix: StakingKey.validators),
                .entries(prefix: StakingKey.descriptions),
            ]
            return Self.staked(staking, lookups) { state throws(StakingFault) in
                var views: [ValidatorView] = []
                for validator in try state.validators() {
                    let description = try state.description(of: validator.operatorAddress)
                    views.append(
                        ValidatorView(
                            validator: validator,
                            description: description ?? ValidatorDescription()))
                }
                return .validators(views)
            }
        }
    }
}

/// Questions about the node's own stake.
extension LedgerQuestion {
    private func own(
        _ account: AccountAddress, _ rules: LedgerRules, _ staking: StakingRules
    ) throws(RPCFault) -> LedgerNeed {
        let delegator = account.bytes
        switch self {
        case .delegation(let text), .rewards(let text):
            let address = try Self.validator(text, staking)
            let isReward = if case .rewards = self { true } else { false }
            let keys = [
                StakingKey.validator(address), StakingKey.delegation(to: address, by: delegator),
            ]
            return Self.staked(staking, keys.map { .entry($0) }) { state throws(StakingFault) in
                guard let validator = try state.validator(address) else { throw .noValidator }
                guard let delegation = try state.delegation(of: delegator, to: address) else {
                    throw .noDelegation
                }
                if isReward {
                    return .rewards(try state.reward(of: delegation, with: validator))
                }
                return .delegation(
                    DelegationView(
                        delegator: delegator, validator: address, shares: delegation.shares,
                        worth: try validator.coins(of: delegation.shares)))
            }
        case .unbonding(let text):
            let address = try Self.validator(text, staking)
            let prefix = StakingKey.unbonding(from: address, by: delegator)
            return Self.staked(staking, [.entries(prefix: prefix)]) {
                state throws(StakingFault) in
                let entries = try state.unbondingEntries(of: delegator, from: address)
                guard !entries.isEmpty else { throw .noUnbonding }
                return .unbonding(
                    UnbondingView(delegator: delegator, validator: address, entries: entries))
            }
        case .redelegations(let from, let to):
            let source = try Self.validator(from, staking)
            let destination = try Self.validator(to, staking)
            let keys = [
                StakingKey.redelegation(from: source, by: delegator),
                StakingKey.validator(destination),
            ]
            return Self.staked(staking, keys.map { .entry($0) }) { state throws(StakingFault) in
                guard
                    let found = try state.redelegation(of: delegator, from: source),
                    found.destination == destination
                else { throw .noDelegation }
                return .redelegation(
                    RedelegationView(delegator: delegator, source: source, redelegation: found))
            }
        default: preconditionFailure("\(self) is not about the node's own stake")
        }
    }

    private static func account(
        _ text: String?, own: AccountAddress?, _ rules: LedgerRules
    ) throws(RPCFault) -> AccountAddress {
        guard let text else {
            guard let own else {
                throw .unsupported("this node has no account key; start it with --key")
            }
            return own
        }
        do throws(DecodeFault) {
            return try AccountAddress(bech32: text, prefix: rules.addressPrefix)
        } catch {
            throw .failed("\(text) is no address: \(error)")
        }
    }

    static func validator(
        _ text: String, _ staking: StakingRules
    ) throws(RPCFault) -> Bytes20 {
        do throws(DecodeFault) {
            return try AccountAddress(bech32: text, prefix: staking.operatorPrefix).bytes
        } catch {
            throw .failed("\(text) is no address of a validator: \(error)")
        }
    }
}
