// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
internal import Syncing

/// Answers to the node's own users, who ask by JSON-RPC.
extension Node {
    mutating func asked(
        _ ticket: Ticket, _ request: RPCRequest, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        switch request {
        case .header(let height):
            guard checkHeight(height, for: ticket, into: &effects) else { return }
            loadHeader(height, for: ticket, request, at: now, into: &effects)
        case .headerByHash(let hash):
            load(.headerByHash(hash), for: ticket, request, into: &effects)
        case .headers(let range), .dataRoots(let range):
            guard checkHeight(range.lowerBound, for: ticket, into: &effects),
                checkHeight(range.upperBound, for: ticket, into: &effects)
            else { return }
            load(
                .headers(from: range.lowerBound, count: UInt64(range.count)), for: ticket,
                request, into: &effects)
        case .localHead, .networkHead:
            guard let head = chain.head else {
                answer(ticket, .failure(.headerNotFound("head")), into: &effects)
                return
            }
            answer(ticket, request, with: [head], at: now, into: &effects)
        case .tail:
            guard chain.tail > 0 else {
                answer(ticket, .failure(.headerNotFound("tail")), into: &effects)
                return
            }
            loadHeader(chain.tail, for: ticket, request, at: now, into: &effects)
        case .synchronization:
            answer(ticket, .success(.synchronization(synchronization(at: now))), into: &effects)
        case .square, .row, .samples, .namespaceData, .availability:
            askedForShares(ticket, request, at: now, into: &effects)
        case .submitBlobs, .transfer, .account, .balance, .stake, .transaction:
            askedForAccount(ticket, request, at: now, into: &effects)
        case .ledger(let question):
            askedForLedger(ticket, question, at: now, into: &effects)
        case .rules:
            answer(ticket, .success(.rules(configuration.rules)), into: &effects)
        case .sampling:
            answer(ticket, .success(.sampling(samplingStatistics)), into: &effects)
        case .receipts(let count):
            answer(ticket, .success(.receipts(sampling.verdicts.suffix(count))), into: &effects)
        case .evidence(let height):
            answer(ticket, evidence(height), into: &effects)
        case .node:
            answer(ticket, .success(.node(status)), into: &effects)
        case .fraudProofs:
            answer(
                ticket, .success(.fraudProofs(fraud.machine.proven.map { [$0.proof] } ?? [])),
                into: &effects)
        case .slashings: answer(ticket, slashings, into: &effects)
        case .peers(let request):
            askedForPeers(ticket, request, at: now, into: &effects)
        }
    }

    /// Carries an answer out to the user.
    func answer(
        _ ticket: Ticket, _ result: Result<RPCResponse, RPCFault>,
        into effects: inout [RoleEffect]
    ) {
        effects.append(.answer(ticket, result))
    }

    /// Whether a height is one this node has a header of; the user is told when not.
    private func checkHeight(
        _ height: UInt64, for ticket: Ticket, into effects: inout [RoleEffect]
    ) -> Bool {
        let fault: RPCFault? =
            if height == 0 {
                .heightIsZero
            } else if let refusal = fraud.refusal, height >= refusal.record.height {
                .fraudProven(height: refusal.record.height)
            } else if height > chain.height {
                height > headers.claimedHeight
                    ? .heightInFuture(networkHead: chain.height, requested: height)
                    : .headerIsSyncing(localHead: chain.height, requested: height)
            } else if height < (chain.headers.ranges.first?.lowerBound ?? 0) {
                .heightBelowTail(
                    tail: chain.headers.ranges.first?.lowerBound ?? 0, requested: height)
            } else if !chain.headers.contains(height) {
                .headerIsSyncing(localHead: chain.height, requested: height)
            } else {
                nil
            }
        guard let fault else { return true }
        answer(ticket, .failure(fault), into: &effects)
        return false
    }

    private mutating func loadHeader(
        _ height: UInt64, for asker: Ticket, _ request: RPCRequest, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if let header = chain.recentHeader(height) {
            answer(asker, request, with: [header], at: now, into: &effects)
        } else {
            load(.header(height), for: asker, request, into: &effects)
        }
    }

    private mutating func load(
        _ query: LoadQuery, for asker: Ticket, _ request: RPCRequest,
        into effects: inout [RoleEffect]
    ) {
        let ticket = ticket()
        loads[ticket] = .answer(asker, request)
        effects.append(.load(ticket, query))
    }

