// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain

/// What is known of one view.
struct ViewRecord: Sendable {
    /// The first proposal of its leader that holds.
    var proposal: Proposal?
    /// The leader's signed proposals, two at most: a second one is a fault.
    var proposed: [SignedStatement] = []
    /// Whether the proposal breaks a rule or its rows do, for good.
    var isRefused = false
    /// Single votes by kind; nil when none came, or when the view is too old.
    var tallies: ViewTallies?
    /// That a quorum notarized a block.
    var notarization: QuorumCertificate?
    /// That a quorum let the view pass.
    var nullification: QuorumCertificate?
    /// That a quorum finalized a block.
    var finalization: QuorumCertificate?
    /// What this node said, or has asked its signer to say.
    var own = OwnStatements()

    /// Whether it ended: there is something that leads beyond it.
    var isCertified: Bool { notarization != nil || nullification != nil || finalization != nil }

    /// The certificates that are held.
    var certificates: [QuorumCertificate] {
        [notarization, nullification, finalization].compactMap { $0 }
    }

    /// The certificate of a kind.
    subscript(kind: Statement.Kind) -> QuorumCertificate? {
        get {
            switch kind {
            case .notarize: notarization
            case .nullify: nullification
            case .finalize: finalization
            case .propose, .commit: nil
            }
        }
        set {
            switch kind {
            case .notarize: notarization = newValue
            case .nullify: nullification = newValue
            case .finalize: finalization = newValue
            case .propose, .commit: break
            }
        }
    }
}

/// What this node itself said in one view; asked for counts as said.
struct OwnStatements: Sendable {
    var propose: BlockReference?
    var notarize: BlockReference?
    var isNullified = false
    var finalize: BlockReference?
    /// Those that are signed, for telling them again byte for byte.
    var signed: [SignedStatement] = []

    mutating func note(_ statement: Statement) {
        switch statement.kind {
        case .propose: propose = statement.block
        case .notarize: notarize = statement.block
        case .nullify: isNullified = true
        case .finalize: finalize = statement.block
        case .commit: break
        }
    }
}

/// The three tallies of a view.
struct ViewTallies: Sendable {
    private var notarize: VoteTally
    private var nullify: VoteTally
    private var finalize: VoteTally

    init(memberCount: Int) {
        notarize = VoteTally(memberCount: memberCount)
        nullify = notarize
        finalize = notarize
    }

    subscript(kind: Statement.Kind) -> VoteTally {
        get {
            switch kind {
            case .notarize: notarize
            case .nullify: nullify
            case .finalize: finalize
            case .propose, .commit: preconditionFailure("a view has no tally of these")
            }
        }
        _modify {
            switch kind {
            case .notarize: yield &notarize
            case .nullify: yield &nullify
            case .finalize: yield &finalize
            case .propose, .commit: preconditionFailure("a view has no tally of these")
            }
        }
    }

    /// Whether a member voted in any way.
    func hasVote(of place: Int) -> Bool {
        notarize.vote(of: place) != nil || nullify.vote(of: place) != nil
            || finalize.vote(of: place) != nil
    }

    /// The first votes of a member.
    func votes(of place: Int) -> [SignedStatement] {
        [notarize, nullify, finalize].compactMap { $0.vote(of: place) }
    }
}

/// What is known of one block.
struct BlockRecord: Sendable {
    /// How far the whole square has been verified.
    enum Gate: Sendable { case idle, running, passed(CertifiedAvailable), refused }

    /// As it was first proposed.
    var proposal: Proposal
    /// Whether the first rows are held and hold.
    var hasRows = false
    /// The second gate.
    var gate = Gate.idle
    /// Views in which it was notarized.
    var notarizedIn: [View] = []

    var certified: CertifiedAvailable? {
        if case .passed(let certified) = gate { certified } else { nil }
    }
}
