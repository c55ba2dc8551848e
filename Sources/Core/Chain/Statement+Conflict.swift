// SPDX-License-Identifier: Apache-2.0

/// Two statements that one honest validator never makes; each pair alone shows who is at fault.
///
/// Specified in Protocol/20-agreement.md#faults, which numbers them so.
public enum VotingFault: UInt8, CaseIterable, Sendable {
    /// E1: two blocks notarized in one view.
    case notarizeTwice = 1
    /// E2: two blocks finalized in one view.
    case finalizeTwice = 2
    /// E3: a view nullified and a block of it finalized.
    case nullifyAndFinalize = 3
    /// E4: one block notarized and another finalized in one view.
    case notarizeAndFinalize = 4
    /// E5: two blocks committed at one height.
    case commitTwice = 5
    /// E6: two blocks proposed in one view.
    case proposeTwice = 6
}

extension Statement {
    /// Which rule this and another statement of the same validator break together, if any.
    ///
    /// The one table of what conflicts: the signer refuses by it, and evidence is judged by it.
    /// Statements of different epochs never conflict, for views are counted in each anew.
    public func fault(with other: Statement) -> VotingFault? {
        guard epoch == other.epoch else { return nil }
        if kind == .commit || other.kind == .commit {
            guard kind == other.kind, block?.height == other.block?.height, block != other.block
            else { return nil }
            return .commitTwice
        }
        guard view == other.view else { return nil }
        switch (kind, other.kind) {
        case (.notarize, .notarize): return block == other.block ? nil : .notarizeTwice
        case (.finalize, .finalize): return block == other.block ? nil : .finalizeTwice
        case (.propose, .propose): return block == other.block ? nil : .proposeTwice
        case (.nullify, .finalize), (.finalize, .nullify): return .nullifyAndFinalize
        case (.notarize, .finalize), (.finalize, .notarize):
            return block == other.block ? nil : .notarizeAndFinalize
        default: return nil
        }
    }
}
