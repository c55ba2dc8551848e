// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Machinery

/// Brings orders into blocks, each once, and never lets its caller see an account sequence.
///
/// One account's transactions are handed to the validator one after another, each as soon as the
/// one before it is in the pool; if the sequence turns out wrong, the machine asks for the right
/// one and signs again. An order that is repeated while the first is under way, or within
/// `windowMilliseconds` after it, gets the first one's answer. When a validator does not answer,
/// the same bytes are asked about and sent again, so a lost answer posts nothing twice.
///
/// Specified in Protocol/11-submission.md.
package struct SubmissionMachine: Machine {
    /// What can happen to orders.
    package enum Event: Sendable {
        /// A caller wants an order carried out; `ticket` names the caller.
        case asked(SubmissionKey, SubmissionOrder, ticket: UInt64)
        /// The order was signed into a transaction with this hash.
        case signed(SubmissionKey, transaction: [UInt8], hash: Bytes32)
        /// The order cannot be signed.
        case notSigned(SubmissionKey, String)
        /// A validator answered a request for this order.
        case responded(SubmissionKey, SubmissionResponse)
        /// A validator answered about the account; nil when none answered.
        case account(AccountRecord?)
        /// No validator answered a request for this order.
        case unanswered(SubmissionKey)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Sign an order for this account number and sequence; answer by `signed`.
        case sign(SubmissionKey, SubmissionOrder, number: UInt64, sequence: UInt64)
        /// Send a request about an order to a validator.
        case send(SubmissionKey, SubmissionRequest)
        /// Ask a validator about the paying account; answer by `account`.
        case queryAccount
        /// Tell a caller how it ended.
        case finish(ticket: UInt64, Result<InclusionRecord, SubmissionFault>)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// How long a result is remembered; `submission.windowMilliseconds`.
    package static let windowMilliseconds: UInt64 = 600_000
    /// How many results are remembered; `submission.resultsMax`.
    package static let resultsMax = 4_096
    /// How many orders may wait or be under way; `submission.ordersMax`.
    package static let ordersMax = 1_024
    /// How many bytes those may hold; `submission.ordersBytesMax`.
    package static let ordersBytesMax = 268_435_456
    /// The largest transaction with its blobs, in bytes; `submission.transactionMax`, Celestia's.
    package static let transactionMax = 8_388_608
    /// How long a caller waits before it is told `timedOut`; `submission.callerMilliseconds`.
    package static let callerMilliseconds: UInt64 = 60_000
    /// How long the machine rests after an unanswered request; `submission.restMilliseconds`.
    package static let restMilliseconds: UInt64 = 500
    /// The codespace and code of a wrong sequence, as Cosmos chains give it.
    package static let wrongSequence: (codespace: String, code: UInt32) = ("sdk", 32)
    /// The codespace and code of a fee below what is asked for, as Cosmos chains give it.
    package static let lowFee: (codespace: String, code: UInt32) = ("sdk", 13)
    /// How often an order is signed anew before its refusal is believed.
    package static let signaturesMax = 16

    private enum Phase: Equatable {
        case waiting
        case signing
        case sending
        case pending
        case resting(until: Instant, next: SubmissionRequest)
    }

    private struct Entry {
        let key: SubmissionKey
        let order: SubmissionOrder
        var phase = Phase.waiting
        var transaction: [UInt8] = []
        var hash = Bytes32()
        var signatures = 0
        var callers: [(ticket: UInt64, until: Instant)] = []
    }

    private var entries: [Entry] = []
    private var results: [(key: SubmissionKey, record: InclusionRecord, until: Instant)] = []
    private var account: AccountRecord?
    private var isQuerying = false
    private var queryRestsUntil: Instant?

    /// Waits for the first order.
    package init() {}

    /// How many orders wait or are under way.
    package var backlog: Int { entries.count }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .asked(let key, let order, let ticket):
            asked(key, order, ticket: ticket, at: now, into: &effects)
        case .signed(let key, let transaction, let hash):
            guard let index = index(of: key), entries[index].phase == .signing else { break }
            guard transaction.count <= Self.transactionMax else {
                finish(key, .failure(.overSizeLimit), at: now, into: &effects)
                break
            }
            entries[index].transaction = transaction
            entries[index].hash = hash
            entries[index].phase = .sending
            effects.append(.send(key, .submit(transaction)))
        case .notSigned(let key, let reason):
            finish(key, .failure(.notSigned(reason)), at: now, into: &effects)
        case .responded(let key, let response):
            responded(key, response, at: now, into: &effects)
        case .account(let record):
            isQuerying = false
            account = record
            if record == nil { rest(at: now, into: &effects) }
        case .unanswered(let key):
            guard let index = index(of: key) else { break }
            pause(index, then: .status(entries[index].hash), at: now, into: &effects)
        case .woke:
            woke(at: now, into: &effects)
        }
        advance(at: now, into: &effects)
    }

    private mutating func asked(
        _ key: SubmissionKey, _ order: SubmissionOrder, ticket: UInt64, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard order.sizeBytes <= Self.transactionMax else {
            effects.append(.finish(ticket: ticket, .failure(.overSizeLimit)))
            return
        }
        results.removeAll { $0.until <= now }
        if let known = results.first(where: { $0.key == key }) {
            effects.append(.finish(ticket: ticket, .success(known.record)))
            return
        }
        let until = now.advanced(byMilliseconds: Self.callerMilliseconds)
        if let index = index(of: key) {
            entries[index].callers.append((ticket, until))
        } else {
            let held = entries.reduce(0) { $0 + $1.order.sizeBytes + $1.transaction.count }
            guard entries.count < Self.ordersMax,
                held + order.sizeBytes <= Self.ordersBytesMax
            else {
                effects.append(.finish(ticket: ticket, .failure(.queueFull)))
                return
            }
            entries.append(Entry(key: key, order: order, callers: [(ticket, until)]))
        }
        effects.append(.wake(at: until))
    }

    private mutating func responded(
        _ key: SubmissionKey, _ response: SubmissionResponse, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let index = index(of: key) else { return }
        switch response {
        case .pending(let hash):
            if entries[index].phase == .sending, entries[index].order.isSignedHere {
                account?.sequence += 1
            }
            entries[index].phase = .pending
            effects.append(.send(key, .status(hash)))
        case .included(let record):
            if entries[index].phase == .sending { account = nil }
            finish(
                key, record.code == 0 ? .success(record) : .failure(.failed(record)), at: now,
                into: &effects)
        case .refused(let code, let codespace, let log):
            let isSequence =
                codespace == Self.wrongSequence.codespace && code == Self.wrongSequence.code
            // The price has risen while the order waited; its sender left the price to the node.
            let isPrice =
                codespace == Self.lowFee.codespace && code == Self.lowFee.code
                && entries[index].order.gasPriceMillionths == nil
            if isSequence || isPrice, entries[index].order.isSignedHere,
                entries[index].signatures < Self.signaturesMax
            {
                account = nil
                entries[index].phase = .waiting
            } else {
                finish(
                    key, .failure(.refused(code: code, codespace: codespace, log: log)), at: now,
                    into: &effects)
            }
        case .unknown:
            entries[index].phase = .sending
            account = nil
            effects.append(.send(key, .submit(entries[index].transaction)))
        case .account:
            pause(index, then: .status(entries[index].hash), at: now, into: &effects)
        }
    }

    private mutating func woke(at now: Instant, into effects: inout [Effect]) {
        if let rest = queryRestsUntil, rest <= now { queryRestsUntil = nil }
        for index in entries.indices {
            for caller in entries[index].callers where caller.until <= now {
                effects.append(.finish(ticket: caller.ticket, .failure(.timedOut)))
            }
            entries[index].callers.removeAll { $0.until <= now }
            if case .resting(let until, let next) = entries[index].phase, until <= now {
                entries[index].phase = .pending
                effects.append(.send(entries[index].key, next))
            }
        }
    }

    /// Signs the next order when nothing of the account is on its way to the pool.
    private mutating func advance(at now: Instant, into effects: inout [Effect]) {
        let isBusy = entries.contains { $0.phase == .signing || $0.phase == .sending }
        guard !isBusy, let index = entries.firstIndex(where: { $0.phase == .waiting }) else {
            return
        }
        guard entries[index].order.isSignedHere else {
            entries[index].phase = .signing
            effects.append(
                .sign(entries[index].key, entries[index].order, number: 0, sequence: 0))
            return
        }
        guard let account else {
            if !isQuerying && queryRestsUntil == nil {
                isQuerying = true
                effects.append(.queryAccount)
            }
            return
        }
        entries[index].phase = .signing
        entries[index].signatures += 1
        effects.append(
            .sign(
                entries[index].key, entries[index].order, number: account.number,
                sequence: account.sequence))
    }

    private mutating func finish(
        _ key: SubmissionKey, _ result: Result<InclusionRecord, SubmissionFault>, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let index = index(of: key) else { return }
        let entry = entries.remove(at: index)
        if case .success(let record) = result {
            if results.count >= Self.resultsMax { results.removeFirst() }
            results.append((key, record, now.advanced(byMilliseconds: Self.windowMilliseconds)))
        }
        for caller in entry.callers {
            effects.append(.finish(ticket: caller.ticket, result))
        }
    }

    private mutating func pause(
        _ index: Int, then next: SubmissionRequest, at now: Instant, into effects: inout [Effect]
    ) {
        let until = now.advanced(byMilliseconds: Self.restMilliseconds)
        entries[index].phase = .resting(until: until, next: next)
        effects.append(.wake(at: until))
    }

    private mutating func rest(at now: Instant, into effects: inout [Effect]) {
        let until = now.advanced(byMilliseconds: Self.restMilliseconds)
        queryRestsUntil = until
        effects.append(.wake(at: until))
    }

    private func index(of key: SubmissionKey) -> Int? {
        entries.firstIndex { $0.key == key }
    }
}
