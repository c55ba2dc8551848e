// SPDX-License-Identifier: Apache-2.0

/// The layouts of a share's content.
///
/// Specified in Protocol/01-namespaces-and-shares.md#share-version.
public enum ShareVersion {
    /// Transactions, padding and blobs of no named author.
    public static let plain: UInt8 = 0
    /// Blobs whose first share names the account that paid for them.
    public static let signed: UInt8 = 1
    /// One share that stands for data kept outside of the square (app version 10).
    public static let fibre: UInt8 = 2
    /// The greatest version that the info byte can name.
    public static let maximum: UInt8 = 127

    /// Whether the version's layout is known.
    public static func isSupported(_ version: UInt8) -> Bool { version <= fibre }

    /// Whether a sequence of the version names its signer in the first share.
    public static func hasSigner(_ version: UInt8) -> Bool { version == signed || version == fibre }
}
