// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Ledger
internal import Roles
internal import Staking

/// How amounts, addresses and times read on a chain.
struct LedgerTexts {
    let denom: String
    private let accountPrefix: String
    private let validatorPrefix: String

    init(_ rules: LedgerRules) {
        denom = rules.denom
        accountPrefix = rules.addressPrefix
        validatorPrefix = rules.staking?.operatorPrefix ?? rules.addressPrefix
    }

    func account(_ address: Bytes20) -> String {
        AccountAddress(address).bech32(prefix: accountPrefix)
    }

    func validator(_ address: Bytes20) -> String {
        AccountAddress(address).bech32(prefix: validatorPrefix)
    }

    func coin(_ amount: UInt64, to writer: inout JSONWriter) {
        coin(String(amount), to: &writer)
    }

    func coin(_ amount: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("denom", denom)
            writer.member("amount", amount)
        }
    }

    func time(_ milliseconds: UInt64) -> String {
        Timestamp(nanosecondsSince1970: milliseconds.multipliedReportingOverflow(by: 1_000_000).0)
            .description
    }

    /// A decimal with all of its 18 places, as Cosmos writes it.
    func decimal(_ number: Decimal18) -> String {
        let places = String(number.raw % Decimal18.scale)
        return "\(number.raw / Decimal18.scale)."
            + String(repeating: "0", count: 18 - places.utf8.count) + places
    }
}

/// What is staked, delegation by delegation: the forms of `cosmos.staking.v1beta1` as Go writes them.
extension LedgerJSON {
    static func write(
        _ view: DelegationView, _ texts: LedgerTexts, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("delegation_response") { writer in
                writer.object { writer in
                    writer.member("delegation") { writer in
                        writer.object { writer in
                            writer.member("delegator_address", texts.account(view.delegator))
                            writer.member("validator_address", texts.validator(view.validator))
                            writer.member("shares", texts.decimal(Decimal18(view.shares)))
                        }
                    }
                    writer.member("balance") { texts.coin(view.worth, to: &$0) }
                }
            }
        }
    }

    static func write(
        _ view: UnbondingView, _ texts: LedgerTexts, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("unbond") { writer in
                writer.object { writer in
                    writer.member("delegator_address", texts.account(view.delegator))
                    writer.member("validator_address", texts.validator(view.validator))
                    writer.member("entries") { writer in
                        writer.array(view.entries) { writer, found in
                            writer.object { writer in
                                writer.member("creation_height", found.height)
                                writer.member("completion_time", texts.time(found.entry.due))
                                writer.member("initial_balance", String(found.entry.balance))
                                writer.member("balance", String(found.entry.balance))
                            }
                        }
                    }
                }
            }
        }
    }

    static func write(
        _ view: RedelegationView, _ texts: LedgerTexts, to writer: inout JSONWriter
    ) {
        let entry = view.redelegation
        writer.object { writer in
            writer.member("redelegation_responses") { writer in
                writer.array { writer in
                    writer.object { writer in
                        writer.member("redelegation") { writer in
                            writer.object { writer in
                                writer.member(
                                    "delegator_address", texts.account(view.delegator))
                                writer.member(
                                    "validator_src_address", texts.validator(view.source))
                                writer.member(
                                    "validator_dst_address", texts.validator(entry.destination))
                                writer.member("entries") { $0.null() }
                            }
                        }
                        writer.member("entries") { writer in
                            writer.array { write(entry, texts, to: &$0) }
                        }
                    }
                }
            }
        }
    }

    private static func write(
        _ entry: Redelegation, _ texts: LedgerTexts, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("redelegation_entry") { writer in
                writer.object { writer in
                    writer.member("creation_height", entry.height)
                    writer.member("completion_time", texts.time(entry.due))
                    writer.member("initial_balance", String(entry.coins))
                    writer.member("shares_dst", texts.decimal(Decimal18(entry.coins)))
                }
            }
            writer.member("balance", String(entry.coins))
        }
    }
}

/// Validators, committees and coins: forms of our own.
extension LedgerJSON {
    static func write(
        _ view: ValidatorView, _ texts: LedgerTexts, to writer: inout JSONWriter
    ) {
        let validator = view.validator
        writer.object { writer in
            writer.member("operator_address", texts.validator(validator.operatorAddress))
            writer.member("moniker", view.description.fields[0])
            writer.member("consensus_key", base64: validator.consensusKey.array)
            if validator.nextKey != validator.consensusKey {
                writer.member("next_key", base64: validator.nextKey.array)
            }
            writer.member("tokens", String(validator.tokens))
            writer.member("shares", String(validator.shares))
            writer.member("min_self_delegation", String(validator.selfMinimum))
            writer.member("rewards", String(validator.rewards))
            writer.member("commission", String(validator.commission))
            writer.member("commission_rate", texts.decimal(validator.commissionRate))
            writer.member("max_rate", texts.decimal(validator.commissionRateMax))
            writer.member("max_change_rate", texts.decimal(validator.commissionRiseMax))
            writer.member("jailed", validator.isJailed)
            if validator.isJailed {
                writer.member("jailed_until", texts.time(validator.jailedUntil))
            }
            writer.member("tombstoned", validator.isTombstoned)
            writer.member("needs_new_key", validator.needsNewKey)
            writer.member("open_faults", validator.openFaults)
        }
    }

    static func write(
        _ committee: Staking.CommitteeRecord, _ texts: LedgerTexts, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("epoch", committee.epoch)
            writer.member("first_height", committee.firstHeight)
            writer.member("members") { writer in
                writer.array(zip(committee.members, committee.powers)) { writer, pair in
                    writer.object { writer in
                        writer.member(
                            "operator_address", texts.validator(pair.0.operatorAddress))
                        writer.member("consensus_key", base64: pair.0.key.array)
                        writer.member("address", hex: pair.0.address.array)
                        writer.member("weight", String(pair.0.weight))
                        writer.member("power", String(pair.1))
                    }
                }
            }
        }
    }

    static func write(
        _ totals: StakingTotals, _ texts: LedgerTexts, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("denom", texts.denom)
            for (name, amount) in [
                ("supply", totals.supply), ("bonded", totals.bonded),
                ("unbonding", totals.unbonding), ("rewards", totals.rewards),
                ("pool", totals.pool), ("fund", totals.fund), ("fees", totals.fees),
                ("bonds", totals.bonds), ("issued", totals.issued), ("burned", totals.burned),
            ] {
                writer.member(name, String(amount))
            }
            writer.member("validators", totals.validators)
        }
    }
}
