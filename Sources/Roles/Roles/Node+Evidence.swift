// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Ledger
internal import Machinery

/// The conversation about faults: from two signatures to a slash in the chain.
///
/// Specified in Protocol/22-slashing.md#telling.
extension Node {
    /// Two statements of a member conflict, and both signatures hold.
    mutating func keep(
        _ evidence: SlashingEvidence, into effects: inout [RoleEffect]
    ) {
        guard let record = committee?.evidence.add(evidence) else { return }
        let ticket = ticket()
        stores[ticket] = .forgotten
        effects.append(.store(ticket, .values([record])))
        effects.append(.report(.counted("evidence.found", 1)))
        effects.append(
            .report(
                .incident(
                    "validator \(evidence.address) signed two statements that conflict: "
                        + "\(evidence.first) and \(evidence.second)")))
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
                    $0.first.statement.epoch <= epoch
                        && transition.refusal(of: $0.protobuf, on: state) != nil
                } ?? []
        }
        guard !records.isEmpty else { return }
        let ticket = ticket()
        stores[ticket] = .forgotten
        effects.append(.store(ticket, .values(records)))
    }
}
