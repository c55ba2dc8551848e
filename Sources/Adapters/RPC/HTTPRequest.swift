// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// One HTTP/1.1 request, read to its last byte.
package struct HTTPRequest: Sendable {
    /// What a client wants done with a target; everything but these is answered by 405.
    package enum Method: Sendable {
        case get, head, post, put, options, other
    }

    package let method: Method
    /// Path and query, as they stood in the request line.
    package let target: String
    /// Names in lower case, in the order in which they came.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// Whether the client keeps the connection for another request.
    package let isKeptAlive: Bool
    /// Whether the client asks for a WebSocket instead of an answer.
    package let wantsWebSocket: Bool

    /// The value of the first header of that lower-case name.
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    /// The target without its query.
    package var path: String {
        String(target.prefix { $0 != "?" && $0 != "#" })
    }

    /// The value of a parameter of the query, percent escapes resolved.
    package func query(_ name: String) -> String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        for pair in target[target.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.first == Substring(name) {
                return parts.count == 2 ? Self.unescaped(parts[1]) : ""
            }
        }
        return nil
    }

    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let digits = String(rest.prefix(2)),
                let value = UInt8(digits, radix: 16), digits.utf8.count == 2
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Why bytes are no acceptable request; the connection ends with the answer.
package enum HTTPFault: Error, Hashable, Sendable {
    /// They break HTTP's grammar, or frame a body in two ways at once; the parser's reason.
    case malformed(String)
    /// The head of the request is over `HTTPLimits.headBytes`.
    case headTooLarge
    /// The body is, or says it will be, over `HTTPLimits.bodyBytes`.
    case bodyTooLarge
}

/// What one connection may send and make the server keep.
package struct HTTPLimits: Sendable {
    /// Request line and headers together.
    package var headBytes = 1 << 20
    /// Headers of one request.
    package var headerCount = 1000
    /// One body, and one WebSocket message: twice the largest transaction.
    package var bodyBytes = 2 << 23
    /// Bytes that a client sent while its previous request is still being answered.
    package var pipelinedBytes = 1 << 20

    package init() {}
}
