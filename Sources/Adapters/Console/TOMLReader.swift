// SPDX-License-Identifier: Apache-2.0

/// Reads the part of TOML 1.0 that configuration needs: tables, dotted keys, strings on one line,
/// whole numbers, Booleans, arrays.
///
/// What is left out (fractions, dates, inline tables, arrays of tables, strings of several lines) is
/// refused with its line, never misread.
struct TOMLReader {
    /// How deep arrays may nest.
    private static let depthMax = 8

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var table: [String] = []
    private var entries: [Configuration.Entry] = []
    private var seenTables: Set<String> = []
    private var seenKeys: Set<String> = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func read() throws(ConfigurationFault) -> [Configuration.Entry] {
        guard bytes.count <= Program.configurationSizeMax else {
            throw fault("the file is larger than \(Program.configurationSizeMax) bytes")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw fault("the file is not UTF-8")
        }
        while position < bytes.count {
            skipSpaces()
            switch current {
            case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#"): break
            case UInt8(ascii: "["): try readTable()
            default: try readEntry()
            }
            try endLine()
        }
        return entries
    }

    // MARK: Lines

    private mutating func readTable() throws(ConfigurationFault) {
        position += 1
        guard current != UInt8(ascii: "[") else {
            throw fault("arrays of tables ([[…]]) are not used here")
        }
        table = try readKey()
        skipSpaces()
        guard take(UInt8(ascii: "]")) else { throw fault("']' is missing after a table's name") }
        guard seenTables.insert(table.joined(separator: ".")).inserted else {
            throw fault("the table [\(table.joined(separator: "."))] stands twice")
        }
    }

    private mutating func readEntry() throws(ConfigurationFault) {
        let start = line
        let key = (table + (try readKey())).joined(separator: ".")
        skipSpaces()
        guard take(UInt8(ascii: "=")) else { throw fault("'=' is missing after '\(key)'") }
        skipSpaces()
        let value = try readValue(depth: 0)
        guard seenKeys.insert(key).inserted else { throw fault("'\(key)' is set twice") }
        entries.append(Configuration.Entry(key: key, value: value, line: start))
    }

    private mutating func endLine() throws(ConfigurationFault) {
        skipSpaces()
        skipComment()
        _ = take(UInt8(ascii: "\r"))
        guard position < bytes.count else { return }
        guard take(UInt8(ascii: "\n")) else {
            throw fault("something stands after the end of the line's value")
        }
        line += 1
    }

    // MARK: Keys and values

    private mutating func readKey() throws(ConfigurationFault) -> [String] {
        var parts: [String] = []
        repeat {
            skipSpaces()
            if current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") {
                parts.append(try readString())
            } else {
                let start = position
                while let byte = current, Self.isBare(byte) { position += 1 }
                guard position > start else { throw fault("a name is missing") }
                parts.append(String(decoding: bytes[start..<position], as: UTF8.self))
            }
            skipSpaces()
        } while take(UInt8(ascii: "."))
        return parts
    }

    private mutating func readValue(
        depth: Int
    ) throws(ConfigurationFault) -> Configuration.Value {
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .text(try readString())
        case UInt8(ascii: "["): return .list(try readArray(depth: depth + 1))
        case UInt8(ascii: "{"): throw fault("inline tables are not used here; write [table]")
        case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#"):
            throw fault("a value is missing")
        default: return try readWord()
        }
    }

    private mutating func readArray(
        depth: Int
    ) throws(ConfigurationFault) -> [Configuration.Value] {
        guard depth <= Self.depthMax else { throw fault("arrays nest too deep") }
        position += 1
        var values: [Configuration.Value] = []
        while true {
            try skipLines()
            if take(UInt8(ascii: "]")) { return values }
            values.append(try readValue(depth: depth))
            try skipLines()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw fault("',' or ']' is missing in an array") }
            return values
        }
    }

    private mutating func readWord() throws(ConfigurationFault) -> Configuration.Value {
        let start = position
        while let byte = current,
            Self.isBare(byte) || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
        {
            position += 1
        }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        if word == "true" { return .flag(true) }
        if word == "false" { return .flag(false) }
        guard let number = Self.integer(word) else {
            if word.isEmpty || word.utf8.first.map({ Self.isLetter($0) }) == true {
                throw fault("a text stands in quotes")
            }
            throw fault("'\(word)' is no whole number of 64 bits")
        }
        return .integer(number)
    }

    /// A decimal number; underscores may stand between digits, and no zero stands in front.
    private static func integer(_ word: String) -> Int64? {
        let digits = word.drop { $0 == "+" || $0 == "-" }
        guard word.count - digits.count <= 1, digits == "0" || digits.first != "0",
            digits.first != "_", digits.last != "_", !digits.contains("__")
        else { return nil }
        return Int64(word.filter { $0 != "_" })
    }

    private mutating func readString() throws(ConfigurationFault) -> String {
        let quote = bytes[position]
        position += 1
        if current == quote, position + 1 < bytes.count, bytes[position + 1] == quote {
            throw fault("texts of several lines are not used here")
        }
        var text: [UInt8] = []
        while let byte = current, byte != UInt8(ascii: "\n") {
            position += 1
            if byte == quote { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                text.append(contentsOf: try readEscape())
            } else if byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7f {
                throw fault("a control character stands in a text")
            } else {
                text.append(byte)
            }
        }
        throw fault("the quote at the end of a text is missing")
    }

    private mutating func readEscape() throws(ConfigurationFault) -> [UInt8] {
        guard let byte = current else { throw fault("a text ends with '\\'") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "u"): return try readScalar(digits: 4)
        case UInt8(ascii: "U"): return try readScalar(digits: 8)
        default: throw fault("'\\\(Character(Unicode.Scalar(byte)))' means nothing in a text")
        }
    }

    private mutating func readScalar(digits count: Int) throws(ConfigurationFault) -> [UInt8] {
        let digits = bytes[position..<min(position + count, bytes.count)]
        let text = String(decoding: digits, as: UTF8.self)
        guard digits.count == count, !text.hasPrefix("+"), !text.hasPrefix("-"),
            let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw fault("'\\u' needs the number of a character") }
        position += count
        return Array(String(Character(scalar)).utf8)
    }

    // MARK: Bytes

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpaces() {
        while current == UInt8(ascii: " ") || current == UInt8(ascii: "\t") { position += 1 }
    }

    private mutating func skipComment() {
        guard current == UInt8(ascii: "#") else { return }
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    }

    private mutating func skipLines() throws(ConfigurationFault) {
        while true {
            skipSpaces()
            skipComment()
            _ = take(UInt8(ascii: "\r"))
            guard take(UInt8(ascii: "\n")) else { return }
            line += 1
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        isLetter(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }

    private func fault(_ message: String) -> ConfigurationFault {
        ConfigurationFault(line: line, message: message)
    }
}
