// SPDX-License-Identifier: Apache-2.0

/// A bug that a machine is given on purpose, so that whoever watches it shows that it would see it.
///
/// None is on unless a test's `AgreementConfiguration` names it; each breaks the rule of
/// Protocol/20-agreement.md that it tells.
package enum AgreementMutant: String, CaseIterable, Sendable {
    /// Two thirds of the power count as a quorum.
    case quorumLow
    /// A quorum is counted in members, not in power.
    case quorumByCount
    /// Finalize is said in a view in which nullify was (R5).
    case finalizeAfterNullify
    /// Finalize is said of another block than was notarized (R5, its last clause).
    case finalizeOther
    /// A vote may come from anybody (Y7).
    case foreignVoteTaken
    /// A certificate needs no quorum (Y9).
    case certificateUnweighed
    /// The views between a block and its parent need not be nullified (R2, R3).
    case gapUnchecked
    /// A block is notarized before its parent passed the second gate (R3).
    case parentUncertified
    /// A block is notarized before its rows came (R3).
    case rowsUnchecked
    /// The proposal's header is not looked at (R3).
    case rulesUnchecked
    /// The second gate begins before that of the parent has ended (R4).
    case gateWithoutParent
    /// The members of one epoch go on in the next (Y1).
    case setKept
    /// The epoch's last block does not wait for the commits of the others (Y4).
    case endUnready
    /// Nobody tells that it stands still (R10).
    case standstillOmitted
    /// No wait grows (Y12).
    case backOffOmitted
    /// No heights are committed by votes of their own (R9).
    case commitsOmitted
    /// Nothing that is missing is asked for (Y15).
    case questionsOmitted
    /// After a restart what was said before is not thought of (Y11).
    case saidForgotten
    /// A fault is told of whenever it is seen (R12).
    case evidenceRepeated
}
