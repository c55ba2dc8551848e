// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain

/// How a machine and what it asks for look from outside.
extension AgreementMachine {
    /// The present epoch.
    package var epoch: Epoch { committee.epoch }

    /// Δ of the present view, in nanoseconds.
    package var delta: UInt64 { timer.delta }

    /// One line about where this node stands, for whoever looks for the reason that nothing goes on.
    package var standing: String {
        let record = views[view]
        let own = record?.own ?? OwnStatements()
        let block = record?.proposal?.block
        let known = block.flatMap { blocks[$0.hash] }
        let stuck = held.filter { $0 > finalView && $0 < view && views[$0]?.nullification == nil }
            .map { view in
                let block = views[view]?.notarization?.statement.block
                let gate = block.flatMap { blocks[$0.hash] }.map { "\($0.gate)" } ?? "unknown"
                return "\(view): \(block?.description ?? "nothing") \(gate.prefix(8))"
            }
        return "epoch \(committee.epoch) view \(view) final \(finalView) at \(commits.finalHeight)"
            + " open \(commits.lowestOpen) delta \(timer.delta / 1_000_000) ms"
            + (isWaitingForSet ? " waits for a set" : "")
            + " proposal \(block?.description ?? "none")\(record?.isRefused == true ? " refused" : "")"
            + " rows \(known?.hasRows ?? false) own \(own.signed.map(\.description))"
            + " asked \(own.notarize != nil) \(own.isNullified) \(own.finalize != nil)"
            + " gate \(known.map { "\($0.gate)" }?.prefix(8) ?? "none") in \(known?.notarizedIn ?? [])"
            + " not passed \(stuck) certificates \((record?.certificates ?? []).map(\.statement.description))"
    }

    /// How much is kept.
    package var load: AgreementLoad {
        AgreementLoad(
            views: views.count, talliedViews: views.values.count { $0.tallies != nil },
            blocks: blocks.count, checks: checks.count, questions: stragglers.questionCount,
            openCommits: commits.entryCount)
    }
}

extension AgreementMachine.Effect: CustomStringConvertible {
    /// One line for a script.
    package var description: String {
        switch self {
        case .sign(let intent): "sign \(intent)"
        case .keep(let certificate): "keep certificate of \(certificate.statement)"
        case .verify(let id, let claims): "verify \(id): \(claims.count) signatures"
        case .broadcast(let message): "broadcast \(Self.text(message))"
        case .send(let message, let member): "send \(Self.text(message)) to \(member.hex.prefix(8))"
        case .buildBlock(let request):
            "build \(request.epoch).\(request.view) on \(Self.text(request.parent.block))"
                + (request.nullifications.isEmpty
                    ? "" : " with \(request.nullifications.count) nullifications")
        case .awaitRows(let proposal): "await rows of \(proposal.block)"
        case .startCertify(let proposal): "certify \(proposal.block)"
        case .recertify(let block): "certify final \(block)"
        case .notarized(let block, let view): "notarized \(block) in \(view)"
        case .finalized(let finality):
            "final: \(finality.blocks.map(\.description).joined(separator: " "))"
        case .committed(let certificate, _): "committed \(Self.text(certificate.statement.block))"
        case .epochBegan(let start): "epoch \(start.epoch) on \(Self.text(start.base.block))"
        case .serveCommit(let height, let member):
            "serve commit \(height) to \(member.hex.prefix(8))"
        case .evidence(let evidence): "evidence \(evidence.fault) of place \(evidence.first.place)"
        case .penalise(let member, let offence): "penalise \(member.hex.prefix(8)): \(offence)"
        case .wake(let instant): "wake at \(instant)"
        }
    }

    private static func text(_ block: BlockReference?) -> String { block?.description ?? "genesis" }

    private static func text(_ message: AgreementMessage) -> String {
        switch message {
        case .vote(let vote): "\(vote.statement)"
        case .proposal(let proposal): "proposal \(proposal.statement.view) \(proposal.block)"
        case .certificate(let certificate): "certificate of \(certificate.statement)"
        case .standstill(let standstill):
            "standstill in \(standstill.view): \(standstill.certificates.count) certificates, "
                + "\(standstill.votes.count) votes"
        case .question(.view(let epoch, let view)): "question for view \(epoch).\(view)"
        case .question(.commit(let height)): "question for commit \(height)"
        case .greeting: "greeting"
        }
    }
}
