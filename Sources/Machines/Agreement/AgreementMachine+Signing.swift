// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// What this node says itself: first asked of its signer, sent when that has answered.
extension AgreementMachine {
    /// Asks for a signature; from then on the statement counts as made.
    mutating func sign(_ intent: SigningIntent, into effects: inout [Effect]) {
        guard committee.ownPlace != nil else { return }
        let statement = intent.statement
        if statement.kind != .commit {
            record(statement.view) { $0.own.note(statement) }
        }
        effects.append(.sign(intent))
    }

    /// A statement of this node is durable and signed.
    mutating func finishSigning(
        _ intent: SigningIntent, _ timestamp: Timestamp, _ signature: Bytes64, at now: Instant,
        into effects: inout [Effect]
    ) {
        let statement = intent.statement
        guard statement.epoch == committee.epoch, let place = committee.ownPlace else { return }
        let signed = SignedStatement(
            statement, place: place, timestamp: timestamp, signature: signature)
        switch statement.kind {
        case .propose:
            publish(statement, signature, at: now, into: &effects)
        case .commit:
            guard let block = statement.block else { return }
            guard commits.isOpen(block.height) else {
                if lateVotes.contains(block.height.value) {
                    effects.append(.broadcast(.vote(signed)))
                }
                return
            }
            commits[block.height].own = signed
            effects.append(.broadcast(.vote(signed)))
            countCommit(signed, isVerified: true, into: &effects)
            tallyCommit(block.height, into: &effects)
        case .notarize, .nullify, .finalize:
            guard statement.view >= lowestHeld else { return }
            record(statement.view) { $0.own.signed.append(signed) }
            effects.append(.broadcast(.vote(signed)))
            observe(signed, isVerified: true, into: &effects)
            tally(statement.kind, in: statement.view, at: now, into: &effects)
        }
    }

    /// R6: lets a view pass, unless this node finalized in it.
    mutating func nullifyIfFree(_ view: View, into effects: inout [Effect]) {
        let own = views[view]?.own ?? OwnStatements()
        guard !own.isNullified, own.finalize == nil, views[view]?.nullification == nil else {
            return
        }
        sign(.nullify(committee.epoch, view), into: &effects)
    }

    /// R5: finalizes an available block, unless this node let its view pass or notarized another.
    mutating func finalizeIfFree(
        _ certified: CertifiedAvailable, in view: View, into effects: inout [Effect]
    ) {
        let own = views[view]?.own ?? OwnStatements()
        let mutant = configuration.mutant
        guard view > finalView, !own.isNullified || mutant == .finalizeAfterNullify,
            own.finalize == nil,
            own.notarize == nil || own.notarize == certified.block || mutant == .finalizeOther
        else { return }
        sign(.finalize(certified, committee.epoch, view), into: &effects)
    }
}
