// SPDX-License-Identifier: Apache-2.0

/// What a validator is about to sign.
///
/// Anybody can write down a `Statement`, for instance one that a stranger made; what this node signs
/// itself goes through here, and votes that vouch for data need a `CertifiedAvailable`. Specified in
/// Protocol/20-agreement.md#durable-before-sent.
public struct SigningIntent: Hashable, Sendable, CustomStringConvertible {
    /// What will be signed.
    public let statement: Statement

    private init(_ statement: Statement) {
        self.statement = statement
    }

    /// The leader's own block of a view.
    public static func propose(
        _ block: BlockReference, _ epoch: Epoch, _ view: View
    ) -> SigningIntent {
        SigningIntent(.propose(block, epoch, view))
    }

    /// A valid block whose first rows are held.
    public static func notarize(
        _ block: BlockReference, _ epoch: Epoch, _ view: View
    ) -> SigningIntent {
        SigningIntent(.notarize(block, epoch, view))
    }

    /// A view that shall pass.
    public static func nullify(_ epoch: Epoch, _ view: View) -> SigningIntent {
        SigningIntent(.nullify(epoch, view))
    }

    /// A notarized block that is available.
    public static func finalize(
        _ certified: CertifiedAvailable, _ epoch: Epoch, _ view: View
    ) -> SigningIntent {
        SigningIntent(.finalize(certified.block, epoch, view))
    }

    /// A block that a descendant made final, and that is available.
    public static func commit(_ certified: CertifiedAvailable, _ epoch: Epoch) -> SigningIntent {
        SigningIntent(.commit(certified.block, epoch))
    }

    /// The statement's line.
    public var description: String { statement.description }
}
