// SPDX-License-Identifier: Apache-2.0

internal import Ledger
internal import Machinery
internal import Peering
internal import Pooling

/// A user's question for a balance, on its way through the peers that may know it.
struct BalanceQuestion {
    /// The user's question.
    let asker: Ticket
    let address: AccountAddress
    /// Who was asked.
    var tried: [PeerIdentifier] = []
}

/// Balances, of which only validators know; one that is silent is not waited for.
extension Node {
    mutating func askForBalance(
        _ question: BalanceQuestion, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if producer != nil {
            return answerBalance(question.asker, accountRecord(question.address), into: &effects)
        }
        guard question.tried.count < NodeLimits.retrievalPeersMax,
            let (name, peer) = nextValidator(except: question.tried)
        else {
            let asked = question.tried.map(\.text).joined(separator: ", ")
            let reason =
                asked.isEmpty
                ? "no validator is connected"
                : "no validator answered for the balance of "
                    + question.address.bech32(prefix: configuration.rules.addressPrefix)
                    + "; asked \(asked)"
            return answer(question.asker, .failure(.failed("state: \(reason)")), into: &effects)
        }
        var question = question
        question.tried.append(peer)
        askValidator(
            name, peer, .account(question.address.bytes), purpose: .balance(question),
            milliseconds: NodeLimits.pieceMilliseconds, at: now)
    }

    func answerBalance(
        _ asker: Ticket, _ record: AccountRecord, into effects: inout [RoleEffect]
    ) {
        let balance = AccountBalance(
            denomination: configuration.rules.denom, amount: record.balance)
        answer(asker, .success(.balance(balance)), into: &effects)
    }

    /// Remembers who is silent, so that others are asked first; an answer clears the name.
    mutating func noteValidator(_ peer: PeerIdentifier, isSilent: Bool) {
        silentValidators.removeAll { $0 == peer }
        guard isSilent else { return }
        if silentValidators.count >= NodeLimits.silentValidatorsMax {
            silentValidators.removeFirst()
        }
        silentValidators.append(peer)
    }
}
