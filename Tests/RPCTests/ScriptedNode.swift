// SPDX-License-Identifier: Apache-2.0

import Chain
import Foundation
import RPC
import Roles

/// A node whose answers a test gives one by one, and a client that is an array of bytes.
final class ScriptedNode {
    /// Requests that came and were not answered at once.
    private(set) var asked:
        [(request: RPCRequest, answer: (Result<RPCResponse, RPCFault>) -> Void)] =
            []
    /// Answers that are given at once; nil keeps the request for `asked`.
    var respond: (RPCRequest) -> Result<RPCResponse, RPCFault>? = { _ in nil }
    /// What tokens are checked against.
    var now = Timestamp(nanosecondsSince1970: 1_700_000_000_000_000_000)

    func make(
        _ access: AccessPolicy = .open, _ change: (inout RPCConfiguration) -> Void = { _ in }
    ) -> RPCServices {
        var configuration = RPCConfiguration(
            access: access, clock: { self.now },
            entropy: { Array(repeating: 7, count: $0) })
        change(&configuration)
        return RPCServices(configuration) { request, answer in
            if let result = self.respond(request) { return answer(result) }
            self.asked.append((request, answer))
        }
    }

    /// Answers the oldest request that waits.
    func answerNext(_ result: Result<RPCResponse, RPCFault>) {
        asked.removeFirst().answer(result)
    }
}

/// A socket made of arrays.
final class ArrayTransport: RPCTransport {
    var sent: [UInt8] = []
    var isWritable = true
    var isEnded = false
    var isCut = false
    var isPaused = false

    func write(_ bytes: UnsafeRawBufferPointer) { sent += bytes }
    func closeAfterWrites() { isEnded = true }
    func close() { isCut = true }
    func pauseReading() { isPaused = true }
    func resumeReading() { isPaused = false }

    /// Takes what was sent, as text.
    func text() -> String {
        defer { sent = [] }
        return String(decoding: sent, as: UTF8.self)
    }
}

/// One connection to a server, driven by bytes.
struct Client {
    let transport = ArrayTransport()
    let connection: RPCConnection

    init(_ services: RPCServices) {
        connection = RPCConnection(services, transport: transport)
    }

    /// Sends bytes and takes what comes back at once.
    @discardableResult
    func send(_ text: String) -> String { send(Array(text.utf8)) }

    /// Sends bytes and takes what comes back at once.
    @discardableResult
    func send(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { connection.receive($0) }
        return transport.text()
    }

    /// Posts a JSON-RPC body.
    @discardableResult
    func post(_ body: String, headers: String = "", path: String = "/") -> String {
        send(
            "POST \(path) HTTP/1.1\r\nHost: a\r\n\(headers)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Posts one call and gives status and body.
    func call(_ method: String, _ parameters: String = "[]", headers: String = "") -> (Int, String)
    {
        Self.parts(
            post(
                #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(parameters)}"#,
                headers: headers))
    }

    /// Status and body of one answer.
    static func parts(_ answer: String) -> (Int, String) {
        let status = Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
        guard let end = answer.range(of: "\r\n\r\n") else { return (status, "") }
        return (status, String(answer[end.upperBound...]))
    }

    /// Lets seconds go by.
    func wait(seconds: Int) {
        for _ in 0..<seconds * RPCConnection.ticksPerSecond { connection.tick() }
    }
}
