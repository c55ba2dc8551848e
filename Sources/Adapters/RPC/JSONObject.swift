// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// An object from outside, whose members are read by name with a reason for each that is wrong.
struct JSONObject {
    private let value: JSONNode
    /// What it is in Go, for error texts.
    let type: String

    init(_ value: JSONNode, _ type: String) {
        self.value = value
        self.type = type
    }

    /// A member that may be missing or null.
    func optional(_ name: String) -> JSONNode? {
        value.member(name)
    }

    /// A member that must be there.
    func require(_ name: String) throws(ParameterFault) -> JSONNode {
        guard case .object = value else { throw .mismatch(value, type) }
        guard let member = value.member(name) else {
            throw ParameterFault("\(type) lacks \(name)")
        }
        return member
    }

    /// A text that must be there.
    func text(_ name: String) throws(ParameterFault) -> String {
        let member = try require(name)
        guard let text = member.text else { throw .mismatch(member, "string") }
        return text
    }

    /// An integer that must be there, with quotes or without.
    func integer<Integer: FixedWidthInteger>(
        _ name: String, _ type: Integer.Type
    ) throws(ParameterFault) -> Integer {
        let member = try require(name)
        if let number = member.integer(type) { return number }
        if let text = member.text, text.utf8.count <= 20, let number = Integer(text) {
            return number
        }
        throw .mismatch(member, String(describing: type).lowercased())
    }

    /// An integer that may be missing.
    func integer<Integer: FixedWidthInteger>(
        _ name: String, _ type: Integer.Type, default value: Integer
    ) throws(ParameterFault) -> Integer {
        optional(name) == nil ? value : try integer(name, type)
    }

    /// The elements of an array, which may be null.
    func array(_ name: String, limit: Int) throws(ParameterFault) -> [JSONNode] {
        guard let member = optional(name) else { return [] }
        guard let elements = member.elements else { throw .mismatch(member, "[]\(name)") }
        guard elements.count <= limit else {
            throw ParameterFault("\(elements.count) \(name), the limit is \(limit)")
        }
        return elements
    }

    /// Bytes in hexadecimal, none when it is missing.
    func hex(_ name: String, limit: Int) throws(ParameterFault) -> [UInt8] {
        guard let member = optional(name) else { return [] }
        guard let text = member.text else { throw .mismatch(member, "bytes.HexBytes") }
        guard text.utf8.count <= 2 * limit else {
            throw ParameterFault("\(name) has more than \(limit) bytes")
        }
        do throws(DecodeFault) {
            return try Hex.decode(text)
        } catch {
            throw ParameterFault("\(name): \(error.description)")
        }
    }

    /// A digest in hexadecimal, nil when it is missing or empty.
    func digest(_ name: String) throws(ParameterFault) -> Bytes32? {
        let bytes = try hex(name, limit: 32)
        if bytes.isEmpty { return nil }
        guard let digest = Bytes32(bytes) else {
            throw ParameterFault("\(name) has \(bytes.count) bytes, not 32")
        }
        return digest
    }
}
