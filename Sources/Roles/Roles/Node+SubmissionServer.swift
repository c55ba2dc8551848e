// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
internal import Pooling

/// A validator's end of the submission protocol (Protocol/11-submission.md).
extension Node {
    /// A peer asks by the submission protocol.
    mutating func serveSubmission(
        _ inbound: InboundNumber, from peer: PeerIdentifier, _ bytes: [UInt8], at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        do throws(DecodeFault) {
            takeSubmission(
                try SubmissionRequest(protobuf: bytes),
                reply: isMember(peer) ? .member(inbound) : .peer(inbound), at: now,
                into: &effects)
        } catch {
            reset(inbound)
        }
    }

    mutating func takeSubmission(
        _ request: SubmissionRequest, reply: Producer.Reply, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        switch request {
        case .submit(let bytes):
            read(bytes, reply: reply, at: now, into: &effects)
        case .status(let hash):
            let until = now.advanced(
                byMilliseconds: SubmissionExchange.patienceMilliseconds)
            if let record = producer?.inclusion(of: hash) {
                respond(.included(record), to: reply, at: now, into: &effects)
            } else if producer?.pool.contains(hash) == true,
                (producer?.waiters.count ?? 0) < NodeLimits.waitersMax
            {
                producer?.waiters.append(
                    Producer.Waiter(hash: hash, until: until, reply: reply))
                effects.append(.wake(at: until))
            } else {
                respond(.unknown, to: reply, at: now, into: &effects)
            }
        case .account(let address):
            respond(
                .account(accountRecord(AccountAddress(address))), to: reply, at: now,
                into: &effects)
        }
    }

    /// The account as the pool sees it.
    func accountRecord(_ address: AccountAddress) -> AccountRecord {
        var record = AccountRecord()
        guard let account = producer?.pool.pending.account(address) else { return record }
        record.exists = true
        record.number = account.number
        record.sequence = account.sequence
        record.balance = account.balance
        return record
    }

    /// Reading a transaction recomputes its blobs' commitments, so it leaves the loop.
    private mutating func read(
        _ bytes: [UInt8], reply: Producer.Reply, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let producer, producer.readingCount < NodeLimits.readingMax else {
            respond(
                .refused(code: 20, codespace: "sdk", log: "mempool is full"), to: reply, at: now,
                into: &effects)
            return
        }
        self.producer?.readingCount += 1
        let ticket = ticket()
        jobs[ticket] = .transaction(reply)
        effects.append(.compute(ticket, .readTransaction(bytes, producer.rules)))
    }

    mutating func transactionRead(
        _ reply: Producer.Reply, _ result: JobResult, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        producer?.readingCount -= 1
        guard case .transaction(let outcome) = result else {
            preconditionFailure("a read transaction is what the job gives")
        }
        switch outcome {
        case .failure(let fault):
            refuse(fault, to: reply, at: now, into: &effects)
        case .success(let entry):
            let hash = entry.read.hash
            if let record = producer?.inclusion(of: hash) {
                respond(.included(record), to: reply, at: now, into: &effects)
            } else if producer?.pool.contains(hash) == true {
                respond(.pending(hash), to: reply, at: now, into: &effects)
            } else {
                add(entry, reply: reply, at: now, into: &effects)
            }
        }
    }

    private mutating func add(
        _ entry: TransactionPool.Entry, reply: Producer.Reply, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        do throws(TransactionPool.Fault) {
            try producer?.pool.add(entry)
            respond(.pending(entry.read.hash), to: reply, at: now, into: &effects)
            forward(entry, cameBy: reply, at: now)
            tellAgreement(.transactionsWait(true), now, &effects)
        } catch {
            switch error {
            case .ledger(let fault): refuse(fault, to: reply, at: now, into: &effects)
            case .full:
                respond(
                    .refused(code: 20, codespace: "sdk", log: "mempool is full"), to: reply,
                    at: now, into: &effects)
            }
        }
    }

    /// Gives a transaction that came from outside of the committee to all its members.
    ///
    /// Whoever leads next includes it. What a member gave goes no further.
    private mutating func forward(
        _ entry: TransactionPool.Entry, cameBy reply: Producer.Reply, at now: Instant
    ) {
        guard let committee else { return }
        if case .member = reply { return }
        let bytes: [UInt8]
        switch entry.entry {
        case .plain(let transaction): bytes = transaction
        case .blob(let carrier): bytes = carrier.encode()
        case .payForFibre: return
        }
        let name = SubmissionExchange.protocolID(network: configuration.network)
        for validator in committee.set.validators {
            guard let peer = committee.peerOf[validator.address] else { continue }
            askValidator(name, peer, .submit(bytes), purpose: .forwarded, at: now)
        }
    }

    private mutating func refuse(
        _ fault: LedgerFault, to reply: Producer.Reply, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        respond(
            .refused(
                code: fault.code, codespace: fault.codespace,
                log: String("\(fault)".prefix(SubmissionExchange.textLimit / 4))), to: reply,
            at: now, into: &effects)
    }

    /// Tells those who wait for these transactions.
    mutating func answerWaiters(
        included: [InclusionRecord], refused: [(hash: Bytes32, fault: LedgerFault)],
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let waiters = producer?.waiters else { return }
        producer?.waiters = []
        for waiter in waiters {
            if let record = included.first(where: { $0.transactionHash == waiter.hash }) {
                respond(.included(record), to: waiter.reply, at: now, into: &effects)
            } else if let fault = refused.first(where: { $0.hash == waiter.hash })?.fault {
                refuse(fault, to: waiter.reply, at: now, into: &effects)
            } else {
                producer?.waiters.append(waiter)
            }
        }
    }

    /// Those who waited long enough are told that there is no news.
    mutating func wakeSubmissionServer(at now: Instant, into effects: inout [RoleEffect]) {
        guard let due = producer?.waiters.filter({ $0.until <= now }), !due.isEmpty else { return }
        producer?.waiters.removeAll { $0.until <= now }
        for waiter in due {
            respond(.pending(waiter.hash), to: waiter.reply, at: now, into: &effects)
        }
    }

    private mutating func respond(
        _ response: SubmissionResponse, to reply: Producer.Reply, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        switch reply {
        case .peer(let inbound), .member(let inbound):
            self.reply(inbound, response.protobuf)
        case .own(let key):
            tellSubmission(.responded(key, response), now, &effects)
        case .duty: dutyTaken(response, at: now, into: &effects)
        }
    }
}
