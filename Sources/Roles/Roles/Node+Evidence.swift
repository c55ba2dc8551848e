// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import Ledger
internal import Machinery
internal import Staking

/// The conversation about faults: from two signatures to a slash in the chain.
///
/// Specified in Protocol/22-slashing.md#telling.
extension Node {
    /// A member is at fault, and what shows it is signed by it.
    mutating func keep(
        _ evidence: FaultEvidence, into effects: inout [RoleEffect]
    ) {
        guard let record = committee?.evidence.add(evidence) else { return }
        let ticket = ticket()
        stores[ticket] = .forgotten
        effects.append(.store(ticket, .values([record])))
        effects.append(.report(.counted("evidence.found", 1)))
        effects.append(
            .report(
                .incident(
                    "validator \(evidence.address) signed \(evidence)")))
    }

    /// A block is in the ledger: what its evidence cost is noted, and what has no effect any more is
    /// told no longer.
    mutating func settleEvidence(
        _ state: LedgerState, at height: UInt64, into effects: inout [RoleEffect]
    ) {
        var records: [(name: String, bytes: [UInt8])] = []
        for punishment in state.punishments {
            guard let record = committee?.evidence.note(punishment, at: height) else { continue }
            records.append(record)
            effects.append(.report(.counted("evidence.slashed", 1)))
            effects.append(
                .report(
                    .incident(
                        "block \(height) slashes \(punishment.coins)\(configuration.rules.denom)"
                    )))
        }
        if committee?.evidence.pending.isEmpty == false {
            let transition = LedgerTransition(rules: configuration.rules)
            let epoch = Epoch(of: Height(height).next, length: epochLength)
            // What is of an epoch that the ledger has not reached may have effect yet.
            records +=
                committee?.evidence.drop {
                    $0.epoch <= epoch
                        && transition.refusal(of: $0.protobuf, on: state) != nil
                } ?? []
        }
        guard !records.isEmpty else { return }
        let ticket = ticket()
        stores[ticket] = .forgotten
        effects.append(.store(ticket, .values(records)))
    }
}

/// What users are told of faults.
extension Node {
    /// The node's answer to who asks for evidence.
    var slashings: Result<RPCResponse, RPCFault> {
        guard let rules = configuration.rules.staking else {
            return .failure(.unsupported("nobody has staked on this chain"))
        }
        guard let producer else {
            return .failure(.unsupported("this node executes no blocks; ask a validator"))
        }
        let staked = producer.ledger.staking(rules)
        do {
            let totals = try staked.totals()
            return .success(
                .slashings(
                    SlashingReport(
                        height: try staked.clock().height, denom: configuration.rules.denom,
                        supply: totals.supply, bonded: totals.bonded, burned: totals.burned,
                        fund: totals.fund,
                        stakes: try staked.validators().map {
                            SlashingReport.Stake(
                                operatorAddress: text($0.operatorAddress),
                                address: ValidatorKey.ed25519(
                                    Ed25519PublicKey($0.consensusKey)
                                ).address, tokens: $0.tokens, isJailed: $0.isJailed,
                                isTombstoned: $0.isTombstoned)
                        }, pending: committee?.evidence.pending.map(\.evidence) ?? [],
                        told: try (committee?.evidence.slashed ?? []).map {
                            try told($0, staked)
                        })))
        } catch {
            return .failure(.failed("the ledger: \(error)"))
        }
    }

    private func told(
        _ evidence: SlashedEvidence, _ staked: StakingState<some StakingStore, some StakingAccounts>
    ) throws(StakingFault) -> SlashingReport.Told {
        var operatorAddress: Bytes20?
        var fault: FaultRecord?
        if let pair = evidence.pair {
            let epoch = pair.first.statement.epoch.value
            operatorAddress = try staked.committee(of: epoch)?.members
                .first { $0.address == pair.address }?.operatorAddress
            if let operatorAddress {
                fault = try staked.fault(of: operatorAddress, in: epoch, .equivocation)
            }
        }
        return SlashingReport.Told(
            evidence: evidence, operatorAddress: operatorAddress.map { text($0) } ?? "",
            fraction: fault.map { "\($0.taken)" } ?? "", isDone: fault?.isDone ?? false,
            reporter: evidence.reporter.isZero
                ? ""
                : AccountAddress(evidence.reporter).bech32(
                    prefix: configuration.rules.addressPrefix))
    }

    private func text(_ operatorAddress: Bytes20) -> String {
        Bech32.encode(
            prefix: configuration.rules.addressPrefix + "valoper", operatorAddress.array)
    }
}
