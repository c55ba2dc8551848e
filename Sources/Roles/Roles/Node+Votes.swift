// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import Cryptography
internal import Ledger
internal import Machinery
internal import Peering

/// The conversation that collects votes for blocks of one's own, and faults to tell of.
///
/// Specified in Protocol/21-staking.md#included-votes.
extension Node {
    /// A member's vote came; a certificate may have been made without it.
    mutating func harvest(
        _ signed: SignedStatement, from member: Bytes20, into effects: inout [RoleEffect]
    ) {
        guard configuration.rules.staking != nil,
            let set = committee?.sets.members(of: signed.statement.epoch),
            set.place(of: member) == signed.place
        else { return }
        let due = committee?.harvest.note(signed, isVerified: false, memberCount: set.count)
        if let due { verifyHarvest([due], into: &effects) }
    }

    /// Whether a vote is for a block of the chain: it counts, and asks for no answer.
    func isLate(_ statement: Statement) -> Bool {
        guard configuration.rules.staking != nil, statement.kind == .commit,
            let block = statement.block
        else { return false }
        return chain.recentHeader(block.height.value)?.hash == block.hash
    }

    /// A certificate was verified, and all votes in it.
    mutating func harvest(_ certificate: QuorumCertificate) {
        guard configuration.rules.staking != nil,
            let set = committee?.sets.members(of: certificate.statement.epoch)
        else { return }
        for signed in certificate.statements {
            _ = committee?.harvest.note(signed, isVerified: true, memberCount: set.count)
        }
    }

    /// This node signed something.
    mutating func harvest(
        _ statement: Statement, _ timestamp: Timestamp, _ signature: Bytes64
    ) {
        guard configuration.rules.staking != nil,
            let set = committee?.sets.members(of: statement.epoch),
            let address = committee?.greeting.address, let place = set.place(of: address)
        else { return }
        let signed = SignedStatement(
            statement, place: place, timestamp: timestamp, signature: signature)
        _ = committee?.harvest.note(signed, isVerified: true, memberCount: set.count)
    }

    /// A block is in the chain: the votes for it are worth verifying, those of its commit among them.
    mutating func confirmHarvest(
        of block: BlockReference, _ header: ChainHeader, into effects: inout [RoleEffect]
    ) {
        guard configuration.rules.staking != nil else { return }
        if let certificate = certificate(of: header) { harvest(certificate) }
        verifyHarvest(committee?.harvest.confirm(block) ?? [], into: &effects)
    }

    private mutating func verifyHarvest(
        _ votes: [SignedStatement], into effects: inout [RoleEffect]
    ) {
        var claims: [SignatureClaim] = []
        var claimed: [SignedStatement] = []
        for signed in votes {
            guard let set = committee?.sets.members(of: signed.statement.epoch),
                signed.place < set.count
            else { continue }
            claims.append(SignatureClaim(signed: signed, key: set.validators[signed.place].key))
            claimed.append(signed)
        }
        guard !claims.isEmpty else { return }
        let ticket = ticket()
        jobs[ticket] = .harvest(claimed)
        effects.append(
            .compute(ticket, .verifyStatements(claims, chainID: configuration.rules.chainID)))
    }

    mutating func harvested(
        _ votes: [SignedStatement], _ result: JobResult, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard case .statementsVerified(let holds) = result else {
            preconditionFailure("signatures are verified by their job")
        }
        for (signed, holds) in zip(votes, holds) {
            committee?.harvest.judge(signed, holds: holds)
            guard !holds, let set = committee?.sets.members(of: signed.statement.epoch),
                signed.place < set.count,
                let peer = committee?.peerOf[set.validators[signed.place].address]
            else { continue }
            penalize(
                Peer(peer.text), "broke a rule of the committee: signature", at: now,
                into: &effects)
        }
    }

    /// Finalizes a block that does not exist beside the true one, where that is asked for in a test.
    mutating func signTwice(
        _ statement: Statement, _ timestamp: Timestamp, into effects: inout [RoleEffect]
    ) {
        guard let misbehavior = configuration.misbehavior,
            let seed = misbehavior.doubleSigningSeed, committee?.hasSignedTwice == false,
            statement.kind == .finalize, let block = statement.block,
            block.height.value >= misbehavior.fromHeight, let place = committee?.place
        else { return }
        committee?.hasSignedTwice = true
        let other = Statement.finalize(
            BlockReference(
                height: block.height, hash: SHA256.hash(block.hash), dataRoot: block.dataRoot),
            statement.epoch, statement.view)
        let bytes = other.signBytes(
            chainID: configuration.rules.chainID, timestamp: timestamp)
        broadcast(
            .vote(
                SignedStatement(
                    other, place: place, timestamp: timestamp,
                    signature: Ed25519PrivateKey(seed: seed).sign(bytes))), into: &effects)
    }

    /// What a block of one's own says first, and the state behind that.
    ///
    /// Votes were verified when they came, so that the block is valid; if it were not for a fault of
    /// this node, the block is made without them.
    func opening(
        of header: BlockHeader, on state: LedgerState
    ) throws(LedgerFault) -> BlockOpening {
        let transition = LedgerTransition(rules: configuration.rules)
        let votes = try includedVotes(below: header, on: state, transition)
        let evidence = committee?.evidence.told ?? []
        return try transition.open(header, votes: votes, evidence: evidence, on: state)
    }

    private func includedVotes(
        below header: BlockHeader, on state: LedgerState, _ transition: LedgerTransition
    ) throws(LedgerFault) -> IncludedVotes? {
        var heights: [IncludedVotes.OfHeight] = []
        for wanted in try transition.votesWanted(below: header, on: state) {
            let votes =
                committee?.harvest.verified(for: wanted.block)
                .filter { wanted.places.contains($0.place) } ?? []
            guard !votes.isEmpty else { continue }
            heights.append(
                IncludedVotes.OfHeight(
                    height: wanted.block.height.value,
                    votes: votes.map {
                        IncludedVotes.Vote(
                            place: $0.place, round: $0.statement.view.round,
                            timestamp: $0.timestamp, signature: $0.signature)
                    }))
        }
        return heights.isEmpty ? nil : IncludedVotes(heights)
    }
}
