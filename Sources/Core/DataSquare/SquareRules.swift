// SPDX-License-Identifier: Apache-2.0

/// The rules of square building that depend on the app version.
///
/// Specified in Protocol/02-square-layout.md#app-versions.
public struct SquareRules: Hashable, Sendable {
    /// The least and greatest app versions whose rules are known.
    public static let appVersions: ClosedRange<UInt64> = 1...10
    /// The version whose rules hold where nothing else is said: that of Celestia's main network.
    public static let appVersionDefault: UInt64 = 9
    /// The version that brought PayForFibre transactions.
    public static let payForFibreVersion: UInt64 = 10
    /// The version from which a square may be 512 shares wide.
    public static let wideSquareVersion: UInt64 = 6

    /// The version.
    public let appVersion: UInt64

    /// The rules of a version that is known.
    public init(appVersion: UInt64 = appVersionDefault) throws(SquareBuildFault) {
        guard Self.appVersions.contains(appVersion) else { throw .appVersion(appVersion) }
        self.appVersion = appVersion
    }

    /// The greatest width of an original square.
    public var widthMaximum: Int {
        appVersion < Self.wideSquareVersion
            ? SquareSize.upperBoundBeforeVersion6 : SquareSize.upperBound
    }

    /// Whether PayForFibre transactions and their system blobs exist.
    public var hasPayForFibre: Bool { appVersion >= Self.payForFibreVersion }
}
