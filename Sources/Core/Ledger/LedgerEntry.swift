// SPDX-License-Identifier: Apache-2.0

/// A key of the ledger and what stands there.
///
/// The key has 1 to 61 bytes, the first of which is the entry's kind. Specified in
/// Protocol/10-chain-and-ledger.md#entries.
public struct LedgerEntry: Hashable, Sendable {
    /// The key.
    public let key: [UInt8]
    /// The value as the app hash has it, or nil when there is none any more.
    public let value: [UInt8]?

    /// Takes both; whoever reads a state judges them.
    public init(key: [UInt8], value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}
