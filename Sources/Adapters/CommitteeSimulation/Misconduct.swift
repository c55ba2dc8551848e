// SPDX-License-Identifier: Apache-2.0

/// How some members misbehave.
package enum Misconduct: String, CaseIterable, Sendable {
    /// Says nothing.
    case silent
    /// Stops and starts again, all the time.
    case crashLoop
    /// Proposes two blocks in each of its views, one to each half, and votes for both.
    case equivocatingLeader
    /// Votes for every block it sees, and for letting every view pass.
    case doubleVoter
    /// Finalizes and nullifies in the same view.
    case finalizeAndNullify
    /// Lets every view pass as soon as there is a block.
    case nullifier
    /// Keeps the data of its blocks from some or all, or encodes it wrongly.
    case withholdingLeader
    /// Gives nobody honest the data of its blocks, and votes for what it does not hold.
    case custodyLiar
    /// Encodes the data of all its blocks wrongly.
    case wrongParity
    /// Proposes with times that are too early or too late.
    case timestampLiar
    /// Proposes on the last final block as if all since had been let pass.
    case gapJumper
    /// Each key runs in two instances that know nothing of each other, from the start.
    case twins
    /// Each key is started a second time, from a copy of its disk that may be older.
    case clonedKey
    /// Sends what it has heard before, again and again.
    case staleReplayer
    /// Votes and certificates of views that are far ahead.
    case futureSpammer
    /// Signs falsely, and makes up certificates.
    case forger
    /// Gives out pairs of votes that conflict, for blocks that do not exist.
    case evidenceSpammer

    /// Gives its proposals to just as many as can notarize them together with the faulty, and says
    /// nothing else of its own views.
    case favouringLeader
    /// Lets each view pass that somebody else lets pass, once and before one member alone; otherwise
    /// it is silent, and the honest lose power all at once.
    case briefVoter

    /// Whether each faulty key runs twice.
    var isDoubled: Bool { self == .twins || self == .clonedKey }
}
