// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
internal import Pooling
internal import Syncing

/// A submitting node's end: its users' orders, its key, the validators it knows.
extension Node {

    /// The account that pays for submissions.
    var account: AccountAddress? {
        configuration.accountKey.map { AccountAddress(of: $0.publicKey) }
    }

    /// A user asks for something that concerns accounts.
    mutating func askedForAccount(
        _ ticket: Ticket, _ request: RPCRequest, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if case .transaction(let bytes) = request {
            let order = SubmissionOrder(wish: .signed(bytes))
            let key = order.key(account: Bytes20(), optional: [])
            return tellSubmission(.asked(key, order, ticket: ticket.number), now, &effects)
        }
        guard let account else {
            answer(
                ticket,
                .failure(.unsupported("this node has no account key; start it with --key")),
                into: &effects)
            return
        }
        switch request {
        case .account:
            answer(ticket, .success(.account(text(of: account))), into: &effects)
        case .balance(let address):
            guard let address = read(address ?? text(of: account), ticket, into: &effects)
            else { return }
            askForBalance(
                BalanceQuestion(asker: ticket, address: address), at: now, into: &effects)
        case .submitBlobs(let blobs, let options):
            submit(.post(blobs), options, ticket, at: now, into: &effects)
        case .transfer(let recipient, let amount, let options):
            guard let recipient = read(recipient, ticket, into: &effects) else { return }
            submit(
                .transfer(to: recipient.bytes, amount: amount), options, ticket, at: now,
                into: &effects)
        case .stake(let wish, let options):
            do throws(RPCFault) {
                let messages = try wish.messages(of: account, configuration.rules)
                submit(.perform(messages), options, ticket, at: now, into: &effects)
            } catch {
                answer(ticket, .failure(error), into: &effects)
            }
        default:
            preconditionFailure("\(request) does not concern accounts")
        }
    }

    func text(of account: AccountAddress) -> String {
        account.bech32(prefix: configuration.rules.addressPrefix)
    }

    /// The account of a bech32 text; the user is told when it is none.
    private func read(
        _ text: String?, _ ticket: Ticket, into effects: inout [RoleEffect]
    ) -> AccountAddress? {
        guard let text else { return nil }
        do throws(DecodeFault) {
            return try AccountAddress(
                bech32: text, prefix: configuration.rules.addressPrefix)
        } catch {
            answer(ticket, .failure(.failed("\(text) is no address: \(error)")), into: &effects)
            return nil
        }
    }

    /// Billionths, rounded up to millionths: the ledger counts in those.
    static func millionths(_ nano: UInt64) -> UInt64 {
        nano / 1_000 + (nano % 1_000 == 0 ? 0 : 1)
    }

    private mutating func submit(
        _ wish: SubmissionOrder.Wish, _ options: SubmitOptions, _ ticket: Ticket,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let account else { return }
        let order = SubmissionOrder(
            wish: wish, gasPriceMillionths: options.gasPriceNano.map(Self.millionths),
            gasPriceMillionthsMax: options.gasPriceNanoMax / 1_000, gasLimit: options.gas)
        guard options.signerAddress.isEmpty || options.signerAddress == text(of: account) else {
            answer(
                ticket, .failure(.failed("this node has no key for \(options.signerAddress)")),
                into: &effects)
            return
        }
        var optional = options.idempotencyKey
        if case .perform = wish, optional.isEmpty {
            // Staking the same twice is staking twice, unless its caller says otherwise.
            optional = entropy.bytes(16)
        }
        let key = order.key(account: account.bytes, optional: optional)
        tellSubmission(.asked(key, order, ticket: ticket.number), now, &effects)
    }

