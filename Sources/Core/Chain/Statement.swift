// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// What a member of the committee says about one view, or about one block that is final.
///
/// Notarize, finalize and commit are CometBFT's votes to the byte, so that a quorum of the latter
/// two is a `Commit`. Specified in Protocol/20-agreement.md#statements.
public struct Statement: Hashable, Sendable {
    /// The five kinds; the numbers are those of the wire.
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// The leader names its block of a view.
        case propose = 1
        /// A block is valid and its first rows are held.
        case notarize = 2
        /// A view shall pass without a block.
        case nullify = 3
        /// A notarized block's whole square was verified.
        case finalize = 4
        /// The same of a block that became final by a descendant.
        case commit = 5
    }

    /// Which kind.
    public let kind: Kind
    /// Which committee speaks.
    public let epoch: Epoch
    /// Which attempt; `View.base` where the kind is commit.
    public let view: View
    /// Which block; nil where the kind is nullify.
    public let block: BlockReference?

    private init(_ kind: Kind, _ epoch: Epoch, _ view: View, _ block: BlockReference?) {
        self.kind = kind
        self.epoch = epoch
        self.view = view
        self.block = block
    }

    /// The leader's block of a view.
    public static func propose(_ block: BlockReference, _ epoch: Epoch, _ view: View) -> Statement {
        Statement(.propose, epoch, view, block)
    }

    /// A valid block of a view.
    public static func notarize(_ block: BlockReference, _ epoch: Epoch, _ view: View) -> Statement
    {
        Statement(.notarize, epoch, view, block)
    }

    /// A view without a block.
    public static func nullify(_ epoch: Epoch, _ view: View) -> Statement {
        Statement(.nullify, epoch, view, nil)
    }

    /// A block that may become final in a view.
    public static func finalize(_ block: BlockReference, _ epoch: Epoch, _ view: View) -> Statement
    {
        Statement(.finalize, epoch, view, block)
    }

    /// A block that became final by a descendant.
    public static func commit(_ block: BlockReference, _ epoch: Epoch) -> Statement {
        Statement(.commit, epoch, .base, block)
    }

    /// Puts parts from the wire together; refuses those that do not belong together.
    init(
        kind: UInt64, epoch: UInt64, view: UInt64, block: BlockReference?
    ) throws(DecodeFault) {
        guard let kind = UInt8(exactly: kind).flatMap(Kind.init(rawValue:)) else {
            throw .malformed("a statement of no known kind")
        }
        let view = try View(decoding: view)
        guard (block == nil) == (kind == .nullify) else {
            throw .malformed("a statement with a block too many or too few")
        }
        guard (view == .base) == (kind == .commit) else {
            throw .malformed("a statement of a view that it cannot have")
        }
        self.init(kind, Epoch(epoch), view, block)
    }

    /// Whether the signed bytes carry a time.
    public var isTimed: Bool { kind == .notarize || kind == .finalize || kind == .commit }

    /// The bytes that are signed; `timestamp` counts only where the kind is timed.
    public func signBytes(chainID: String, timestamp: Timestamp) -> [UInt8] {
        guard isTimed, let block else { return untimedBytes(chainID: chainID) }
        return Vote(
            kind: kind == .notarize ? .prevote : .precommit, height: block.height,
            round: view.round, blockID: block.blockID, timestamp: timestamp
        ).signBytes(chainID: chainID)
    }

    /// `domain ‖ chain id ‖ epoch ‖ view [‖ block hash]`, integers low byte first.
    ///
    /// Only the chain's name has a length of its own, so two messages never share bytes.
    private func untimedBytes(chainID: String) -> [UInt8] {
        let domain = kind == .nullify ? "QDR1/nullify\0" : "QDR1/proposal\0"
        var bytes = Array(domain.utf8) + Array(chainID.utf8)
        bytes.append(littleEndian: epoch.value)
        bytes.append(littleEndian: view.value)
        if let block { bytes += block.hash.array }
        return bytes
    }
}

extension Statement: CustomStringConvertible {
    /// One line: kind, view and block.
    public var description: String {
        let block = block.map { " \($0)" } ?? ""
        return kind == .commit ? "commit\(block)" : "\(kind) \(epoch).\(view)\(block)"
    }
}
