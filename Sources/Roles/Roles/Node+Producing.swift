// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
internal import Pooling

/// The conversation that makes blocks: rhythm, pool, square, signature, store.
extension Node {
    mutating func beginProducing(
        _ restored: RestoredState, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if let refusal = fraud.refusal {
            effects.append(
                .report(
                    .incident("no blocks are made: block \(refusal.height) is proven wrong")))
            return
        }
        guard let key = configuration.validatorKey else {
            effects.append(
                .report(.incident("a validator without a validator key makes no blocks")))
            return
        }
        do throws(ProducerFault) {
            producer = try Producer(
                configuration, member: ValidatorKey.ed25519(key.publicKey).address, key: key,
                restored: restored)
        } catch {
            effects.append(.report(.incident("no blocks are made: \(error)")))
            return
        }
        tellAgreement(.began(height: chain.height), now, &effects)
    }

    mutating func tellAgreement(
        _ event: SoleAgreementMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        if committee != nil {
            if case .transactionsWait(true) = event { buildIfDue(at: now, into: &effects) }
            return
        }
        var asked: [SoleAgreementMachine.Effect] = []
        producer?.agreement.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .propose(let height): propose(height, at: now, into: &effects)
            case .wake(let moment): effects.append(.wake(at: moment))
            }
        }
    }

    private mutating func propose(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let producer else { return }
        // Agreement is told no outcome, so it asks for no block again.
        if fraud.refusal != nil { return }
        do throws(ProducerFault) {
            let draft = try producer.draft(on: chain.head, height: height, at: now)
            let ticket = ticket()
            jobs[ticket] = .proposal(draft)
            let misencoding = configuration.misbehavior.flatMap {
                height >= $0.fromHeight ? $0.misencoding : nil
            }
            effects.append(
                .compute(
                    ticket, .commit(draft.proposal.built.square, misencoded: misencoding)))
        } catch {
            effects.append(.report(.incident("block \(height) cannot be built: \(error)")))
            tellAgreement(.failed, now, &effects)
        }
    }

    /// The draft's square is extended and committed to: sign, and store before anybody sees it.
    mutating func proposalCommitted(
        _ draft: BlockDraft, _ result: JobResult, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let producer, case .committed(let square, let sidecar) = result else {
            preconditionFailure("a proposal's square is committed to")
        }
        if isRefused(draft.height) { return }
        var signed = draft
        let (header, opening) = producer.sign(draft, square, sidecar)
        signed.header = header
        do throws(LedgerFault) {
            signed.proposal = try producer.executed(draft, header)
        } catch {
            effects.append(.report(.incident("block \(draft.height) cannot be built: \(error)")))
            return tellAgreement(.failed, now, &effects)
        }
        let bound = BoundSidecar(opening: opening, sidecar: sidecar)
        let ticket = ticket()
        stores[ticket] = .block(signed)
        let commit = producer.commit(
            signed.proposal.state,
            resultsHash: TransactionResult.root(signed.proposal.results), after: draft.height)
        let values =
            commit.values + [
                signed.inclusions.record, (SidecarState.name(draft.height), bound.encode()),
            ]
        effects.append(
            .store(ticket, .block(header, square, values: values, state: commit.state)))
    }

    /// The block is on disk: it counts, is told to whoever waits, and the pool goes on from it.
    mutating func blockStored(
        _ draft: BlockDraft, failure: String?, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let header = draft.header else { preconditionFailure("a stored block is signed") }
        if isRefused(draft.height) { return }
        if let failure {
            effects.append(
                .report(.incident("block \(draft.height) was not stored: \(failure)")))
            tellAgreement(.failed, now, &effects)
            return
        }
        let kept = ChainHeader(header)
        _ = chain.stored([kept])
        chain.storedSquare(draft.height)
        headersMoved(at: now, into: &effects)
        keptSquare(draft.height, at: now, into: &effects)
        effects.append(.report(.head(kept)))
        effects.append(
            .report(
                .squareStored(
                    height: draft.height,
                    dataRoot: header.dataAvailabilityHeader.dataRoot)))
        announce(draft.height, at: now, into: &effects)
        let inclusions = draft.inclusions
        producer?.advance(
            to: draft.proposal.state, resultsHash: TransactionResult.root(draft.proposal.results),
            after: draft.height)
        producer?.stored(draft.proposal.state.version)
        readNewSnapshot(into: &effects)
        producer?.remember(inclusions)
        let refused =
            producer?.pool.committed(
                inclusions.records.map(\.transactionHash), state: draft.proposal.state,
                height: header.height) ?? []
        answerWaiters(included: inclusions.records, refused: refused, at: now, into: &effects)
        askForDuties(at: now, into: &effects)
        tellAgreement(.stored, now, &effects)
        tellAgreement(.transactionsWait(producer?.pool.isEmpty == false), now, &effects)
    }
}