    mutating func tellSubmission(
        _ event: SubmissionMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        if case .responded(_, .refused(SubmissionMachine.lowFee.code, _, _)) = event {
            prices.quote = nil
        }
        var asked: [SubmissionMachine.Effect] = []
        submission.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .sign(let key, let order, let number, let sequence):
                let held = PriceBook.Held(
                    key: key, order: order, number: number, sequence: sequence)
                signInTurn(held, at: now, into: &effects)
            case .send(let key, let request):
                sendSubmission(key, request, at: now, into: &effects)
            case .queryAccount:
                queryAccount(at: now, into: &effects)
            case .finish(let number, .success(let record)):
                finish(Ticket(number), record, at: now, into: &effects)
            case .finish(let number, .failure(let fault)):
                answer(Ticket(number), .failure(fault.rpcFault), into: &effects)
            case .wake(let moment):
                effects.append(.wake(at: moment))
            }
        }
    }

    /// Tells a user of an inclusion, as soon as this node itself can serve the block.
    ///
    /// Rollups read back from the node they posted to, at once.
    private mutating func finish(
        _ ticket: Ticket, _ record: InclusionRecord, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        let until = now.advanced(byMilliseconds: NodeLimits.ownBlockMilliseconds)
        inclusions.append((ticket, record, until))
        effects.append(.wake(at: until))
        answerInclusions(at: now, into: &effects)
        if configuration.isFollowing {
            tellHeaders(.heardOf(record.height), now, &effects)
        }
    }

    /// Tells those whose block is here, and those who waited long enough for it.
    mutating func answerInclusions(at now: Instant, into effects: inout [RoleEffect]) {
        for inclusion in inclusions {
            let height = inclusion.record.height
            let isHere =
                chain.headers.contains(height)
                && (!isKeepingSquares || chain.squares.contains(height))
            guard isHere || inclusion.until <= now else { continue }
            inclusions.removeAll { $0.ticket == inclusion.ticket }
            answer(
                inclusion.ticket, .success(.included(TransactionOutcome(inclusion.record))),
                into: &effects)
        }
    }

    private mutating func sendSubmission(
        _ key: SubmissionKey, _ request: SubmissionRequest, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if producer != nil {
            takeSubmission(request, reply: .own(key), at: now, into: &effects)
        } else if !askValidator(request, at: now, purpose: { .submission(key, $0) }) {
            tellSubmission(.unanswered(key), now, &effects)
        }
    }

    private mutating func queryAccount(at now: Instant, into effects: inout [RoleEffect]) {
        guard let account else { return }
        if producer != nil {
            tellSubmission(.account(accountRecord(account)), now, &effects)
        } else if !askValidator(.account(account.bytes), at: now, purpose: { .account($0) }) {
            tellSubmission(.account(nil), now, &effects)
        }
    }

    /// Asks a validator that is connected, or a node that passes it on; false when there is none.
    ///
    /// Who did not answer the last time is asked after the others.
    private mutating func askValidator(
        _ request: SubmissionRequest, at now: Instant,
        purpose: (PeerIdentifier) -> RequestPurpose
    ) -> Bool {
        guard let (name, peer) = nextValidator(except: []) else { return false }
        askValidator(name, peer, request, purpose: purpose(peer), at: now)
        return true
    }

    /// A validator, or else a node that passes on to one, that was not tried yet.
    func nextValidator(
        except tried: [PeerIdentifier]
    ) -> (name: String, peer: PeerIdentifier)? {
        let network = configuration.network
        let names = [
            SubmissionExchange.protocolID(network: network),
            SubmissionExchange.relayProtocolID(network: network),
        ]
        let candidates = names.flatMap { name in
            peers.serving(name).map { (name: name, peer: $0.identifier) }
        }.filter { !tried.contains($0.peer) }
        return candidates.first { !silentValidators.contains($0.peer) } ?? candidates.first
    }

    /// Asks this one.
    mutating func askValidator(
        _ name: String, _ peer: PeerIdentifier, _ request: SubmissionRequest,
        purpose: RequestPurpose, milliseconds: UInt64 = NodeLimits.questionMilliseconds,
        at now: Instant
    ) {
        let number = ask(
            name, of: peer, bytes: request.protobuf,
            answerLimit: SubmissionExchange.responseLimit, milliseconds: milliseconds, at: now)
        requests[number] = purpose
    }

    /// Passes a peer's request on to a validator; without one it is refused.
    mutating func relaySubmission(_ inbound: InboundNumber, _ bytes: [UInt8], at now: Instant) {
        let name = SubmissionExchange.protocolID(network: configuration.network)
        guard let validator = peers.serving(name).first?.identifier else {
            reset(inbound)
            return
        }
        let number = ask(
            name, of: validator, bytes: bytes, answerLimit: SubmissionExchange.responseLimit,
            at: now)
        requests[number] = .relay(inbound)
    }

    /// The validator answered what was passed on, or did not.
    mutating func relayed(_ inbound: InboundNumber, _ result: Result<[UInt8], RequestFault>) {
        switch result {
        case .success(let bytes): reply(inbound, bytes)
        case .failure: reset(inbound)
        }
    }

    /// A validator answered about an order, an account or a balance, or did not.
    mutating func submissionAnswered(
        _ purpose: RequestPurpose, _ result: Result<[UInt8], RequestFault>, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        var response: SubmissionResponse?
        if case .success(let bytes) = result {
            do throws(DecodeFault) {
                response = try SubmissionResponse(protobuf: bytes)
            } catch {
                effects.append(.report(.note("a validator's answer does not decode: \(error)")))
            }
        }
        switch (purpose, response) {
        case (.submission(let key, let peer), .some(let response)):
            noteValidator(peer, isSilent: false)
            tellSubmission(.responded(key, response), now, &effects)
        case (.submission(let key, let peer), nil):
            noteValidator(peer, isSilent: true)
            tellSubmission(.unanswered(key), now, &effects)
        case (.account(let peer), .account(let record)):
            noteValidator(peer, isSilent: false)
            tellSubmission(.account(record), now, &effects)
        case (.account(let peer), _):
            noteValidator(peer, isSilent: true)
            tellSubmission(.account(nil), now, &effects)
        case (.balance(let question), .account(let record)):
            answerBalance(question.asker, record, into: &effects)
        case (.balance(let question), _):
            askForBalance(question, at: now, into: &effects)
        default:
            break
        }
    }
}

extension TransactionOutcome {
    /// The same as the node's users are told it.
    init(_ record: InclusionRecord) {
        self.init(height: record.height, hash: record.transactionHash)
        gasWanted = Int64(clamping: record.gasWanted)
        gasUsed = Int64(clamping: record.gasUsed)
    }
}

extension SubmissionFault {
    /// The same as the node's users are told it.
    var rpcFault: RPCFault {
        switch self {
        case .timedOut: .notIncludedInTime
        case .refused(let code, _, let log): .refused(code: code, log)
        case .failed(let record): .refused(code: record.code, record.log)
        case .overSizeLimit: .blobOverSizeLimit
        case .queueFull, .notSigned: .failed("\(self)")
        }
    }
}
