// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import Ledger
internal import Machinery
internal import Peering
internal import StateTree
internal import Syncing

/// The conversation by which a validator that is far behind gets its ledger from a snapshot.
extension Node {
    /// Whether the ledger comes from a snapshot, and nothing is executed meanwhile.
    ///
    /// It does when more blocks than `snapshotLagBlocks` are to be executed, or when the next one's
    /// header or square is not to be had any more.
    mutating func wantsSnapshot(at now: Instant, into effects: inout [RoleEffect]) -> Bool {
        if snapshots.machine.isFetching, snapshots.machine.fruitless >= NodeLimits.snapshotSeeks {
            // Nobody has one: the blocks are executed, as far as they are here.
            snapshots.restsUntil = now.advanced(
                byMilliseconds: NodeLimits.snapshotRestMilliseconds)
            tellSnapshots(.unwanted, now, &effects)
        }
        if snapshots.machine.isFetching || snapshots.restored != nil || !snapshots.unkept.isEmpty {
            return true
        }
        if let until = snapshots.restsUntil, now < until { return false }
        guard let committee, committee.executing == nil, fraud.refusal == nil,
            let producer, configuration.snapshotLagBlocks > 0
        else { return false }
        let next = committee.ledgerHeight + 1
        let isPruned = headers.isSynced && chain.tail > next
        guard isPruned || chain.height > committee.ledgerHeight + configuration.snapshotLagBlocks
        else { return false }
        snapshots.count += 1
        let version = producer.ledger.version + Producer.restoredVersions * snapshots.count
        effects.append(
            .report(
                .note(
                    "the ledger is at \(committee.ledgerHeight), the chain at \(chain.height): a "
                        + "snapshot is looked for")))
        snapshots.restsUntil = nil
        tellSnapshotPeers(at: now, into: &effects)
        tellSnapshots(
            .wanted(
                above: committee.ledgerHeight + 1, version: version,
                store: stateNodes), now, &effects)
        return true
    }

