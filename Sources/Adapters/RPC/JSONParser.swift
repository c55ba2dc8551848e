// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// Reads one JSON text (RFC 8259) in one pass, within limits, copying nothing.
///
/// Stricter than the grammar in nothing but size: the depth and the number of values are limited,
/// so that sixteen megabytes of brackets cannot become gigabytes of values.
package struct JSONParser {
    /// How deep arrays and objects may nest.
    package static let depthLimit = 64
    /// How many values, members included, one text may hold.
    package static let valueLimit = 1 << 18

    private let bytes: [UInt8]
    private let valueLimit: Int
    private var position = 0
    private var valueCount = 0

    /// The value of a text that has nothing but white space around it.
    package static func parse(
        _ bytes: [UInt8], valueLimit: Int = JSONParser.valueLimit
    ) throws(DecodeFault) -> JSONNode {
        var parser = JSONParser(bytes: bytes, valueLimit: valueLimit)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else {
            throw DecodeFault(.trailing(bytes.count - parser.position), at: parser.position)
        }
        return value
    }

    private init(bytes: [UInt8], valueLimit: Int) {
        self.bytes = bytes
        self.valueLimit = valueLimit
    }

    private mutating func value(depth: Int) throws(DecodeFault) -> JSONNode {
        guard depth <= Self.depthLimit else {
            throw DecodeFault(
                .overLimit(field: "JSON depth", limit: Self.depthLimit, actual: depth),
                at: position)
        }
        valueCount += 1
        guard valueCount <= valueLimit else {
            throw DecodeFault(
                .overLimit(field: "JSON values", limit: valueLimit, actual: valueCount),
                at: position)
        }
        skipSpace()
        switch try peek() {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func members(depth: Int) throws(DecodeFault) -> [JSONEntry] {
        var members: [JSONEntry] = []
        position += 1
        if try closes(UInt8(ascii: "}")) { return members }
        while true {
            skipSpace()
            guard try peek() == UInt8(ascii: "\"") else {
                throw .malformed("a member's name must be a string", at: position)
            }
            let name = try string()
            skipSpace()
            guard try peek() == UInt8(ascii: ":") else {
                throw .malformed("a colon must follow a member's name", at: position)
            }
            position += 1
            members.append(JSONEntry(name: name, value: try value(depth: depth + 1)))
            if try ends(UInt8(ascii: "}")) { return members }
        }
    }

    private mutating func elements(depth: Int) throws(DecodeFault) -> [JSONNode] {
        var elements: [JSONNode] = []
        position += 1
        if try closes(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            if try ends(UInt8(ascii: "]")) { return elements }
        }
    }

    /// Whether the container ends right after it began.
    private mutating func closes(_ bracket: UInt8) throws(DecodeFault) -> Bool {
        skipSpace()
        guard try peek() == bracket else { return false }
        position += 1
        return true
    }

    /// Whether the container ends here; a comma says that it goes on.
    private mutating func ends(_ bracket: UInt8) throws(DecodeFault) -> Bool {
        skipSpace()
        let byte = try peek()
        guard byte == bracket || byte == UInt8(ascii: ",") else {
            throw .malformed("a comma or a closing bracket is missing", at: position)
        }
        position += 1
        return byte == bracket
    }

    private mutating func string() throws(DecodeFault) -> JSONString {
        let start = position + 1
        var cursor = start
        var hasEscapes = false
        var isASCII = true
        while true {
            cursor = plainEnd(from: cursor)
            guard cursor < bytes.count else {
                throw DecodeFault(.truncated(needed: 1, available: 0), at: bytes.count)
            }
            let byte = bytes[cursor]
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                cursor = try escapeEnd(from: cursor)
            } else if byte < 0x20 {
                throw .malformed("a control character stands in a string", at: cursor)
            } else {
                isASCII = false
                cursor += 1
            }
        }
        let raw = bytes[start..<cursor]
        guard isASCII || String(validating: raw, as: UTF8.self) != nil else {
            throw .malformed("a string is not UTF-8", at: start)
        }
        position = cursor + 1
        return JSONString(raw: raw, hasEscapes: hasEscapes)
    }

    /// The first position at or after `start` that is not an ordinary ASCII character of a string.
    ///
    /// Eight bytes at a time, since nearly all bytes of a large request are base64 digits.
    private func plainEnd(from start: Int) -> Int {
        bytes.withUnsafeBytes { text in
            let ones: UInt64 = 0x0101_0101_0101_0101
            let highs: UInt64 = 0x8080_8080_8080_8080
            var cursor = start
            while cursor + 8 <= text.count {
                let word = text.loadUnaligned(fromByteOffset: cursor, as: UInt64.self)
                let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
                let escapes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
                let special =
                    word | (word &- ones &* 0x20)
                    | ((quotes &- ones) & ~quotes) | ((escapes &- ones) & ~escapes)
                if special & highs != 0 { break }
                cursor += 8
            }
            while cursor < text.count {
                let byte = text[cursor]
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20
                    || byte >= 0x80
                {
                    break
                }
                cursor += 1
            }
            return cursor
        }
    }

    private func escapeEnd(from backslash: Int) throws(DecodeFault) -> Int {
        guard backslash + 1 < bytes.count else {
            throw DecodeFault(.truncated(needed: 1, available: 0), at: bytes.count)
        }
        if bytes[backslash + 1] != UInt8(ascii: "u") {
            guard JSONString.simpleEscape(bytes[backslash + 1]) != nil else {
                throw .malformed("there is no such escape", at: backslash)
            }
            return backslash + 2
        }
        guard backslash + 6 <= bytes.count,
            bytes[backslash + 2..<backslash + 6].allSatisfy(Self.isHexDigit)
        else { throw .malformed("an escape needs four hexadecimal digits", at: backslash) }
        return backslash + 6
    }

    private mutating func number() throws(DecodeFault) -> JSONNumber {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits("this is not a JSON value")
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits("digits must follow the decimal point")
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try digits("digits must follow the exponent's sign")
        }
        return JSONNumber(digits: bytes[start..<position])
    }

    private mutating func digits(_ complaint: String) throws(DecodeFault) {
        let start = position
        while position < bytes.count, Self.isDigit(bytes[position]) { position += 1 }
        guard position > start else { throw .malformed(complaint, at: start) }
    }

    private mutating func word(_ word: String, _ value: JSONNode) throws(DecodeFault) -> JSONNode {
        guard bytes[position...].starts(with: word.utf8) else {
            throw .malformed("this is not a JSON value", at: position)
        }
        position += word.utf8.count
        return value
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private func peek() throws(DecodeFault) -> UInt8 {
        guard position < bytes.count else {
            throw DecodeFault(.truncated(needed: 1, available: 0), at: bytes.count)
        }
        return bytes[position]
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
