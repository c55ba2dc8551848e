// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import DataSquare
internal import Machinery
internal import Syncing

/// What follows from a proof of fraud: the block and all that stand on it are refused.
extension Node {
    /// Whether a height is at or above a block that is proven wrong.
    func isRefused(_ height: UInt64) -> Bool {
        fraud.refusal.map { $0.record.height <= height } ?? false
    }

    /// Stays at the block below a proven one, keeps the proof, and says so loudly.
    ///
    /// A validator keeps what it signed, so that nothing is hidden, but builds on none of it: there is
    /// no way back in its ledger. One that lies on purpose goes on, as a liar would.
    mutating func refuse(
        _ record: FraudRecord, at now: Instant, into effects: inout [RoleEffect]
    ) {
        tellFraudIsProven(record, into: &effects)
        guard configuration.misbehavior == nil else { return }
        let refusal = Refusal(record, trust: configuration.trust)
        fraud.refusal = refusal
        fraud.nextQuestion = nil
        fraud.questionsLeft = NodeLimits.fraudQuestionsAfter
        forget(from: record.height, into: &effects)
        forgetRows(from: record.height, at: now, into: &effects)
        let ticket = ticket()
        stores[ticket] = .refusal
        let values = [(FraudState.name(record.height), refusal.encode())]
        if !configuration.isFollowing {
            effects.append(.store(ticket, .values(values)))
            let text = "no more blocks are made: block \(record.height) is proven wrong"
            effects.append(.report(.incident(text)))
        } else {
            effects.append(.store(ticket, .refusal(from: record.height, values: values)))
            tellHeaders(refusal.ending, now, &effects)
            tellSquares(.abandoned(from: record.height), now, &effects)
        }
        announceFraud(record.proof, at: now, into: &effects)
    }

    private mutating func tellFraudIsProven(
        _ record: FraudRecord, into effects: inout [RoleEffect]
    ) {
        let consequence =
            configuration.kind == .validator
            ? "no blocks are made on it" : "the chain ends below it until another header is trusted"
        fraudIsProven(
            height: record.height,
            reason: "wrongly encoded, header \(record.headerHash.hex); \(consequence)",
            into: &effects)
    }

    mutating func refusalStored(failure: String?, into effects: inout [RoleEffect]) {
        guard let failure, let refusal = fraud.refusal else { return }
        effects.append(
            .report(
                .incident(
                    "the proof about block \(refusal.record.height) was not stored: \(failure)")))
    }

    /// Takes up what an earlier run proved: the chain still ends there, unless another header is
    /// trusted now, at which the chain begins anew.
    mutating func recallFraud(
        _ restored: RestoredState, into effects: inout [RoleEffect]
    ) -> RestoredState {
        var restored = restored
        var lowest: Refusal?
        for value in restored.values where value.name.hasPrefix(FraudState.prefix) {
            do throws(DecodeFault) {
                var refusal = try Refusal(decoding: value.bytes)
                if refusal.isAnswered { continue }
                if case .hash = configuration.trust, configuration.trust != refusal.trust {
                    refusal.isAnswered = true
                    restored.head = nil
                    restored.headers = HeightRanges()
                    let ticket = ticket()
                    stores[ticket] = .refusal
                    effects.append(
                        .store(ticket, .values([(value.name, refusal.encode())])))
                    continue
                }
                if let known = lowest, known.record.height <= refusal.record.height { continue }
                lowest = refusal
            } catch {
                effects.append(.report(.incident("the record \(value.name) is damaged: \(error)")))
            }
        }
        if let lowest {
            fraud.refusal = lowest
            fraud.machine = FraudMachine(proven: lowest.record)
            tellFraudIsProven(lowest.record, into: &effects)
        }
        return restored
    }

    /// Forgets blocks that are refused; the newest header that is left becomes the head.
    mutating func forget(from height: UInt64, into effects: inout [RoleEffect]) {
        chain.refuse(from: height)
        sampling.schedule.refuse(from: height)
        sampling.running.removeAll { $0.height >= height }
        sidecars.forget(from: height)
        repairsWaiting.removeAll { $0 >= height }
        if let repaired = repair?.height, repaired >= height { repair = nil }
        if let head = chain.head {
            effects.append(.report(.head(head)))
        } else if let newest = chain.headers.ranges.last?.upperBound {
            let ticket = ticket()
            loads[ticket] = .fraud(.head)
            effects.append(.load(ticket, .header(newest)))
        }
    }
}
