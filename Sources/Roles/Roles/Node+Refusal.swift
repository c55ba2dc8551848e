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
    /// A validator says so and goes on: it has judged the squares that it signed itself.
    mutating func refuse(
        _ record: FraudRecord, at now: Instant, into effects: inout [RoleEffect]
    ) {
        tellFraudIsProven(record, into: &effects)
        guard configuration.kind != .validator else { return }
        let refusal = Refusal(record, trust: configuration.trust)
        fraud.refusal = refusal
        forget(from: record.height, into: &effects)
        let ticket = ticket()
        stores[ticket] = .refusal
        effects.append(
            .store(
                ticket,
                .refusal(
                    from: record.height,
                    values: [(FraudState.name(record.height), refusal.encode())])))
        tellSquares(.abandoned(from: record.height), now, &effects)
        announceFraud(record.proof, at: now, into: &effects)
    }

    private mutating func tellFraudIsProven(
        _ record: FraudRecord, into effects: inout [RoleEffect]
    ) {
        fraudIsProven(
            height: record.height,
            reason: "wrongly encoded, header \(record.headerHash.hex); the chain ends below it "
                + "until another header is trusted", into: &effects)
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
                fraud.refusal = refusal
                fraud.machine = FraudMachine(proven: refusal.record)
                tellFraudIsProven(refusal.record, into: &effects)
                break
            } catch {
                effects.append(.report(.incident("the record \(value.name) is damaged: \(error)")))
            }
        }
        return restored
    }

    /// Forgets blocks that are refused, and finds the head below them.
    mutating func forget(from height: UInt64, into effects: inout [RoleEffect]) {
        chain.refuse(from: height)
        sampling.schedule.refuse(from: height)
        sampling.running.removeAll { $0.height >= height }
        sidecars.forget(from: height)
        if let head = chain.head {
            effects.append(.report(.head(head)))
        } else if height > 1, chain.headers.contains(height - 1) {
            let ticket = ticket()
            loads[ticket] = .fraud(.head)
            effects.append(.load(ticket, .header(height - 1)))
        }
    }
}
