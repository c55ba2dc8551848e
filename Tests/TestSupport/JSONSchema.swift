// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A JSON schema of Protocol/schemas, as far as these schemas go (draft 07).
///
/// Knows `type`, `const`, `enum`, `pattern`, lengths, bounds, `items`, `properties`, `required`,
/// `additionalProperties: false`, `oneOf` and `$ref` to `#/definitions`; any other word is an error,
/// so that no rule of a schema is passed over.
public struct JSONSchema {
    private let root: [String: Any]
    private static let silent: Set<String> = ["$schema", "title", "description", "definitions"]

    /// Reads the schema of that name.
    public init(named name: String) throws {
        let url = Vectors.repository.appending(path: "Protocol/schemas/\(name).schema.json")
        let value = try JSONSerialization.jsonObject(with: try Data(contentsOf: url))
        guard let root = value as? [String: Any] else {
            throw JSONTreeFault(description: "\(name) is no object")
        }
        self.root = root
    }

    /// What is wrong with a text, a line each; nothing when it is valid.
    public func faults(in text: [UInt8]) throws -> [String] {
        let value = try JSONSerialization.jsonObject(
            with: Data(text), options: .fragmentsAllowed)
        return try check(value, root, "$")
    }

    private func check(_ value: Any, _ schema: [String: Any], _ path: String) throws -> [String] {
        var faults: [String] = []
        for (word, rule) in schema where !Self.silent.contains(word) {
            faults += try check(value, word, rule, schema, path)
        }
        return faults
    }

    private func check(
        _ value: Any, _ word: String, _ rule: Any, _ schema: [String: Any], _ path: String
    ) throws -> [String] {
        switch word {
        case "$ref":
            let name = String(try Self.cast(rule, String.self).split(separator: "/").last ?? "")
            let definitions = try Self.cast(root["definitions"], [String: Any].self)
            return try check(value, try Self.cast(definitions[name], [String: Any].self), path)
        case "oneOf":
            let all = try Self.cast(rule, [[String: Any]].self)
            let count = try all.count { try check(value, $0, path).isEmpty }
            return count == 1 ? [] : ["\(path): \(count) of \(all.count) forms fit"]
        case "type":
            var names = rule as? [String] ?? []
            if names.isEmpty { names = [try Self.cast(rule, String.self)] }
            return names.contains(Self.type(of: value)) ? [] : ["\(path): no \(names)"]
        case "const", "enum":
            let all = word == "const" ? [rule] : try Self.cast(rule, [Any].self)
            let isOne = all.contains {
                Self.type(of: $0) == Self.type(of: value) && "\($0)" == "\(value)"
            }
            return isOne ? [] : ["\(path): not one of \(all)"]
        case "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems":
            let isInBounds = try Self.isInBounds(value, word, rule)
            return isInBounds ? [] : ["\(path): \(word) \(rule)"]
        case "items":
            let schema = try Self.cast(rule, [String: Any].self)
            return try (value as? [Any] ?? []).enumerated().flatMap {
                try check($1, schema, "\(path)[\($0)]")
            }
        case "properties":
            let schemas = try Self.cast(rule, [String: [String: Any]].self)
            var faults: [String] = []
            for (name, member) in value as? [String: Any] ?? [:] {
                guard let schema = schemas[name] else { continue }
                faults += try check(member, schema, "\(path).\(name)")
            }
            return faults
        case "required":
            let members = value as? [String: Any] ?? [:]
            return try Self.cast(rule, [String].self).filter { members[$0] == nil }.map {
                "\(path): lacks \($0)"
            }
        case "additionalProperties":
            let known = try Self.cast(schema["properties"], [String: Any].self)
            return (value as? [String: Any] ?? [:]).keys.filter { known[$0] == nil }.map {
                "\(path): \($0) is unknown"
            }
        default: throw JSONTreeFault(description: "\(path): the schema says '\(word)'")
        }
    }

    private static func isInBounds(_ value: Any, _ word: String, _ rule: Any) throws -> Bool {
        if word == "pattern" {
            guard let text = value as? String else { return true }
            return try text.firstMatch(of: Regex(try cast(rule, String.self))) != nil
        }
        let bound = try cast(rule, Int.self)
        switch word {
        case "minLength": return (value as? String).map { $0.utf8.count >= bound } ?? true
        case "maxLength": return (value as? String).map { $0.utf8.count <= bound } ?? true
        case "minItems": return (value as? [Any]).map { $0.count >= bound } ?? true
        case "maxItems": return (value as? [Any]).map { $0.count <= bound } ?? true
        case "minimum": return (value as? Int).map { $0 >= bound } ?? true
        default: return (value as? Int).map { $0 <= bound } ?? true
        }
    }

    private static func type(of value: Any) -> String {
        switch value {
        case is NSNull: return "null"
        case let number as NSNumber:
            if isBoolean(number) { return "boolean" }
            return number.doubleValue == number.doubleValue.rounded() ? "integer" : "number"
        case is String: return "string"
        case is [Any]: return "array"
        default: return "object"
        }
    }

    private static func isBoolean(_ number: NSNumber) -> Bool {
        String(cString: number.objCType) == "c"
    }

    private static func cast<Value>(_ value: Any?, _ type: Value.Type) throws -> Value {
        guard let value = value as? Value else {
            throw JSONTreeFault(
                description: "the schema is not well-formed: \(String(describing: value))")
        }
        return value
    }
}
