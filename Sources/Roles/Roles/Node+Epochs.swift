// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import Ledger
internal import Machinery
internal import Peering

/// The conversation about who decides: sets come from the ledger, epochs end where the chain says.
///
/// Specified in Protocol/20-agreement.md#sets.
extension Node {
    /// How many heights an epoch has.
    var epochLength: UInt64 { committee?.rules.epochLength ?? configuration.epochLength }

    /// Tells agreement the members of the next two epochs, as far as the ledger has fixed them.
    mutating func tellSets(at now: Instant, into effects: inout [RoleEffect]) {
        guard let epoch = committee?.agreement.epoch else { return }
        for coming in [epoch.next, epoch.next.next] {
            guard let set = producer?.members(of: coming) else { continue }
            if coming == committee?.sets.epoch.next, committee?.sets.next == nil {
                committee?.sets.next = set
                hearWaiting(at: now, into: &effects)
            }
            tellCommittee(.epochSet(coming, set), now, &effects)
        }
    }

    mutating func epochBegan(
        _ start: EpochStart, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let wasMember = committee?.place != nil
        reseat(for: start, at: now, into: &effects)
        committee?.unsigned.removeAll { $0.statement.epoch != start.epoch }
        committee?.keeping += 1
        let ticket = ticket()
        stores[ticket] = .epoch
        effects.append(
            .store(ticket, .values([(CommitteeRecord.epochName, CommitteeRecord.encode(start))])))
        let isMember = committee?.place != nil
        if isMember != wasMember {
            effects.append(
                .report(
                    .note(
                        isMember
                            ? "this validator votes from epoch \(start.epoch) on"
                            : "this validator votes no more from epoch \(start.epoch) on")))
        }
        hearWaiting(at: now, into: &effects)
        tellSets(at: now, into: &effects)
        followEpoch(at: now, into: &effects)
    }

    /// Takes up an epoch's members; where their places change, what was gathered is forgotten.
    private mutating func reseat(
        for start: EpochStart, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let before = committee?.set else { return }
        committee?.sets = CommitteeSets(start)
        let after = start.validatorSet
        guard before.validators.map(\.address) != after.validators.map(\.address) else { return }
        var places: [Int: Int] = [:]
        for (place, validator) in before.validators.enumerated() {
            places[place] = after.place(of: validator.address)
        }
        tellAttestation(.seated(committee?.place ?? -1, places: places), now, &effects)
        for hash in committee?.blocksInOrder ?? [] { committee?.blocks[hash]?.isAttesting = false }
    }

    mutating func epochKept(failure: String?, into effects: inout [RoleEffect]) {
        if let failure {
            return effects.append(
                .report(.incident("nothing is signed any more, the disk failed: \(failure)")))
        }
        committee?.keeping -= 1
        askSigner(into: &effects)
    }

    // MARK: Epochs that the chain is beyond

    /// Tells agreement how its epoch ended when the chain has that block already.
    ///
    /// A member may have missed the messages, and whoever is none was sent none.
    mutating func followEpoch(at now: Instant, into effects: inout [RoleEffect]) {
        guard let epoch = committee?.agreement.epoch, committee?.epochAsked != epoch else { return }
        let end = epoch.end(length: epochLength).value
        guard chain.headers.contains(end) else { return }
        committee?.epochAsked = epoch
        if let header = chain.recentHeader(end) {
            return epochEnded(by: header, at: now, into: &effects)
        }
        let ticket = ticket()
        loads[ticket] = .epochEnd(end)
        effects.append(.load(ticket, .header(end)))
    }

    mutating func epochEndLoaded(
        _ height: UInt64, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .header(let header) = value else {
            return effects.append(
                .report(.incident("header \(height) cannot be read, its epoch does not end here")))
        }
        epochEnded(by: header, at: now, into: &effects)
    }

    private mutating func epochEnded(
        by header: ChainHeader, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let certificate = certificate(of: header) else { return }
        tellCommittee(.epochEnded(certificate, header.header.time), now, &effects)
    }

    /// What made a header of the chain final: as many of the first votes of its commit as were
    /// verified for it.
    func certificate(of header: ChainHeader) -> QuorumCertificate? {
        guard let block = BlockReference(header.header),
            let view = View(UInt64(header.commit.round.magnitude))
        else { return nil }
        let epoch = Epoch(of: header.height, length: epochLength)
        // A finalization names its view as round, a commit vote none.
        let statement: Statement =
            view == .base ? .commit(block, epoch) : .finalize(block, epoch, view)
        var signed: [SignedStatement] = []
        var power: Int64 = 0
        for (place, vote) in header.commit.signatures.enumerated()
        where vote.flag == .commit && power < header.validatorSet.quorumPower {
            guard let signature = vote.signature else { continue }
            signed.append(
                SignedStatement(
                    statement, place: place, timestamp: vote.timestamp, signature: signature))
            power += header.validatorSet.validators[place].votingPower
        }
        return QuorumCertificate(statement, signed)
    }
}
