// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Calls a node's methods over HTTP and waits for the answers: what the command line needs.
///
/// Each call has a connection of its own.
package struct RPCClient: Sendable {
    /// Where the node listens.
    package let host: String
    package let port: UInt16
    /// What it may do; none where the node asks for none.
    package let token: String?
    /// Seconds to wait for one answer.
    package var timeoutSeconds = 330

    package init(host: String, port: UInt16, token: String? = nil) {
        self.host = host
        self.port = port
        self.token = token
    }

    /// Takes `http://host:port`, with or without the scheme; the port is 26658 when unsaid.
    package init(url: String, token: String? = nil) throws(RPCClientFault) {
        var rest = url[...]
        if rest.hasPrefix("http://") { rest = rest.dropFirst(7) }
        if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
        var host = rest
        var port: UInt16? = 26658
        if rest.hasPrefix("["), let bracket = rest.firstIndex(of: "]") {
            host = rest[rest.index(after: rest.startIndex)..<bracket]
            let tail = rest[rest.index(after: bracket)...]
            if !tail.isEmpty { port = tail.first == ":" ? UInt16(tail.dropFirst()) : nil }
        } else if let colon = rest.lastIndex(of: ":") {
            host = rest[..<colon]
            port = UInt16(rest[rest.index(after: colon)...])
        }
        guard let port, !host.isEmpty, !rest.contains("://") else { throw .address(url) }
        self.init(host: String(host), port: port, token: token)
    }

    /// Calls a method with the parameters that `write` writes, and gives its result.
    package func call(
        _ method: String, _ write: (inout JSONWriter) -> Void = { _ in }
    ) throws(RPCClientFault) -> JSONNode {
        let body = JSONWriter.text { writer in
            writer.object { writer in
                writer.member("jsonrpc", "2.0")
                writer.member("id", 1)
                writer.member("method", method)
                writer.member("params") { $0.array(write) }
            }
        }
        let (status, answer) = try exchange("POST", "/", body)
        if status == 401 { throw .unauthorized }
        let value: JSONNode
        do throws(DecodeFault) {
            value = try JSONParser.parse(answer, valueLimit: .max)
        } catch {
            throw .answer(status: status, "\(error)")
        }
        if let error = value.member("error") {
            throw .error(
                RPCError(
                    code: error.member("code")?.integer(Int.self) ?? 0,
                    message: error.member("message")?.text ?? ""))
        }
        return value.member("result") ?? .null
    }

    /// The body of one of the node's pages, such as `/metrics`.
    package func page(_ path: String) throws(RPCClientFault) -> [UInt8] {
        let (status, body) = try exchange("GET", path, [])
        guard status == 200 else { throw .answer(status: status, "no page \(path)") }
        return body
    }

    private func exchange(
        _ method: String, _ path: String, _ body: [UInt8]
    ) throws(RPCClientFault) -> (Int, [UInt8]) {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\n"
        head += "Content-Type: application/json\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        head += "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        let socket = try BlockingSocket(host: host, port: port, timeoutSeconds: timeoutSeconds)
        try socket.send(Array(head.utf8) + body)
        let parser = HTTPResponseParser()
        while !parser.isComplete {
            let isAtEnd = try socket.receive { (bytes) throws(RPCClientFault) in
                guard parser.receive(bytes) else { throw .answer(status: 0, "no HTTP") }
            }
            if isAtEnd {
                parser.end()
                guard parser.isComplete else { throw .connection("the node hung up") }
            }
        }
        return (parser.status, parser.body)
    }
}

/// Why a call has no result.
package enum RPCClientFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address is none.
    case address(String)
    /// Nobody answers there, or the connection broke; the system's words.
    case connection(String)
    /// The token is bad.
    case unauthorized
    /// The answer is none that a node gives.
    case answer(status: Int, String)
    /// The node's own error.
    case error(RPCError)

    package var description: String {
        switch self {
        case .address(let text): "'\(text)' is no address of a node (http://host:port)"
        case .connection(let reason): reason
        case .unauthorized: "the node refuses the token (401)"
        case .answer(let status, let reason): "no answer of a node (status \(status)): \(reason)"
        case .error(let error): error.message
        }
    }
}
