// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Pooling

/// The conversation that moves a member's ledger along the chain, block by stored block.
extension Node {
    /// The state and results hash after a block, where this node has executed it; nil is the genesis.
    func state(after hash: Bytes32?) -> (LedgerState, Bytes32)? {
        guard let committee, let producer else { return nil }
        guard let hash else {
            return committee.ledgerHeight == 0 ? (producer.ledger, producer.lastResultsHash) : nil
        }
        if committee.ledgerBlock == hash { return (producer.ledger, producer.lastResultsHash) }
        return committee.blocks[hash]?.execution.map { ($0.state, $0.resultsHash) }
    }

    /// Executes the block after the last one executed, if header and square are stored.
    mutating func advanceLedger(at now: Instant, into effects: inout [RoleEffect]) {
        if wantsSnapshot(at: now, into: &effects) { return }
        while let committee, committee.executing == nil, fraud.refusal == nil {
            let height = committee.ledgerHeight + 1
            guard chain.headers.contains(height), chain.squares.contains(height) else { return }
            guard let header = chain.recentHeader(height) else {
                self.committee?.executing = height
                let ticket = ticket()
                loads[ticket] = .executionHeader(height)
                return effects.append(.load(ticket, .header(height)))
            }
            guard let execution = committee.blocks[header.hash]?.execution else {
                self.committee?.executing = height
                return loadForExecution(header, into: &effects)
            }
            enter(execution, of: header, at: now, into: &effects)
        }
    }

    mutating func executionHeaderLoaded(
        _ height: UInt64, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .header(let header) = value else {
            return effects.append(
                .report(.incident("header \(height) cannot be read, nothing is executed")))
        }
        loadForExecution(header, into: &effects)
    }

    private mutating func loadForExecution(
        _ header: ChainHeader, into effects: inout [RoleEffect]
    ) {
        let ticket = ticket()
        loads[ticket] = .executionSquare(header)
        effects.append(.load(ticket, .square(header.height.value)))
    }

    mutating func executionSquareLoaded(
        _ header: ChainHeader, _ value: LoadedValue, into effects: inout [RoleEffect]
    ) {
        guard case .square(let square) = value, let producer, let genesis = configuration.genesis
        else {
            return effects.append(
                .report(
                    .incident("square \(header.height) cannot be read, nothing is executed")))
        }
        let ticket = ticket()
        jobs[ticket] = .storedExecution(header)
        effects.append(
            .compute(
                ticket,
                .execute(
                    square.square.originalSquare,
                    ExecutionContext(
                        state: producer.ledger, rules: configuration.rules,
                        header: header.header, widthMaximum: genesis.squareSizeMax,
                        appVersion: genesis.appVersion))))
    }

    mutating func storedBlockExecuted(
        _ header: ChainHeader, _ result: JobResult, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard case .executed(let execution) = result else {
            return effects.append(
                .report(
                    .incident(
                        "block \(header.height) is final and cannot be executed: \(result)")))
        }
        committee?.executing = nil
        enter(execution, of: header, at: now, into: &effects)
        advanceLedger(at: now, into: &effects)
    }

    /// A block of the chain is executed: the ledger, the pool and those who wait go on from it.
    private mutating func enter(
        _ execution: BlockExecution, of header: ChainHeader, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        let height = header.height.value
        let isOurs =
            header.header.appHash == producer?.ledger.hash.array
            && header.header.lastResultsHash == producer?.lastResultsHash
        guard isOurs else {
            committee?.executing = height
            return effects.append(
                .report(
                    .incident("block \(height) is final and stands on another state than ours")))
        }
        committee?.ledgerHeight = height
        committee?.ledgerBlock = header.hash
        reportProgress(of: header.hash, at: now, into: &effects)
        let inclusions = InclusionList(height: height, records: execution.records)
        if let commit = producer?.commit(
            execution.state, resultsHash: execution.resultsHash, after: height)
        {
            let ticket = ticket()
            stores[ticket] = .ledger(height, version: execution.state.version)
            effects.append(
                .store(
                    ticket, .state(commit.state, values: commit.values + [inclusions.record])))
        }
        producer?.advance(
            to: execution.state, resultsHash: execution.resultsHash, after: height)
        producer?.remember(inclusions)
        committee?.harvest.advance(to: height)
        settleEvidence(execution.state, at: height, into: &effects)
        if header.height == Epoch(of: header.height, length: epochLength).end(length: epochLength) {
            tellSets(at: now, into: &effects)
        }
        let refused =
            producer?.pool.committed(
                inclusions.records.map(\.transactionHash), state: execution.state,
                height: header.height) ?? []
        answerWaiters(
            included: inclusions.records, refused: refused, at: now, into: &effects)
        settleBlocks(upTo: height, at: now, into: &effects)
        for hash in committee?.blocksInOrder ?? [] {
            let parent = committee?.blocks[hash]?.proposal.header.lastBlockID.hash
            if parent == header.hash { goOn(with: hash, at: now, into: &effects) }
        }
        readNewSnapshot(into: &effects)
        recertifyNext(height, at: now, into: &effects)
        askForDuties(at: now, into: &effects)
        buildIfDue(at: now, into: &effects)
    }

    mutating func ledgerStored(
        _ height: UInt64, version: UInt64, failure: String?, into effects: inout [RoleEffect]
    ) {
        guard let failure else {
            producer?.stored(version)
            return
        }
        effects.append(
            .report(.incident("the ledger of block \(height) was not stored: \(failure)")))
    }
}
