// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// The namespaces that the protocol keeps, and what may be done with any namespace.
///
/// Reserved ones stand at both ends of the order, so that transactions come first in a square and
/// its padding last. Specified in Protocol/01-namespaces-and-shares.md#reserved-namespaces.
extension Namespace {
    /// The version that users' namespaces have.
    public static let userVersion: UInt8 = 0
    /// The version that only the protocol uses.
    public static let reservedVersion: UInt8 = 255

    /// Ordinary transactions, in compact shares.
    public static let transactions = primaryReserved(1)
    /// Named by the protocol, but never used.
    public static let intermediateStateRoots = primaryReserved(2)
    /// Transactions that pay for blobs, each in its index wrapper.
    public static let payForBlobs = primaryReserved(4)
    /// Transactions that pay for data outside of the square (app version 10).
    public static let payForFibre = primaryReserved(5)
    /// Padding between the last compact share and the first blob; the greatest primary one.
    public static let primaryReservedPadding = primaryReserved(255)
    /// The least of the reserved namespaces at the far end.
    public static let secondaryReservedMinimum = secondaryReserved(0)
    /// Padding that fills a square.
    public static let tailPadding = secondaryReserved(254)
    /// Parity shares; the greatest namespace.
    public static let parity = secondaryReserved(255)

    /// Whether it is among the first 256 of version 0, which the protocol keeps.
    public var isPrimaryReserved: Bool { self <= .primaryReservedPadding }
    /// Whether it is among the last 256 of all.
    public var isSecondaryReserved: Bool { self >= .secondaryReservedMinimum }
    /// Whether users may not write to it.
    public var isReserved: Bool { isPrimaryReserved || isSecondaryReserved }

    /// Whether its shares are parity.
    public var isParity: Bool { self == .parity }
    /// Whether its shares fill the square's end.
    public var isTailPadding: Bool { self == .tailPadding }
    /// Whether its shares stand between transactions and blobs.
    public var isPrimaryReservedPadding: Bool { self == .primaryReservedPadding }
    /// Whether its shares are a stream of length-prefixed transactions.
    public var isCompact: Bool {
        self == .transactions || self == .payForBlobs || self == .payForFibre
    }

    /// Whether its version exists and, for version 0, its prefix is zero.
    public var hasValidForm: Bool {
        if version == Self.reservedVersion { return true }
        return version == Self.userVersion && (1...18).allSatisfy { bytes[$0] == 0 }
    }
    /// Whether a user's blob may have it.
    public var isValidForBlob: Bool {
        version == Self.userVersion && hasValidForm && !isReserved
    }
    /// Whether one may ask for its shares: anything valid but parity and tail padding.
    public var isValidForData: Bool { hasValidForm && !isParity && !isTailPadding }

    private static func primaryReserved(_ last: UInt8) -> Namespace {
        var bytes = FixedBytes<29>()
        bytes[28] = last
        return Namespace(unchecked: bytes)
    }

    private static func secondaryReserved(_ last: UInt8) -> Namespace {
        var bytes = FixedBytes<29>(repeating: 255)
        bytes[28] = last
        return Namespace(unchecked: bytes)
    }
}
