// SPDX-License-Identifier: Apache-2.0

import Bytes
import Foundation

/// The part of the protobuf language that Protocol/wire uses: messages, enums, oneofs, imports.
struct WireSchema {
    /// One field of a message.
    struct Field: Equatable {
        let name: String
        let number: Int
        let type: String
        let isRepeated: Bool
    }

    /// A fault of a schema, in words.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Fields by full name of their message.
    private(set) var messages: [String: [Field]] = [:]
    /// Values by full name of their enum.
    private(set) var enums: [String: [Int]] = [:]

    /// Reads one file; its imports must be read into the same schema.
    mutating func read(_ text: String) throws {
        let plain = text.replacing(/\/\/[^\n]*/, with: "")
        guard let package = plain.firstMatch(of: /package ([\w.]+);/) else {
            throw Fault(description: "a schema without a package")
        }
        var scopes: [(kind: Substring, name: String)] = []
        let body = plain[package.range.upperBound...]
        let token =
            /(message|enum|oneof) (\w+) \{|\}|(?:(optional|required|repeated) )?([\w.]+) (\w+) = (\d+);|(\w+) = (\d+);/
        for match in body.matches(of: token) {
            let inner = scopes.last { $0.kind != "oneof" }
            let path = ([String(package.1)] + scopes.filter { $0.kind != "oneof" }.map(\.name))
                .joined(separator: ".")
            if let kind = match.1, let name = match.2 {
                scopes.append((kind, String(name)))
                if kind == "message" { messages["\(path).\(name)"] = [] }
                if kind == "enum" { enums["\(path).\(name)"] = [] }
            } else if let type = match.4, let name = match.5,
                let number = match.6.flatMap({ Int($0) })
            {
                let field = Field(
                    name: String(name), number: number, type: String(type),
                    isRepeated: match.3 == "repeated")
                guard inner?.kind == "message",
                    messages[path]?.contains(where: { $0.number == number }) == false
                else { throw Fault(description: "\(path).\(name): number \(number) is taken") }
                messages[path]?.append(field)
            } else if let number = match.8.flatMap({ Int($0) }) {
                enums[path]?.append(number)
            } else {
                guard scopes.popLast() != nil else {
                    throw Fault(description: "\(package.1): a brace too many")
                }
            }
        }
        guard scopes.isEmpty else { throw Fault(description: "\(package.1): a brace too few") }
    }

    /// What kind of thing a field's type is.
    enum Kind: Equatable {
        case varint, fixed64, text, message(String)
    }

    /// The kind of a type as it is written within a message.
    func kind(of type: String, within message: String) throws -> Kind {
        switch type {
        case "int32", "int64", "uint32", "uint64", "bool": return .varint
        case "sfixed64", "fixed64": return .fixed64
        case "bytes", "string": return .text
        case "google.protobuf.Timestamp": return .message(type)
        default: break
        }
        var scope = message.split(separator: ".")
        while true {
            let name = (scope + [Substring(type)]).joined(separator: ".")
            if messages[name] != nil { return .message(name) }
            if enums[name] != nil { return .varint }
            guard scope.popLast() != nil else {
                throw Fault(description: "\(message): no type \(type)")
            }
        }
    }

    /// Walks an encoded message; returns the fields it has, as `message.field`.
    func walk(_ bytes: ArraySlice<UInt8>, as message: String) throws -> Set<String> {
        if message == "google.protobuf.Timestamp" { return [] }
        guard let fields = messages[message] else {
            throw Fault(description: "no message \(message)")
        }
        var seen: Set<String> = []
        var reader = ProtobufReader(bytes)
        while let found = try reader.next() {
            guard let field = fields.first(where: { $0.number == found.number }) else {
                throw Fault(description: "\(message) has no field \(found.number)")
            }
            seen.insert("\(message).\(field.name)")
            switch (try kind(of: field.type, within: message), found.content) {
            case (.varint, .varint), (.fixed64, .fixed64), (.text, .bytes): break
            case (.varint, .bytes) where field.isRepeated: break
            case (.message(let name), .bytes(let content)):
                seen.formUnion(try walk(content, as: name))
            default: throw Fault(description: "\(message).\(field.name): another wire type")
            }
        }
        return seen
    }
}
