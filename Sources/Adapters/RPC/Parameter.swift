// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Roles

/// How one parameter of a method is named and read.
struct Parameter<Value>: Sendable {
    /// What the OpenRPC description calls it.
    let name: String
    /// Its type in celestia-node's API, which error texts name.
    let type: String
    let decode: @Sendable (JSONNode) throws(ParameterFault) -> Value

    init(
        _ name: String, _ type: String,
        decode: @escaping @Sendable (JSONNode) throws(ParameterFault) -> Value
    ) {
        self.name = name
        self.type = type
        self.decode = decode
    }

    /// A list of such values; `null` is an empty one.
    func list(_ name: String, limit: Int) -> Parameter<[Value]> {
        Parameter<[Value]>(name, "[]\(type)") { value throws(ParameterFault) in
            if value.isNull { return [] }
            guard let elements = value.elements else { throw .mismatch(value, "[]\(type)") }
            guard elements.count <= limit else {
                throw ParameterFault("\(elements.count) \(name), the limit is \(limit)")
            }
            var values: [Value] = []
            for element in elements { values.append(try decode(element)) }
            return values
        }
    }
}

extension Parameter where Value: FixedWidthInteger & SendableMetatype {
    /// An integer; fractions, exponents and what does not fit are refused, as Go does.
    static func integer(_ name: String, _ type: String) -> Parameter {
        Parameter(name, type) { value throws(ParameterFault) in
            if value.isNull { return 0 }
            guard let number = value.integer(Value.self) else { throw .mismatch(value, type) }
            return number
        }
    }
}

extension Parameter where Value == UInt64 {
    static var height: Parameter { .integer("height", "uint64") }
}

extension Parameter where Value == String {
    static func text(_ name: String, _ type: String = "string") -> Parameter {
        Parameter(name, type) { value throws(ParameterFault) in
            if value.isNull { return "" }
            guard let text = value.text else { throw .mismatch(value, type) }
            return text
        }
    }
}

extension Parameter where Value == [UInt8] {
    /// Bytes in base64; `null` is none.
    static func bytes(_ name: String) -> Parameter {
        Parameter(name, "[]uint8") { value throws(ParameterFault) in
            try JSONBytes.base64(value, type: "[]uint8")
        }
    }
}

extension Parameter where Value == Bytes32 {
    static var commitment: Parameter {
        Parameter("commitment", "blob.Commitment") { value throws(ParameterFault) in
            let bytes = try JSONBytes.base64(value, type: "blob.Commitment")
            guard let commitment = Bytes32(bytes) else {
                throw ParameterFault("a commitment has 32 bytes, not \(bytes.count)")
            }
            return commitment
        }
    }
    /// A header's hash in hexadecimal.
    static var hash: Parameter {
        Parameter("hash", "bytes.HexBytes") { value throws(ParameterFault) in
            guard let text = value.text else { throw .mismatch(value, "bytes.HexBytes") }
            do throws(DecodeFault) {
                return try Bytes32(decoding: try Hex.decode(text), field: "hash")
            } catch {
                throw ParameterFault(error.description)
            }
        }
    }
}

extension Parameter where Value == Namespace {
    static var namespace: Parameter {
        Parameter("namespace", "share.Namespace") { value throws(ParameterFault) in
            try JSONBytes.namespace(value)
        }
    }
}

extension Parameter where Value == Coordinate {
    static var coordinate: Parameter {
        Parameter("index", "shwap.SampleCoords") { value throws(ParameterFault) in
            guard case .object = value else { throw .mismatch(value, "shwap.SampleCoords") }
            let row = try Parameter<Int>.integer("row", "int").decode(
                value.member("row") ?? .null)
            let column = try Parameter<Int>.integer("col", "int").decode(
                value.member("col") ?? .null)
            return Coordinate(row: row, column: column)
        }
    }
}

/// Byte strings inside JSON.
package enum JSONBytes {
    /// The bytes of a base64 text; `null` is none.
    package static func base64(_ value: JSONNode, type: String) throws(ParameterFault) -> [UInt8] {
        if value.isNull { return [] }
        guard case .string(let text) = value else { throw .mismatch(value, type) }
        do throws(DecodeFault) {
            return try Base64Bulk.decode(text.utf8)
        } catch {
            throw ParameterFault("illegal base64 data at input byte \(error.offset)")
        }
    }

    /// A namespace in base64 that somebody may own or ask for.
    static func namespace(_ value: JSONNode) throws(ParameterFault) -> Namespace {
        let bytes = try base64(value, type: "share.Namespace")
        do throws(DecodeFault) {
            return try Namespace(decoding: bytes)
        } catch {
            throw ParameterFault("invalid namespace: \(error.description)")
        }
    }
}
