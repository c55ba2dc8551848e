// SPDX-License-Identifier: Apache-2.0

/// What was wrong with bytes that somebody sent, and where.
///
/// Every decoder of the project throws this one error, so that a peer's mistake can be told in one
/// line and tested by case. `offset` counts bytes from the start of the input that was being
/// decoded (0 when the whole is meant).
public struct DecodeFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of wrong that bytes can be.
    public enum Reason: Hashable, Sendable {
        /// The input ended: `needed` bytes were expected, `available` were left.
        case truncated(needed: Int, available: Int)
        /// The input went on after the value ended, by this many bytes.
        case trailing(Int)
        /// A length or a count is over the limit of its field.
        case overLimit(field: String, limit: Int, actual: Int)
        /// A value that has a fixed size came in another.
        case wrongSize(field: String, expected: Int, actual: Int)
        /// A varint was longer than its value needs, or longer than 64 bits.
        case varint
        /// A protobuf field came with a wire type that its schema does not give it.
        case wireType(field: Int)
        /// The bytes break a rule of their format; the text says which.
        case malformed(String)
    }

    /// What was wrong.
    public let reason: Reason
    /// Where, in bytes from the start of the input.
    public let offset: Int

    /// Names a fault at an offset.
    public init(_ reason: Reason, at offset: Int = 0) {
        self.reason = reason
        self.offset = offset
    }

    /// A fault of form, in words.
    public static func malformed(_ what: String, at offset: Int = 0) -> DecodeFault {
        DecodeFault(.malformed(what), at: offset)
    }

    /// One line: what was wrong and where.
    public var description: String {
        switch reason {
        case .truncated(let needed, let available):
            "truncated at byte \(offset): \(needed) bytes needed, \(available) left"
        case .trailing(let count):
            "\(count) bytes too many at byte \(offset)"
        case .overLimit(let field, let limit, let actual):
            "\(field) is \(actual) at byte \(offset), the limit is \(limit)"
        case .wrongSize(let field, let expected, let actual):
            "\(field) has \(actual) bytes at byte \(offset), \(expected) are needed"
        case .varint:
            "malformed varint at byte \(offset)"
        case .wireType(let field):
            "field \(field) has an unexpected wire type at byte \(offset)"
        case .malformed(let what):
            "\(what) at byte \(offset)"
        }
    }
}
