// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering
internal import Syncing

/// The conversation that makes final blocks part of the chain.
///
/// What the committee decides goes the way of all headers: it is verified, stored, told, and its
/// square wanted, which lies ready here. A member that missed a block takes it from others.
extension Node {
    mutating func finalized(
        _ finality: Finality, at now: Instant, into effects: inout [RoleEffect]
    ) {
        harvest(finality.certificate)
        guard let block = finality.blocks.last else { return }
        decide(block, by: finality.certificate, at: now, into: &effects)
    }

    /// A block has its commit; it is stored when all before it are.
    mutating func decide(
        _ block: BlockReference, by certificate: QuorumCertificate, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let committee, block.height.value > headers.head?.height.value ?? 0,
            let proposal = committee.blocks[block.hash]?.proposal,
            let set = committee.sets.members(of: certificate.statement.epoch),
            let commit = certificate.commit(of: set)
        else { return }
        mark(.final, block.hash, at: now)
        self.committee?.decided[block.height.value] = ExtendedHeader(
            header: proposal.header, commit: commit, validatorSet: set,
            dataAvailabilityHeader: proposal.roots)
        offerDecided(at: now, into: &effects)
    }

    /// Hands over the headers that follow the newest one.
    private mutating func offerDecided(at now: Instant, into effects: inout [RoleEffect]) {
        while let decided = committee?.decided, !decided.isEmpty {
            let height = headers.head?.height.value ?? 0
            for known in decided.keys.sorted() where known <= height {
                committee?.decided[known] = nil
            }
            guard let next = committee?.decided.removeValue(forKey: height + 1) else { return }
            tellHeaders(.decided(ChainHeader(next)), now, &effects)
            if headers.head?.height.value != height + 1 { return }
        }
    }

    /// Headers of the chain are on disk; squares that lie ready here are wanted from nobody.
    mutating func committeeHeadersStored(
        _ accepted: [ChainHeader], at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard committee != nil else { return }
        for header in accepted {
            let height = header.height.value
            if let block = BlockReference(header.header) {
                tellCommittee(.followed([block]), now, &effects)
                tellCommittee(.headerFollowed(block, header.header.time), now, &effects)
                confirmHarvest(of: block, header, into: &effects)
            }
            guard let block = committee?.blocks[header.hash], let square = block.square,
                !chain.squares.contains(height)
            else { continue }
            let bound = BoundSidecar(
                opening: SidecarOpening(
                    parametersHash: configuration.genesis?.consensusParameters.hash ?? Bytes32(),
                    extension: block.proposal.extension), sidecar: square.sidecar)
            let ticket = ticket()
            stores[ticket] = .sidecar(height)
            effects.append(
                .store(ticket, .values([(SidecarState.name(height), bound.encode())])))
            keep(square.square, at: height, now: now, into: &effects)
        }
        offerDecided(at: now, into: &effects)
        advanceLedger(at: now, into: &effects)
        followEpoch(at: now, into: &effects)
    }

    /// Whether the square of a header lies ready here.
    func hasSquareReady(_ header: ChainHeader) -> Bool {
        committee?.blocks[header.hash]?.square != nil
    }

    /// Blocks that are executed and stored are forgotten, but for those that others may still ask for.
    mutating func settleBlocks(
        upTo height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard height > NodeLimits.settledBlocksKept else { return }
        let old = height - NodeLimits.settledBlocksKept
        for hash in committee?.blocksInOrder ?? []
        where committee?.blocks[hash]?.proposal.header.height.value ?? 0 <= old {
            committee?.blocks[hash] = nil
        }
        tellAttestation(.settled(upTo: old), now, &effects)
    }

    // MARK: Votes for blocks that a descendant made final

    /// Verifies a final block whole that has no commit, as soon as it is stored.
    mutating func recertify(
        _ block: BlockReference, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if let certified = committee?.blocks[block.hash]?.certified {
            return tellCommittee(.certified(certified), now, &effects)
        }
        guard let count = committee?.recertifying.count, count < NodeLimits.recertifiedMax else {
            return
        }
        committee?.recertifying[block.height.value] = block
        recertifyNext(block.height.value, at: now, into: &effects)
    }

    /// A block is executed, or was: its square is read again if that is wanted.
    mutating func recertifyNext(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let block = committee?.recertifying[height],
            committee?.ledgerHeight ?? 0 >= height, chain.squares.contains(height)
        else { return }
        committee?.recertifying[height] = nil
        let ticket = ticket()
        loads[ticket] = .recertification(block)
        effects.append(.load(ticket, .header(height)))
    }

    mutating func recertificationLoaded(
        _ block: BlockReference, _ value: LoadedValue, into effects: inout [RoleEffect]
    ) {
        guard case .header(let header) = value, header.hash == block.hash else { return }
        let ticket = ticket()
        loads[ticket] = .recertifiedSquare(header)
        effects.append(.load(ticket, .square(block.height.value)))
    }

    mutating func recertifiedSquareLoaded(
        _ header: ChainHeader, _ value: LoadedValue, into effects: inout [RoleEffect]
    ) {
        guard case .square(let square) = value else { return }
        let ticket = ticket()
        jobs[ticket] = .recertification(header)
        effects.append(
            .compute(ticket, .extendOwn(square.square.originalSquare, misencoded: nil)))
    }

    mutating func recertified(
        _ header: ChainHeader, _ result: JobResult, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard case .extended(let square) = result, let proof = square.proof,
            let certified = CertifiedAvailable(header.header, square: proof)
        else { return }
        tellCommittee(.certified(certified), now, &effects)
    }
}
