// SPDX-License-Identifier: Apache-2.0

package import Roles

/// The `error` member of a JSON-RPC answer, with go-jsonrpc's codes and words.
///
/// Specified in Protocol/17-json-rpc.md#status.
package struct RPCError: Error, Hashable, Sendable {
    package let code: Int
    package let message: String

    package init(code: Int, message: String) {
        self.code = code
        self.message = message
    }

    /// What a method itself could not do.
    package init(_ fault: RPCFault) {
        self = .application(fault.text)
    }

    /// What a method itself could not do, in words.
    package static func application(_ message: String) -> RPCError {
        RPCError(code: 1, message: message)
    }

    /// The bytes are no JSON.
    static let parse = RPCError(code: -32700, message: "Parse error")
    /// There is nothing to answer.
    static let invalidRequest = RPCError(code: -32600, message: "Invalid request")
    /// The server has as many requests as it serves at a time.
    static let busy = RPCError(code: -32000, message: "server busy, try again later")

    /// A subscription that the server ended, and why.
    static func dropped(_ reason: String) -> RPCError {
        RPCError(code: -32001, message: "subscription dropped: \(reason)")
    }

    static func unknown(_ method: String) -> RPCError {
        RPCError(code: -32601, message: "method '\(method)' not found")
    }

    static func needsChannel(_ method: String) -> RPCError {
        RPCError(
            code: -32601,
            message: "method '\(method)' not supported in this mode (no out channel support)")
    }

    static func parameterCount(_ method: String, given: Int, wanted: Int) -> RPCError {
        RPCError(
            code: -32602, message: "wrong param count (method '\(method)'): \(given) != \(wanted)")
    }

    static func parameter(_ method: String, type: String, _ fault: ParameterFault) -> RPCError {
        RPCError(
            code: -32700,
            message: "unmarshaling params for '\(method)' (param: *\(type)): \(fault.text)")
    }

    static func permission(_ method: String, _ needed: Permission) -> RPCError {
        let name = method.drop { $0 != "." }.dropFirst()
        return .application(
            "missing permission to invoke '\(name.isEmpty ? method[...] : name)' (need '\(needed.rawValue)')"
        )
    }

    /// The HTTP status that go-jsonrpc gives to it when it is the only answer.
    var status: Int {
        switch code {
        case -32600: 400
        case -32603 ... -32601, -32700: 500
        case -32000: 503
        default: 200
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("code", code)
            $0.member("message", message)
        }
    }
}

/// Why a parameter is not what its method takes.
package struct ParameterFault: Error, Hashable, Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// A value of the wrong kind, in the words of Go's decoder, which clients match.
    static func mismatch(_ value: JSONNode, _ type: String) -> ParameterFault {
        var kind = value.kind
        if case .number(let number) = value {
            kind += " " + String(decoding: number.digits.prefix(40), as: UTF8.self)
        }
        return ParameterFault("json: cannot unmarshal \(kind) into Go value of type \(type)")
    }
}
