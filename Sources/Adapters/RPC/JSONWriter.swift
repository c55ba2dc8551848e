// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Appends one JSON text to an array of bytes: members in the order of the calls, no white space.
///
/// Commas are the writer's business, so a codec reads like the object that it writes.
package struct JSONWriter {
    /// The text so far.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty text.
    package init() {}

    /// The text of what `body` writes.
    package static func text(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        body(&writer)
        return writer.bytes
    }

    /// An object whose members `body` writes.
    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        container("{", "}", body)
    }

    /// An array whose elements `body` writes.
    package mutating func array(_ body: (inout JSONWriter) -> Void) {
        container("[", "]", body)
    }

    /// An array of what `body` writes for each element.
    package mutating func array<Elements: Sequence>(
        _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) {
        array { writer in
            for element in elements { body(&writer, element) }
        }
    }

    /// The name of a member; its value must be written next.
    package mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member with the value that `body` writes.
    package mutating func member(_ name: String, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        body(&self)
    }

    /// A member that is text.
    package mutating func member(_ name: String, _ text: String) {
        self.name(name)
        string(text)
    }

    /// A member that is a number.
    package mutating func member(_ name: String, _ number: some FixedWidthInteger) {
        self.name(name)
        self.number(number)
    }

    /// A member that is a Boolean.
    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    /// A member that is bytes in standard base64.
    package mutating func member(_ name: String, base64 value: some Collection<UInt8>) {
        self.name(name)
        base64(value)
    }

    /// A member that is bytes in upper-case hexadecimal.
    package mutating func member(_ name: String, hex value: some Collection<UInt8>) {
        self.name(name)
        hex(value)
    }

    /// `null`.
    package mutating func null() {
        raw("null".utf8)
    }

    /// A Boolean.
    package mutating func bool(_ value: Bool) {
        raw((value ? "true" : "false").utf8)
    }

    /// An integer.
    package mutating func number(_ value: some FixedWidthInteger) {
        raw(String(value).utf8)
    }

    /// A finite number; `null` otherwise, since JSON has no other.
    package mutating func number(_ value: Double) {
        value.isFinite ? raw("\(value)".utf8) : null()
    }

    /// An integer in quotes, as CometBFT writes those of 64 bits.
    package mutating func quoted(_ value: some FixedWidthInteger) {
        string(String(value))
    }

    /// Text, escaped where it must be.
    package mutating func string(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 { appendEscaped(byte) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Bytes in standard base64, padded.
    package mutating func base64(_ value: some Collection<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Base64Bulk.append(value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Bytes in upper-case hexadecimal.
    package mutating func hex(_ value: some Collection<UInt8>) {
        string(Hex.encode(value, uppercase: true))
    }

    /// A whole value that already is JSON.
    package mutating func raw(_ text: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: text)
    }

    /// A value that was read, as it was read.
    package mutating func copy(_ value: JSONNode) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let number): raw(number.digits)
        case .string(let string): self.string(string.text)
        case .array(let elements): array(elements) { $0.copy($1) }
        case .object(let members):
            object { writer in
                for member in members { writer.member(member.name.text) { $0.copy(member.value) } }
            }
        }
    }

    private mutating func container(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        body(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(contentsOf: Hex.encode([byte]).utf8)
        default: bytes.append(byte)
        }
    }
}
