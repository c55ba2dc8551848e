// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// A JSON value as it was read: its strings and numbers are views of the text they came in.
///
/// So a blob of eight megabytes is neither copied nor decoded before somebody asks for its bytes.
package enum JSONNode: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(JSONString)
    case array([JSONNode])
    case object([JSONEntry])

    /// The word that Go's decoder uses for this kind of value in its error texts.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The last member of that name, or the last whose name differs only in case, as Go matches.
    ///
    /// Absent and `null` are the same to every caller, and both are nil.
    /// Specified in Protocol/17-json-rpc.md#one-pass.
    package func member(_ name: String) -> JSONNode? {
        guard case .object(let members) = self else { return nil }
        let wanted = Array(name.utf8)
        let found =
            members.last { $0.name.matches(wanted, caseSensitive: true) }
            ?? members.last { $0.name.matches(wanted, caseSensitive: false) }
        if let value = found?.value, !value.isNull { return value }
        return nil
    }

    /// Whether it is `null`.
    package var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    /// Its text, when it is a string.
    package var text: String? {
        if case .string(let string) = self { return string.text }
        return nil
    }

    /// Its elements, when it is an array.
    package var elements: [JSONNode]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// Its value, when it is a Boolean.
    package var boolean: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// Its value, when it is an integer that fits the type.
    package func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer? {
        if case .number(let number) = self { return number.integer(type) }
        return nil
    }
}

/// A name and its value, in the order in which they stood.
package struct JSONEntry: Sendable {
    package let name: JSONString
    package let value: JSONNode
}

/// A number in its own digits, checked against the grammar of RFC 8259 §6.
package struct JSONNumber: Sendable {
    /// The digits, as they stood.
    package let digits: ArraySlice<UInt8>

    /// Its value when it is written without fraction or exponent and fits the type.
    package func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer? {
        Integer(String(decoding: digits, as: UTF8.self))
    }

    /// The nearest double; infinite when its magnitude is too large for one.
    package var double: Double? {
        Double(String(decoding: digits, as: UTF8.self))
    }
}

/// A string between its quotes, escapes not yet resolved; the parser checked its form.
package struct JSONString: Sendable {
    /// The bytes between the quotes.
    package let raw: ArraySlice<UInt8>
    /// Whether a backslash stands among them.
    package let hasEscapes: Bool

    /// The text; a lone surrogate becomes U+FFFD, as Go reads it.
    package var text: String { String(decoding: utf8, as: UTF8.self) }

    /// The text's bytes: a view of the input unless escapes had to be resolved.
    package var utf8: ArraySlice<UInt8> {
        guard hasEscapes else { return raw }
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var units: [UInt16] = []
        var position = raw.startIndex
        while position < raw.endIndex {
            let byte = raw[position]
            guard byte == UInt8(ascii: "\\") else {
                Self.flush(&units, into: &result)
                result.append(byte)
                position += 1
                continue
            }
            let escape = raw[position + 1]
            if escape == UInt8(ascii: "u") {
                let digits = String(decoding: raw[position + 2..<position + 6], as: UTF8.self)
                units.append(UInt16(digits, radix: 16) ?? 0xfffd)
                position += 6
            } else {
                Self.flush(&units, into: &result)
                result.append(Self.simpleEscape(escape) ?? escape)
                position += 2
            }
        }
        Self.flush(&units, into: &result)
        return result[...]
    }

    /// Whether the text is `name`, given in UTF-8.
    func matches(_ name: [UInt8], caseSensitive: Bool) -> Bool {
        let text = utf8
        guard text.count == name.count else { return false }
        if caseSensitive { return text.elementsEqual(name) }
        return text.elementsEqual(name) { Self.lowercased($0) == Self.lowercased($1) }
    }

    /// The character that `\x` stands for, or nil when there is no such escape.
    static func simpleEscape(_ escape: UInt8) -> UInt8? {
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): escape
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "f"): 12
        case UInt8(ascii: "n"): 10
        case UInt8(ascii: "r"): 13
        case UInt8(ascii: "t"): 9
        default: nil
        }
    }

    private static func flush(_ units: inout [UInt16], into result: inout [UInt8]) {
        guard !units.isEmpty else { return }
        result.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
        units.removeAll()
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
