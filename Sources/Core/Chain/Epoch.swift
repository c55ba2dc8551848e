// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// A span of heights that one committee decides; the first is 0.
///
/// With spans of *n* heights, epoch *e* holds the heights *e* · *n* + 1 to (*e* + 1) · *n*, so a
/// block's height tells its epoch. Specified in Protocol/20-agreement.md#epochs.
public struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The most heights that an epoch may have, which bounds what is kept of one.
    public static let lengthMax: UInt64 = 4_096

    /// The number itself.
    public let value: UInt64

    /// Names an epoch.
    public init(_ value: UInt64) {
        self.value = value
    }

    /// The epoch of a height of at least 1.
    public init(of height: Height, length: UInt64) {
        self.init(height.value == 0 ? 0 : (height.value - 1) / length)
    }

    /// The epoch after this one.
    public var next: Epoch { Epoch(value &+ 1) }

    /// The height that the epoch stands on: that of the last block before it.
    public func base(length: UInt64) -> Height { Height(value.multipliedClamping(by: length)) }

    /// The height that ends the epoch.
    public func end(length: UInt64) -> Height { next.base(length: length) }

    /// What the next epoch's choices are drawn from: this one's seed and its last final block.
    ///
    /// Whoever proposes that block can try a few; nothing may hang on it that a few tries could turn.
    public static func seed(after seed: Bytes32, lastBlock: Bytes32) -> Bytes32 {
        SHA256.hash(Array("QDR1/epoch-seed\0".utf8) + seed.array + lastBlock.array)
    }

    /// The number in decimal.
    public var description: String { String(value) }

    /// Order of the numbers.
    public static func < (lhs: Epoch, rhs: Epoch) -> Bool { lhs.value < rhs.value }
}

extension UInt64 {
    fileprivate func multipliedClamping(by other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
