// SPDX-License-Identifier: Apache-2.0

/// Why a square cannot be rebuilt from the shares at hand.
public enum RepairFault: Error, Hashable, Sendable {
    /// Too many shares are missing: no row or column that lacks some has k of them.
    case unrepairable
    /// A row or column is not the codeword that its root commits to: whoever committed lied, or one
    /// of the shares at hand is false.
    case byzantine(Axis, index: Int)
    /// The shares at hand have no square's shape, or not the header's.
    case shape(SquareFault)
}
