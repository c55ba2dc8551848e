// SPDX-License-Identifier: Apache-2.0

import RPC
import TestSupport

/// Compares JSON by meaning: members in any order, numbers by their digits.
enum JSONComparison {
    /// Every place where two texts differ.
    static func differences(_ left: [UInt8], _ right: [UInt8]) throws -> [String] {
        var found: [String] = []
        compare(
            try JSONParser.parse(left), try JSONParser.parse(right), at: "$", into: &found)
        return found
    }

    /// A value in its own text again.
    static func text(_ value: JSONNode) -> [UInt8] {
        JSONWriter.text { write(value, to: &$0) }
    }

    private static func write(_ value: JSONNode, to writer: inout JSONWriter) {
        switch value {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .number(let number): writer.raw(number.digits)
        case .string(let text): writer.string(text.text)
        case .array(let elements): writer.array(elements) { write($1, to: &$0) }
        case .object(let members):
            writer.object { writer in
                for member in members {
                    writer.name(member.name.text)
                    write(member.value, to: &writer)
                }
            }
        }
    }

    private static func compare(
        _ left: JSONNode, _ right: JSONNode, at path: String, into found: inout [String]
    ) {
        switch (left, right) {
        case (.array(let left), .array(let right)) where left.count == right.count:
            for (index, pair) in zip(left, right).enumerated() {
                compare(pair.0, pair.1, at: "\(path)[\(index)]", into: &found)
            }
        case (.object(let left), .object(let right)):
            let names = { (members: [JSONEntry]) in members.map(\.name.text).sorted() }
            guard names(left) == names(right) else {
                found.append("\(path): \(names(left)) and \(names(right))")
                return
            }
            for member in left {
                guard let other = JSONNode.object(right).member(member.name.text) else { continue }
                compare(member.value, other, at: "\(path).\(member.name.text)", into: &found)
            }
        default:
            if text(left) != text(right) { found.append(path) }
        }
    }
}
