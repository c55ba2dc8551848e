// SPDX-License-Identifier: Apache-2.0

/// What a token may do; celestia-node lists every level that it includes.
///
/// Specified in Protocol/17-json-rpc.md#levels.
package enum Permission: String, Sendable, CaseIterable {
    case `public`
    case read
    case write
    case admin

    /// Every level up to this one, as a token of this level lists them.
    package var cumulative: [Permission] {
        Permission.allCases.prefix { $0 != self } + [self]
    }
}
