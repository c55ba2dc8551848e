// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import Foundation

/// A value of a JSON file, for tests: a missing member or a wrong type fails the test by a throw.
public struct JSONTree {
    /// What Foundation made of it.
    public let value: Any
    /// Where it stands, for messages.
    public let path: String

    /// Reads a file.
    public init(contentsOf url: URL) throws {
        value = try JSONSerialization.jsonObject(
            with: Data(contentsOf: url), options: .fragmentsAllowed)
        path = url.lastPathComponent
    }

    private init(value: Any, path: String) {
        self.value = value
        self.path = path
    }

    /// A member that must be there.
    public subscript(name: String) -> JSONTree {
        get throws {
            guard let member = self.optional(name) else { throw missing(name) }
            return member
        }
    }

    /// A member that may be absent or null.
    public func optional(_ name: String) -> JSONTree? {
        guard let member = (value as? [String: Any])?[name], !(member is NSNull) else { return nil }
        return JSONTree(value: member, path: "\(path).\(name)")
    }

    /// The elements of an array.
    public var array: [JSONTree] {
        get throws {
            guard let list = value as? [Any] else { throw missing("array") }
            return list.enumerated().map { JSONTree(value: $1, path: "\(path)[\($0)]") }
        }
    }

    /// The members of an object, by name in order.
    public var members: [(name: String, value: JSONTree)] {
        get throws {
            guard let object = value as? [String: Any] else { throw missing("object") }
            return object.keys.sorted().map {
                ($0, JSONTree(value: object[$0] as Any, path: "\(path).\($0)"))
            }
        }
    }

    /// A text.
    public var string: String {
        get throws {
            guard let text = value as? String else { throw missing("string") }
            return text
        }
    }

    /// An integer, whether written as a number or as a decimal string (CometBFT does so).
    public var integer: Int {
        get throws {
            if let number = value as? NSNumber { return number.intValue }
            guard let text = value as? String, let number = Int(text) else {
                throw missing("integer")
            }
            return number
        }
    }

    /// An unsigned 64-bit integer.
    public var unsigned: UInt64 {
        get throws {
            if let number = value as? NSNumber { return number.uint64Value }
            guard let text = value as? String, let number = UInt64(text) else {
                throw missing("unsigned integer")
            }
            return number
        }
    }

    /// A Boolean.
    public var bool: Bool {
        get throws {
            guard let number = value as? NSNumber else { throw missing("Boolean") }
            return number.boolValue
        }
    }

    /// The bytes of a hexadecimal text.
    public var hex: [UInt8] {
        get throws { try Hex.decode(try string) }
    }

    /// The bytes of a base64 text.
    public var base64: [UInt8] {
        get throws { try Base64.decode(try string) }
    }

    /// Whether it is null.
    public var isNull: Bool { value is NSNull }

    private func missing(_ what: String) -> JSONTreeFault {
        JSONTreeFault(description: "\(path): no \(what)")
    }
}

/// What a test file lacks.
public struct JSONTreeFault: Error, CustomStringConvertible {
    /// Where and what.
    public let description: String

    /// Says what is lacking.
    public init(description: String) {
        self.description = description
    }
}
