// SPDX-License-Identifier: Apache-2.0

/// Why a piece of a square is not what its data availability header commits to.
///
/// Whoever sent such a piece has sent a falsehood (or the answer to another question), so every
/// case but `rootUnknown` is ground to refuse the sender, never to doubt the header.
public enum VerificationFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked for lies outside of the square.
    case outside(width: Int)
    /// Another number of shares than the place or the proof calls for.
    case shareCount(expected: Int, actual: Int)
    /// Another number of rows than the header's roots call for.
    case rowCount(expected: Int, actual: Int)
    /// The proof speaks of another range of leaves.
    case proofRange(expected: Range<Int>, actual: Range<Int>)
    /// The proof is of the wrong kind: presence for absence, a surplus one, or none at all.
    case proofKind
    /// The proof does not lead to the committed root, or leaves something out.
    case proofInvalid(Axis, index: Int)
    /// A rebuilt line has another root than the committed one.
    case rootMismatch(Axis, index: Int)
    /// The root that the proof would have to lead to is not known here; nobody lied.
    case rootUnknown(Axis, index: Int)
    /// A share bears another namespace than the one that was asked for.
    case wrongNamespace
    /// A proof of bad encoding speaks of another block.
    case wrongBlock
    /// A proof of bad encoding is of a line that is encoded as it should be.
    case encodingHolds
    /// A root does not lead to the data root, or a commitment to its subtree roots.
    case commitmentMismatch

    /// One line: what was wrong.
    public var description: String {
        switch self {
        case .outside(let width): "outside of a square \(width) wide"
        case .shareCount(let expected, let actual): "\(actual) shares where \(expected) belong"
        case .rowCount(let expected, let actual): "\(actual) rows where \(expected) belong"
        case .proofRange(let expected, let actual): "proof of \(actual) where \(expected) was asked"
        case .proofKind: "a proof of the wrong kind"
        case .proofInvalid(let axis, let index): "the proof fails under \(axis) root \(index)"
        case .rootMismatch(let axis, let index): "rebuilt \(axis) \(index) has another root"
        case .rootUnknown(let axis, let index): "the root of \(axis) \(index) is not known"
        case .wrongNamespace: "a share of another namespace"
        case .wrongBlock: "the proof speaks of another block"
        case .encodingHolds: "the line is encoded as it should be"
        case .commitmentMismatch: "the roots lead to another commitment"
        }
    }
}
