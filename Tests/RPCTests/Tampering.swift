// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Every way to change one leaf of a JSON text, and to leave out one member.
enum Tampering {
    /// A changed text and where it was changed.
    struct Change {
        let place: String
        let text: [UInt8]
    }

    /// Each leaf changed: a number by one, a Boolean turned, a text in its first and its middle
    /// character.
    static func leaves(of text: [UInt8]) throws -> [Change] {
        let root = try JSONSerialization.jsonObject(with: Data(text))
        var changes: [Change] = []
        try walk(root, "$") { place, value in
            changes.append(
                Change(
                    place: place, text: [UInt8](try JSONSerialization.data(withJSONObject: value))))
        }
        return changes
    }

    /// Each member of each object left out.
    static func omissions(of text: [UInt8]) throws -> [Change] {
        let root = try JSONSerialization.jsonObject(with: Data(text))
        var changes: [Change] = []
        try omit(root, "$") { place, value in
            changes.append(
                Change(
                    place: place, text: [UInt8](try JSONSerialization.data(withJSONObject: value))))
        }
        return changes
    }

    private static func walk(
        _ value: Any, _ place: String, _ emit: (String, Any) throws -> Void
    ) throws {
        switch value {
        case let object as [String: Any]:
            for name in object.keys.sorted() {
                guard let member = object[name] else { continue }
                try walk(member, "\(place).\(name)") { place, changed in
                    var copy = object
                    copy[name] = changed
                    try emit(place, copy)
                }
            }
        case let array as [Any]:
            for (index, element) in array.enumerated() {
                try walk(element, "\(place)[\(index)]") { place, changed in
                    var copy = array
                    copy[index] = changed
                    try emit(place, copy)
                }
            }
        case let text as String:
            for position in Set([0, text.count / 2]) where !text.isEmpty {
                try emit(place, changed(text, at: position))
            }
            if text.isEmpty { try emit(place, "A") }
        case let number as NSNumber:
            if String(cString: number.objCType) == "c" {
                try emit(place, !number.boolValue)
            } else {
                try emit(place, number.intValue + 1)
                try emit(place, number.intValue - 1)
            }
        default: break
        }
    }

    /// Another character of the same kind, so that the form stays right.
    private static func changed(_ text: String, at position: Int) -> String {
        var characters = Array(text)
        let old = characters[position]
        characters[position] =
            old.isNumber ? (old == "9" ? "8" : "9") : (old == "B" ? "C" : (old == "b" ? "c" : "B"))
        return String(characters)
    }

    private static func omit(
        _ value: Any, _ place: String, _ emit: (String, Any) throws -> Void
    ) throws {
        if let object = value as? [String: Any] {
            for name in object.keys.sorted() {
                guard let member = object[name] else { continue }
                var copy = object
                copy[name] = nil
                try emit("\(place).\(name)", copy)
                try omit(member, "\(place).\(name)") { place, changed in
                    var copy = object
                    copy[name] = changed
                    try emit(place, copy)
                }
            }
        } else if let array = value as? [Any] {
            for (index, element) in array.enumerated() {
                var copy = array
                copy.remove(at: index)
                try emit("\(place)[\(index)]", copy)
                try omit(element, "\(place)[\(index)]") { place, changed in
                    var copy = array
                    copy[index] = changed
                    try emit(place, copy)
                }
            }
        }
    }
}
