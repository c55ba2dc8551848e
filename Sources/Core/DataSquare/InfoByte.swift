// SPDX-License-Identifier: Apache-2.0

/// The byte after a share's namespace: seven bits of share version, one bit for a sequence's start.
///
/// Specified in Protocol/01-namespaces-and-shares.md#info-byte.
public struct InfoByte: Hashable, Sendable {
    /// The byte itself.
    public let rawValue: UInt8

    /// Reads a byte; every one has a meaning.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Joins a share version of at most 127 and the start bit.
    public init(shareVersion: UInt8, isSequenceStart: Bool) {
        precondition(shareVersion <= ShareVersion.maximum, "a share version has seven bits")
        rawValue = shareVersion << 1 | (isSequenceStart ? 1 : 0)
    }

    /// How the share's content is laid out.
    public var shareVersion: UInt8 { rawValue >> 1 }
    /// Whether the share is the first of its sequence.
    public var isSequenceStart: Bool { rawValue & 1 == 1 }
}