    mutating func tellSnapshots(
        _ event: SnapshotMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        var asked: [SnapshotMachine.Effect] = []
        snapshots.machine.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .ask(let question, let peer):
                ask(question, of: peer, at: now, into: &effects)
            case .readHeader(let height):
                readSnapshotHeader(height, at: now, into: &effects)
            case .keep(let change): keep(StateCommit(change), into: &effects)
            case .abandon(let version):
                // One may be on its way; those behind it are of no use.
                snapshots.unkept.removeLast(max(0, snapshots.unkept.count - 1))
                keep(StateCommit(dropping: version..<version + 1), into: &effects)
            case .penalize(let peer, let reason):
                penalize(peer, "snapshots: \(reason)", at: now, into: &effects)
            case .restored(_, let tree): restored(tree, at: now, into: &effects)
            case .wake(let moment): effects.append(.wake(at: moment))
            }
        }
    }

    /// Stores a change as soon as those before it are stored.
    private mutating func keep(_ change: StateCommit, into effects: inout [RoleEffect]) {
        snapshots.unkept.append(change)
        if snapshots.unkept.count == 1 { storeNextChange(into: &effects) }
    }

    private mutating func storeNextChange(into effects: inout [RoleEffect]) {
        guard let change = snapshots.unkept.first else { return }
        let ticket = ticket()
        stores[ticket] = .snapshotNodes
        effects.append(.store(ticket, .state(change, values: [])))
    }

    mutating func wakeSnapshots(at now: Instant, into effects: inout [RoleEffect]) {
        guard snapshots.machine.isFetching else { return }
        tellSnapshots(.woke, now, &effects)
        if snapshots.machine.fruitless >= NodeLimits.snapshotSeeks {
            advanceLedger(at: now, into: &effects)
        }
    }

    mutating func snapshotPeersChanged(at now: Instant, into effects: inout [RoleEffect]) {
        guard snapshots.machine.isFetching else { return }
        tellSnapshotPeers(at: now, into: &effects)
    }

    private mutating func tellSnapshotPeers(
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        let name = SnapshotExchange.protocolID(network: configuration.network)
        tellSnapshots(.peersChanged(peers.serving(name).map(\.handle)), now, &effects)
    }

    // MARK: Peers

    private mutating func ask(
        _ question: SnapshotQuestion, of peer: Peer, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let identifier = peers.identifier(of: peer) else {
            return tellSnapshots(.unanswered(by: peer), now, &effects)
        }
        let number = ask(
            SnapshotExchange.protocolID(network: configuration.network), of: identifier,
            bytes: question.protobuf, answerLimit: SnapshotExchange.answerMax,
            milliseconds: NodeLimits.snapshotMilliseconds, at: now)
        requests[number] = .snapshot(identifier)
    }

    mutating func snapshotAnswered(
        by peer: PeerIdentifier, _ result: Result<[UInt8], RequestFault>, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard case .success(let bytes) = result else {
            return tellSnapshots(.unanswered(by: Peer(peer.text)), now, &effects)
        }
        do throws(DecodeFault) {
            let answer = try SnapshotAnswer(protobuf: bytes)
            tellSnapshots(.answered(answer, by: Peer(peer.text)), now, &effects)
        } catch {
            tellSnapshots(.unanswered(by: Peer(peer.text)), now, &effects)
        }
    }

    // MARK: Headers

    private mutating func readSnapshotHeader(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard chain.headers.contains(height) else {
            return tellSnapshots(.header(height, appHash: nil), now, &effects)
        }
        if let header = chain.recentHeader(height) {
            return tellSnapshotHeader(header, at: now, into: &effects)
        }
        let ticket = ticket()
        loads[ticket] = .snapshotHeader(height)
        effects.append(.load(ticket, .header(height)))
    }

    mutating func snapshotHeaderLoaded(
        _ height: UInt64, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .header(let header) = value else {
            return tellSnapshots(.header(height, appHash: nil), now, &effects)
        }
        tellSnapshotHeader(header, at: now, into: &effects)
    }

    private mutating func tellSnapshotHeader(
        _ header: ChainHeader, at now: Instant, into effects: inout [RoleEffect]
    ) {
        snapshots.header = header
        tellSnapshots(
            .header(header.height.value, appHash: Bytes32(header.header.appHash)), now, &effects)
    }

    // MARK: The restored ledger

    private mutating func restored(
        _ tree: StateTree, at now: Instant, into effects: inout [RoleEffect]
    ) {
        do throws(LedgerFault) {
            snapshots.restored = try LedgerState(restored: tree)
            storeRestored(into: &effects)
        } catch {
            effects.append(
                .report(.incident("a snapshot under a final header is no ledger: \(error)")))
        }
    }

    /// A part of what is being restored is on disk, or could not be put there.
    mutating func snapshotKept(
        failure: String?, at now: Instant, into effects: inout [RoleEffect]
    ) {
        snapshots.unkept.removeFirst()
        storeNextChange(into: &effects)
        if let failure {
            snapshots.restored = nil
            effects.append(.report(.incident("a snapshot was not stored: \(failure)")))
            tellSnapshots(.notKept(failure), now, &effects)
        }
        storeRestored(into: &effects)
    }

    /// With all its nodes on disk, the ledger itself goes there.
    private mutating func storeRestored(into effects: inout [RoleEffect]) {
        guard snapshots.unkept.isEmpty, let state = snapshots.restored, let producer,
            let header = snapshots.header
        else { return }
        let commit = producer.commit(
            restored: state, resultsHash: header.header.lastResultsHash ?? Bytes32(),
            after: header.height.value - 1)
        let ticket = ticket()
        stores[ticket] = .restoredLedger(state, header)
        effects.append(.store(ticket, .state(commit.state, values: commit.values)))
    }

    mutating func restoredLedgerStored(
        _ state: LedgerState, _ header: ChainHeader, failure: String?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        snapshots.restored = nil
        if let failure {
            effects.append(.report(.incident("a snapshot was not stored: \(failure)")))
            return
        }
        let height = header.height.value - 1
        producer?.restore(
            state, resultsHash: header.header.lastResultsHash ?? Bytes32(), after: height)
        committee?.ledgerHeight = height
        committee?.ledgerBlock = header.header.lastBlockID.hash
        effects.append(.report(.note("the ledger of height \(height) came from a snapshot")))
        effects.append(.report(.counted("snapshots.restored", 1)))
        advanceLedger(at: now, into: &effects)
    }
}
