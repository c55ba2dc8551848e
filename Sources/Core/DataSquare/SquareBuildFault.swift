// SPDX-License-Identifier: Apache-2.0

/// Why a list of transactions makes no square.
public enum SquareBuildFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// No square rules are known for the app version.
    case appVersion(UInt64)
    /// The maximum width is not a power of two within the version's bound.
    case sizeMaximum(Int)
    /// The transaction at this place does not fit any more.
    case noRoom(index: Int)
    /// A transaction at this place belongs before the one that precedes it.
    case order(index: Int)
    /// A blob of the transaction at this place lies in a reserved namespace.
    case namespace(index: Int)
    /// Transactions that pay for data outside of the square came with app version 10.
    case payForFibre(appVersion: UInt64)

    /// One line: what was wrong.
    public var description: String {
        switch self {
        case .appVersion(let version): "app version \(version) is unknown"
        case .sizeMaximum(let width): "no square can be up to \(width) shares wide"
        case .noRoom(let index): "transaction \(index) does not fit into the square"
        case .order(let index): "transaction \(index) stands behind one that must follow it"
        case .namespace(let index): "transaction \(index) has a blob in a reserved namespace"
        case .payForFibre(let version): "app version \(version) has no PayForFibre transactions"
        }
    }
}