    private mutating func askedForShares(
        _ ticket: Ticket, _ request: RPCRequest, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let height = request.shareHeight,
            checkHeight(height, for: ticket, into: &effects)
        else { return }
        if case .availability = request {
            let isAvailable =
                configuration.slice == nil && chain.squares.contains(height)
                || sampling.schedule.sampled.contains(height)
            answer(
                ticket, isAvailable ? .success(.done) : .failure(.dataNotAvailable),
                into: &effects)
        } else if chain.squares.contains(height), configuration.slice == nil {
            load(.square(height), for: ticket, request, into: &effects)
        } else if let namespace = pin(for: request) {
            let load = self.ticket()
            loads[load] = .answerPin(ticket, request, namespace)
            effects.append(.load(load, .pin(height, namespace)))
        } else {
            retrieve(request, height: height, for: ticket, at: now, into: &effects)
        }
    }

    /// Asks peers for what is not held, or no longer.
    mutating func retrieve(
        _ request: RPCRequest, height: UInt64, for asker: Ticket, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        do throws(DecodeFault) {
            retrieve(
                try request.shareRequests(), height: height, for: asker, at: now, into: &effects)
        } catch {
            answer(asker, .failure(.failed("share: \(error)")), into: &effects)
        }
    }

    /// The store gave what a user's question needs.
    mutating func answerLoaded(
        _ asker: Ticket, _ request: RPCRequest, _ value: LoadedValue, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        switch (request, value) {
        case (.header, .header(let header)), (.headerByHash, .header(let header)),
            (.tail, .header(let header)):
            answer(asker, request, with: [header], at: now, into: &effects)
        case (.headers, .headers(let headers)):
            answer(asker, request, with: headers, at: now, into: &effects)
        case (.dataRoots, .headers(let headers)):
            answer(
                asker, .success(.dataRoots(headers.compactMap(\.dataRoot))),
                into: &effects)
        case (.headerByHash(let hash), _):
            let text = "hash \(Hex.encode(hash.array, uppercase: true))"
            answer(asker, .failure(.headerNotFound(text)), into: &effects)
        case (_, .square(let square)):
            answer(asker, request.answer(from: square), into: &effects)
        case (_, .damaged(let reason)):
            if let height = request.shareHeight {
                lostSquare(height, reason, at: now, into: &effects)
                retrieve(request, height: height, for: asker, at: now, into: &effects)
            } else {
                answer(asker, .failure(.failed("the store is damaged: \(reason)")), into: &effects)
            }
        default:
            answer(asker, .failure(.headerNotFound("\(request.name)")), into: &effects)
        }
    }

    private func evidence(_ height: UInt64) -> Result<RPCResponse, RPCFault> {
        guard let evidence = sampling.shelf.evidence(height) else {
            return .failure(
                .failed(
                    "das: no samples of height \(height) are kept; those of the newest "
                        + "\(NodeLimits.evidenceKept) sampled blocks are: "
                        + sampling.shelf.heightsText))
        }
        return .success(.evidence(evidence))
    }

    private func synchronization(at now: Instant) -> SynchronizationState {
        var state = SynchronizationState()
        state.identifier = 1
        state.height = chain.height
        state.fromHeight = chain.headers.ranges.first?.lowerBound ?? 0
        state.toHeight = max(chain.height, headers.claimedHeight)
        if let head = chain.head {
            state.toHash = head.hash
            state.fromHash = chain.recentHeader(state.fromHeight)?.hash ?? head.hash
        }
        if let startedAt {
            state.start = Timestamp(nanosecondsSince1970: startedAt.nanoseconds)
        }
        if !configuration.isFollowing || headers.isSynced {
            state.end = Timestamp(nanosecondsSince1970: now.nanoseconds)
        }
        return state
    }

    private var samplingStatistics: SamplingStatistics {
        var statistics = SamplingStatistics()
        let schedule = sampling.schedule
        statistics.sampledHead = schedule.headOfSampledChain
        statistics.catchupHead = schedule.headOfSampledChain
        statistics.networkHead = max(chain.height, headers.claimedHeight)
        statistics.failures = schedule.failed.map {
            SamplingStatistics.Failure(height: $0.height, attempts: $0.tries)
        }
        statistics.workers = schedule.running.map {
            let job = SamplingStatistics.Worker.Job(rawValue: $0.job.rawValue) ?? .catchup
            return SamplingStatistics.Worker(
                job: job, current: $0.height, from: $0.height, to: $0.height)
        }
        statistics.concurrency = statistics.workers.count
        statistics.isCaughtUp = schedule.isCaughtUp
        statistics.isRunning = configuration.isSampling
        return statistics
    }
}
