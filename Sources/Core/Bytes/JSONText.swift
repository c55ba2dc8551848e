// SPDX-License-Identifier: Apache-2.0

/// A value of JSON (RFC 8259), kept exactly: members in their order, numbers as they were written.
///
/// For small documents that people and other programs write, such as a genesis file. Reading is
/// bounded in size and depth, two members of one name are refused, and so is text that is not
/// UTF-8. Writing is deterministic.
public enum JSONValue: Hashable, Sendable {
    /// Nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// A number, as the text that stood there.
    case number(String)
    /// A text.
    case string(String)
    /// Values in their order.
    case array([JSONValue])
    /// Members in their order.
    case object([JSONMember])

    /// How deep values may be nested.
    public static let depthLimit = 64

    /// A whole number.
    public static func integer(_ value: some BinaryInteger) -> JSONValue {
        .number(String(value))
    }

    /// A member of an object, or nil where there is none of that name.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The text of a string.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The elements of an array.
    public var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// Whether a Boolean says true.
    public var boolean: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// A whole number, whether written as one or as a decimal string, as CometBFT does.
    ///
    /// Only the plain decimal form counts: no plus sign, no leading zero, no fraction, no exponent.
    public func integer<Integer: FixedWidthInteger>(
        _ type: Integer.Type = Integer.self
    ) -> Integer? {
        let digits: String
        switch self {
        case .number(let text), .string(let text): digits = text
        default: return nil
        }
        guard let value = Integer(digits), String(value) == digits else { return nil }
        return value
    }
}

/// A member of a JSON object.
public struct JSONMember: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: JSONValue

    /// Names a value.
    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

/// Literals, so that documents can be written down as they look.
extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral
{
    /// An object with members in the order of the literal.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) {
        self = .array(elements)
    }
    /// A string.
    public init(stringLiteral value: String) {
        self = .string(value)
    }
    /// A Boolean.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

/// Writing.
extension JSONValue {
    /// The document's UTF-8; with an indent of two spaces a level, or without any blanks.
    public func encode(indented: Bool = false) -> [UInt8] {
        var text: [UInt8] = []
        write(to: &text, level: indented ? 0 : nil)
        if indented { text.append(UInt8(ascii: "\n")) }
        return text
    }

    private func write(to text: inout [UInt8], level: Int?) {
        switch self {
        case .null: text += Array("null".utf8)
        case .bool(let value): text += Array((value ? "true" : "false").utf8)
        case .number(let digits): text += Array(digits.utf8)
        case .string(let value): Self.write(value, to: &text)
        case .array(let elements):
            Self.writeList(elements, "[", "]", to: &text, level: level) { element, text, level in
                element.write(to: &text, level: level)
            }
        case .object(let members):
            Self.writeList(members, "{", "}", to: &text, level: level) { member, text, level in
                Self.write(member.name, to: &text)
                text += Array((level == nil ? ":" : ": ").utf8)
                member.value.write(to: &text, level: level)
            }
        }
    }

    private static func writeList<Element>(
        _ list: [Element], _ opening: String, _ closing: String, to text: inout [UInt8],
        level: Int?, _ body: (Element, inout [UInt8], Int?) -> Void
    ) {
        text += Array(opening.utf8)
        for (index, element) in list.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            if let level { breakLine(level + 1, &text) }
            body(element, &text, level.map { $0 + 1 })
        }
        if let level, !list.isEmpty { breakLine(level, &text) }
        text += Array(closing.utf8)
    }

    private static func breakLine(_ level: Int, _ text: inout [UInt8]) {
        text.append(UInt8(ascii: "\n"))
        text += [UInt8](repeating: UInt8(ascii: " "), count: 2 * level)
    }

    private static func write(_ value: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case 0x0a: text += Array("\\n".utf8)
            case 0x0d: text += Array("\\r".utf8)
            case 0x09: text += Array("\\t".utf8)
            case 0..<0x20: text += Array("\\u00\(Hex.encode([byte]))".utf8)
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}

/// Reading.
extension JSONValue {
    /// Reads a document of at most `limit` bytes.
    public static func decode(_ utf8: [UInt8], limit: Int) throws(DecodeFault) -> JSONValue {
        guard utf8.count <= limit else {
            throw DecodeFault(.overLimit(field: "JSON text", limit: limit, actual: utf8.count))
        }
        var parser = JSONParser(utf8: utf8)
        return try parser.document()
    }
}

/// A recursive descent whose depth is bounded by `JSONValue.depthLimit`.
private struct JSONParser {
    let utf8: [UInt8]
    var position = 0

