// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// What this node still asks for, and how much it has answered to whom.
struct StragglerBook: Sendable {
    private struct Question: Sendable {
        let view: View
        var attempts: Int
        var due: Instant
    }

    private var questions: [Question] = []
    private var answered: [Bytes20: Int] = [:]
    /// The last finalizations of past epochs, oldest first.
    private var ends: [QuorumCertificate] = []
    /// The proposal of the last block of the epoch before.
    var lastProposal: Proposal?
    /// When commits that are missing are asked for again.
    var commitsDue: Instant?
    /// How many pages of views were told.
    var page = 0
    /// Who is asked next for what nobody in particular has.
    var turn = 0

    /// How many views are asked for.
    var questionCount: Int { questions.count }

    /// When something is to be asked again.
    var nextDue: Instant? {
        let questions = questions.map(\.due).min()
        return [questions, commitsDue].compactMap { $0 }.min()
    }

    /// Whether one more answer to a member is due before the next retry.
    mutating func mayAnswer(_ address: Bytes20) -> Bool {
        let count = answered[address, default: 0]
        guard count < AgreementLimits.answersMax,
            count > 0 || answered.count < AgreementLimits.askersMax
        else { return false }
        answered[address] = count + 1
        return true
    }

    /// Everybody is answered anew.
    mutating func renew() {
        answered.removeAll(keepingCapacity: true)
    }

    /// Whether a view is to be asked for now, for the first time.
    mutating func ask(_ view: View, next due: Instant) -> Bool {
        guard questions.count < AgreementLimits.questionsMax,
            !questions.contains(where: { $0.view == view })
        else { return false }
        questions.append(Question(view: view, attempts: 1, due: due))
        return true
    }

    /// The views to ask for again, each with how often it was asked for.
    mutating func due(
        at now: Instant, next due: Instant, while isMissing: (View) -> Bool
    ) -> [(view: View, attempts: Int)] {
        questions.removeAll { !isMissing($0.view) }
        var views: [(view: View, attempts: Int)] = []
        for index in questions.indices where questions[index].due <= now {
            views.append((questions[index].view, questions[index].attempts))
            questions[index].attempts += 1
            questions[index].due = due
        }
        return views
    }

    /// An epoch ended; what was asked of it is of no interest any more.
    mutating func ended(by certificate: QuorumCertificate, _ proposal: Proposal?) {
        questions = []
        page = 0
        lastProposal = proposal
        ends.append(certificate)
        if ends.count > AgreementLimits.epochsKept { ends.removeFirst() }
    }

    /// What ended an epoch, if it is remembered.
    func end(of epoch: Epoch) -> QuorumCertificate? {
        ends.first { $0.statement.epoch == epoch }
    }
}
