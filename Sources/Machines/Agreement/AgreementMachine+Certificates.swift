// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// What certificates lead to (R4, R5, R7), and the second availability gate.
extension AgreementMachine {
    /// Looks at a certificate somebody sent; it may be of any view that can still come.
    mutating func receive(
        _ certificate: QuorumCertificate, from sender: Bytes20, at now: Instant,
        into effects: inout [Effect]
    ) {
        let statement = certificate.statement
        guard isOfThisEpoch(statement.epoch, from: sender, into: &effects) else { return }
        guard isNews(certificate), checks.hasRoom(for: statement) else { return }
        guard committee.hasQuorum(certificate, of: committee.set) else {
            return effects.append(.penalise(sender, .certificate))
        }
        verify(
            unverified(in: certificate), for: .certificate(certificate, from: sender), at: now,
            into: &effects)
    }

    /// Whether a certificate says something that this node has not on record.
    private func isNews(_ certificate: QuorumCertificate) -> Bool {
        let statement = certificate.statement
        if let block = statement.block, statement.kind == .commit || statement.view <= finalView {
            guard statement.kind != .notarize else { return false }
            return block.height.value <= commits.finalHeight && !commits.isClosed(block.height)
        }
        guard statement.view > finalView,
            statement.view.value - finalView.value <= AgreementLimits.openViewsMax
        else { return false }
        return views[statement.view]?[statement.kind]?.statement != statement
    }

    /// Those of a certificate's votes that this node has not verified already.
    func unverified(in certificate: QuorumCertificate) -> [SignedStatement] {
        let statement = certificate.statement
        if statement.epoch == committee.epoch, statement.kind != .commit {
            if views[statement.view]?[statement.kind] == certificate { return [] }
            if let tally = views[statement.view]?.tallies?[statement.kind] {
                return certificate.statements.filter { !tally.isVerified($0) }
            }
        } else if committee.base.certificate == certificate {
            return []
        }
        return certificate.statements
    }

    /// A certificate holds: its votes count, and it leads on.
    mutating func accept(
        _ certificate: QuorumCertificate, at now: Instant, into effects: inout [Effect]
    ) {
        if certificate.statement.kind != .commit {
            for signed in certificate.statements {
                observe(signed, isVerified: true, into: &effects)
            }
        }
        hold(certificate, at: now, into: &effects)
    }

    /// Keeps a certificate, passes it on once, and does what it asks for.
    mutating func hold(
        _ certificate: QuorumCertificate, at now: Instant, into effects: inout [Effect]
    ) {
        let statement = certificate.statement
        if let block = statement.block, statement.kind == .commit || statement.view <= finalView {
            guard statement.kind != .notarize else { return }
            return closeCommit(block, by: certificate, into: &effects)
        }
        guard statement.view > finalView, views[statement.view]?[statement.kind] == nil else {
            return
        }
        record(statement.view) { $0[statement.kind] = certificate }
        effects.append(.keep(certificate))
        effects.append(.broadcast(.certificate(certificate)))
        switch statement.kind {
        case .nullify: target = max(target, statement.view.next)
        case .notarize: notarized(certificate, at: now, into: &effects)
        case .finalize: finalize(certificate, at: now, into: &effects)
        case .propose, .commit: break
        }
    }

    /// Goes on with a view whose certificates were kept over a restart.
    mutating func resume(_ view: View, at now: Instant, into effects: inout [Effect]) {
        guard let block = views[view]?.notarization?.statement.block else { return }
        guard blocks[block.hash] != nil else { return ask(view, at: now, into: &effects) }
        blocks[block.hash]?.notarizedIn.append(view)
        advanceGate(of: block, into: &effects)
    }

    /// R4: a block is notarized; now its whole square is verified.
    private mutating func notarized(
        _ certificate: QuorumCertificate, at now: Instant, into effects: inout [Effect]
    ) {
        guard let block = certificate.statement.block else { return }
        let view = certificate.statement.view
        effects.append(.notarized(block, view))
        if block == final.block { return followCertificates(of: view, into: &effects) }
        guard blocks[block.hash] != nil else { return ask(view, at: now, into: &effects) }
        blocks[block.hash]?.notarizedIn.append(view)
        advanceGate(of: block, into: &effects)
        followCertificates(of: view, into: &effects)
        if case .refused? = blocks[block.hash]?.gate, view == self.view {
            nullifyIfFree(view, into: &effects)
        }
    }

    /// Begins the second gate of a notarized block whose parent has passed it, or is final.
    mutating func advanceGate(of block: BlockReference, into effects: inout [Effect]) {
        guard let record = blocks[block.hash], !record.notarizedIn.isEmpty,
            case .idle = record.gate
        else { return }
        let parent = record.proposal.parentBlock
        let isParentFit =
            configuration.mutant == .gateWithoutParent || parent == final.block
            || parent.map { blocks[$0.hash]?.certified != nil } ?? true
        guard isParentFit else { return }
        blocks[block.hash]?.gate = .running
        effects.append(.startCertify(record.proposal))
    }

    /// R5: a block is available whole.
    mutating func passGate(_ certified: CertifiedAvailable, into effects: inout [Effect]) {
        let block = certified.block
        blocks[block.hash]?.gate = .passed(certified)
        if commits.isAwaited(block.height) { return askForCommit(certified, into: &effects) }
        guard blocks[block.hash] != nil else { return }
        voteLate(for: block, into: &effects)
        for view in blocks[block.hash]?.notarizedIn ?? [] where view > finalView {
            followCertificates(of: view, into: &effects)
        }
        advanceChildren(of: block, into: &effects)
    }

    /// Notarized blocks that waited for their parent's gate begin their own.
    mutating func advanceChildren(of block: BlockReference, into effects: inout [Effect]) {
        for view in held where view > finalView {
            guard let child = views[view]?.notarization?.statement.block,
                blocks[child.hash]?.proposal.parentBlock == block
            else { continue }
            advanceGate(of: child, into: &effects)
        }
    }

    /// R6: a block is wrong for good; the view that it stands in shall pass.
    mutating func refuse(_ block: BlockReference, into effects: inout [Effect]) {
        guard blocks[block.hash] != nil else { return }
        blocks[block.hash]?.gate = .refused
        guard
            views[view]?.proposal?.block == block
                || views[view]?.notarization?.statement.block == block
        else { return }
        if views[view]?.proposal?.block == block { views[view]?.isRefused = true }
        nullifyIfFree(view, into: &effects)
    }
}