    mutating func document() throws(DecodeFault) -> JSONValue {
        let value = try value(depth: 0)
        skipBlanks()
        guard position == utf8.count else {
            throw DecodeFault(.trailing(utf8.count - position), at: position)
        }
        return value
    }

    private mutating func value(depth: Int) throws(DecodeFault) -> JSONValue {
        guard depth < JSONValue.depthLimit else {
            throw DecodeFault(
                .overLimit(
                    field: "JSON depth", limit: JSONValue.depthLimit, actual: depth + 1),
                at: position)
        }
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try text())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func members(depth: Int) throws(DecodeFault) -> [JSONMember] {
        var members: [JSONMember] = []
        var names: Set<String> = []
        try list(closing: UInt8(ascii: "}")) { (parser) throws(DecodeFault) in
            let start = parser.position
            let name = try parser.text()
            guard names.insert(name).inserted else {
                throw .malformed("two members of one name", at: start)
            }
            parser.skipBlanks()
            try parser.take(UInt8(ascii: ":"))
            members.append(JSONMember(name, try parser.value(depth: depth + 1)))
        }
        return members
    }

    private mutating func elements(depth: Int) throws(DecodeFault) -> [JSONValue] {
        var elements: [JSONValue] = []
        try list(closing: UInt8(ascii: "]")) { (parser) throws(DecodeFault) in
            elements.append(try parser.value(depth: depth + 1))
        }
        return elements
    }

    /// Comma-separated items between the bracket that stands here and its partner.
    private mutating func list(
        closing: UInt8, _ item: (inout JSONParser) throws(DecodeFault) -> Void
    ) throws(DecodeFault) {
        position += 1
        skipBlanks()
        if peek == closing {
            position += 1
            return
        }
        while true {
            skipBlanks()
            try item(&self)
            skipBlanks()
            if peek == closing {
                position += 1
                return
            }
            try take(UInt8(ascii: ","))
        }
    }

    private mutating func text() throws(DecodeFault) -> String {
        let start = position
        try take(UInt8(ascii: "\""))
        var bytes: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw .malformed("a string is not UTF-8", at: start)
                }
                return text
            case UInt8(ascii: "\\"): bytes += try escape()
            case 0..<0x20: throw .malformed("a control character in a string", at: position - 1)
            default: bytes.append(byte)
            }
        }
        throw DecodeFault(.truncated(needed: 1, available: 0), at: position)
    }

    private mutating func escape() throws(DecodeFault) -> [UInt8] {
        let start = position
        let kind = peek
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [kind ?? 0]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var code = UInt32(try codeUnit())
            if (0xd800..<0xdc00).contains(code) {
                try take(UInt8(ascii: "\\"))
                try take(UInt8(ascii: "u"))
                let low = UInt32(try codeUnit())
                guard (0xdc00..<0xe000).contains(low) else {
                    throw .malformed("half of a surrogate pair", at: start)
                }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw .malformed("half of a surrogate pair", at: start)
            }
            return Array(String(Character(scalar)).utf8)
        default: throw .malformed("an unknown escape in a string", at: start)
        }
    }

    private mutating func codeUnit() throws(DecodeFault) -> UInt16 {
        guard utf8.count - position >= 4 else {
            throw DecodeFault(
                .truncated(needed: 4, available: utf8.count - position), at: position)
        }
        let bytes = try Hex.decode(
            String(decoding: utf8[position..<position + 4], as: UTF8.self))
        position += 4
        guard bytes.count == 2 else { throw .malformed("not a code unit", at: position - 4) }
        return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }

    private mutating func number() throws(DecodeFault) -> String {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        let whole = position
        guard digits() > 0, utf8[whole] != UInt8(ascii: "0") || position == whole + 1 else {
            throw .malformed("not a JSON value", at: start)
        }
        if peek == UInt8(ascii: ".") {
            position += 1
            guard digits() > 0 else { throw .malformed("not a number", at: start) }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { throw .malformed("not a number", at: start) }
        }
        return String(decoding: utf8[start..<position], as: UTF8.self)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            position += 1
        }
        return position - start
    }

    private mutating func word(
        _ word: String, _ value: JSONValue
    ) throws(DecodeFault) -> JSONValue {
        for byte in word.utf8 { try take(byte) }
        return value
    }

    private var peek: UInt8? { position < utf8.count ? utf8[position] : nil }

    private mutating func take(_ byte: UInt8) throws(DecodeFault) {
        guard let found = peek else {
            throw DecodeFault(.truncated(needed: 1, available: 0), at: position)
        }
        guard found == byte else {
            throw .malformed(
                "expected \(Unicode.Scalar(byte)) in JSON", at: position)
        }
        position += 1
    }

    private mutating func skipBlanks() {
        while let byte = peek, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
    }
}
