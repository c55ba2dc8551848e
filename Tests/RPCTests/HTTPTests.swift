// SPDX-License-Identifier: Apache-2.0

import Bytes
import Foundation
import RPC
import Roles
import Testing

/// HTTP/1.1 as bytes: framing, order, limits, codes.
@Suite struct HTTPTests {
    private let node = ScriptedNode()
    private let account = #"{"jsonrpc":"2.0","id":1,"method":"state.AccountAddress"}"#
    private let answer = #"{"jsonrpc":"2.0","id":1,"result":"celestia1x"}"#

    private func client(_ change: (inout RPCConfiguration) -> Void = { _ in }) -> Client {
        node.respond = { if case .account = $0 { .success(.account("celestia1x")) } else { nil } }
        return Client(node.make(.open, change))
    }

    private func ok(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// A request and its answer, byte for byte; the connection stays open for the next.
    @Test func keepAlive() {
        let client = client()
        for _ in 0..<3 { #expect(client.post(account) == ok(answer)) }
        #expect(!client.connection.isClosed)
    }

    /// A request may come in any two pieces.
    @Test func anyCut() {
        let text = Array(
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: \(account.utf8.count)\r\n\r\n\(account)"
                .utf8)
        for cut in 1..<text.count {
            let client = client()
            #expect(client.send(Array(text[..<cut])) == "")
            #expect(client.send(Array(text[cut...])) == ok(answer))
        }
    }

    /// Pipelined requests are answered in order, also when the first answer takes its time.
    @Test func pipelining() {
        let client = client()
        node.respond = { _ in nil }
        let other = #"{"jsonrpc":"2.0","id":2,"method":"state.AccountAddress"}"#
        let text = [account, other].map {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \($0.utf8.count)\r\n\r\n\($0)"
        }.joined()
        #expect(client.send(text) == "")
        #expect(node.asked.count == 1)
        node.answerNext(.success(.account("one")))
        #expect(client.transport.text().contains(#""id":1,"result":"one""#))
        #expect(node.asked.count == 1)
        node.answerNext(.success(.account("two")))
        #expect(client.transport.text().contains(#""id":2,"result":"two""#))
        for _ in 0..<2 { #expect(client.post(account) == "") }
    }

    /// What a client sends ahead is bounded: reading stops, and goes on after the answer.
    @Test func pipelineIsBounded() {
        let client = client { $0.limits.pipelinedBytes = 1000 }
        node.respond = { _ in nil }
        client.post(account)
        #expect(!client.transport.isPaused)
        client.send(String(repeating: "\r\n", count: 600))
        #expect(client.transport.isPaused)
        node.answerNext(.success(.account("one")))
        #expect(!client.transport.isPaused)
    }

    /// Chunked bodies are joined, with trailers and extensions.
    @Test func chunked() {
        let half = account.utf8.count / 2
        let first = String(account.prefix(half)), second = String(account.dropFirst(half))
        let text =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "\(String(first.utf8.count, radix: 16));x=y\r\n\(first)\r\n"
            + "\(String(second.utf8.count, radix: 16))\r\n\(second)\r\n0\r\nT: v\r\n\r\n"
        #expect(client().send(text) == ok(answer))
    }

    /// Requests whose end two parties could see in two places are refused and end the connection.
    @Test(arguments: [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "Content-Length: 5, 5\r\n\r\nhello",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: -5\r\n\r\nhello",
        "Content-Length: 0x5\r\n\r\nhello",
        "Content-Length: 99999999999999999999999\r\n\r\nhello",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "X: a\nContent-Length: 0\r\n\r\n",
        "X: a\u{0}b\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n",
        "no colon\r\n\r\n", ": empty\r\n\r\n",
    ])
    func smuggling(_ rest: String) {
        let client = client()
        let answer = client.send("POST / HTTP/1.1\r\nHost: a\r\n" + rest)
        #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(rest.debugDescription) gave \(answer)")
        #expect(client.transport.isEnded)
    }

    /// Bytes that are no HTTP/1 at all are refused.
    @Test(arguments: [
        "GARBAGE\r\n\r\n", "POST / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "POST / HTP/1.1\r\n\r\n",
    ])
    func garbage(_ text: String) {
        let client = client()
        #expect(client.send(text).hasPrefix("HTTP/1.1 400 "))
        #expect(client.transport.isEnded)
    }

    /// Heads and bodies over their limits are refused, by what they say or by what they send.
    @Test func sizes() {
        let change: (inout RPCConfiguration) -> Void = {
            $0.limits.headBytes = 1000
            $0.limits.bodyBytes = 1000
        }
        let head = client(change).send(
            "POST / HTTP/1.1\r\nX: " + String(repeating: "a", count: 2000))
        #expect(head.hasPrefix("HTTP/1.1 431 "))
        let (status, body) = Client.parts(
            client(change).send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"))
        #expect(status == 500)
        #expect(body.contains("-32700") && body.contains("request bigger than maximum 1000"))
        let chunked = client(change)
        chunked.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        var answer = ""
        for _ in 0..<11 where answer.isEmpty {
            answer = chunked.send("64\r\n" + String(repeating: " ", count: 100) + "\r\n")
        }
        #expect(answer.hasPrefix("HTTP/1.1 500 "))
        #expect(chunked.transport.isEnded)
        let many = String(repeating: "a: b\r\n", count: 1100)
        #expect(client().send("GET / HTTP/1.1\r\n" + many).hasPrefix("HTTP/1.1 431 "))
    }

    /// A whole answer goes out when the client reads slowly, a piece at a time.
    @Test func slowReader() {
        let client = client()
        let long = String(repeating: "x", count: 1_000_000)
        node.respond = { _ in .success(.account(long)) }
        client.transport.isWritable = false
        #expect(client.post(account) == "")
        var received = ""
        client.transport.isWritable = true
        client.connection.drained()
        received += client.transport.text()
        #expect(Client.parts(received).1.utf8.count == long.utf8.count + 36)
        #expect(client.post(account).utf8.count == received.utf8.count)
    }

    /// Protocol errors have the status that go-jsonrpc gives them.
    @Test(arguments: [
        ("", 400, -32600), ("  \n", 400, -32600), ("[]", 400, -32600), ("{", 500, -32700),
        ("5", 500, -32700), (#"{"id":{},"method":"a"}"#, 500, -32700),
        (#"{"id":1,"method":"no.Such","params":[]}"#, 500, -32601),
        (#"{"id":1,"params":[]}"#, 500, -32601),
        (#"{"id":1,"method":7}"#, 500, -32700),
        (#"{"id":1,"method":"blob.Get","params":[1]}"#, 500, -32602),
        (#"{"id":1,"method":"blob.Get"}"#, 500, -32602),
        (#"{"id":1,"method":"header.GetByHeight","params":["x"]}"#, 500, -32700),
        (#"{"id":1,"method":"header.GetByHeight","params":[-1]}"#, 500, -32700),
        (#"{"id":1,"method":"header.GetByHeight","params":[1.5]}"#, 500, -32700),
        (#"{"id":1,"method":"header.GetByHeight","params":{"height":1}}"#, 500, -32700),
        (#"{"id":1,"method":"header.Subscribe","params":[]}"#, 500, -32601),
        (#"{"id":1,"method":"header.GetByHeight","params":[0]}"#, 200, 1),
    ])
    func codes(_ body: String, _ status: Int, _ code: Int) throws {
        let (got, text) = Client.parts(client().post(body))
        #expect(got == status)
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(value.member("error")?.member("code")?.integer(Int.self) == code)
        #expect(value.member("jsonrpc")?.text == "2.0")
    }

    /// Error texts are go-jsonrpc's.
    @Test func texts() {
        let client = client()
        #expect(client.call("no.Such").1.contains("method 'no.Such' not found"))
        #expect(
            client.call("blob.Get", "[1]").1.contains(
                "wrong param count (method 'blob.Get'): 1 != 3"))
        #expect(
            client.call("header.GetByHeight", #"["x"]"#).1.contains(
                "unmarshaling params for 'header.GetByHeight' (param: *uint64): json: cannot "
                    + "unmarshal string into Go value of type uint64"))
        #expect(
            client.call("header.Subscribe").1.contains(
                "method 'header.Subscribe' not supported in this mode (no out channel support)"))
    }

    /// The id comes back as it came, whatever its kind.
    @Test(arguments: ["7", "\"abc\"", "-1.50e3", "12345678901234567890123", #""é\"""#])
    func identifiers(_ id: String) {
        let text = client().post(#"{"jsonrpc":"2.0","id":\#(id),"method":"state.AccountAddress"}"#)
        #expect(text.contains(#""id":\#(id),"result""#))
    }

    /// A batch is answered in order, with its errors inside; notifications leave no trace.
    @Test func batch() {
        let client = client()
        let body =
            #" [{"id":1,"method":"state.AccountAddress"},{"id":"b","method":"nope"},"#
            + #"{"method":"state.AccountAddress"},7,{"id":3,"method":"state.AccountAddress"}] "#
        let (status, text) = Client.parts(client.post(body))
        #expect(status == 200)
        #expect(
            text
                == #"[{"jsonrpc":"2.0","id":1,"result":"celestia1x"},"#
                + #"{"jsonrpc":"2.0","id":"b","error":{"code":-32601,"message":"method 'nope' not found"}},"#
                + #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}},"#
                + #"{"jsonrpc":"2.0","id":3,"result":"celestia1x"}]"#)
        let silent = Client.parts(client.post(#"[{"method":"state.AccountAddress"}]"#))
        #expect(silent == (200, ""))
    }

    /// A notification, also one whose id is null, has an empty answer.
    @Test func notification() {
        let client = client()
        for body in [
            #"{"method":"state.AccountAddress"}"#,
            #"{"id":null,"method":"state.AccountAddress"}"#,
        ] {
            #expect(Client.parts(client.post(body)) == (200, ""))
        }
    }

    /// HTTP/1.0 and `Connection: close` end the connection after the answer.
    @Test func closing() {
        for head in [
            "POST / HTTP/1.0\r\n", "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n",
        ] {
            let client = client()
            let answer = client.send(
                head + "Content-Length: \(account.utf8.count)\r\n\r\n\(account)")
            #expect(answer.contains("Connection: close\r\n"))
            #expect(answer.hasSuffix(self.answer))
            #expect(client.transport.isEnded)
        }
    }

    /// A client that ended its side still gets its answer.
    @Test func halfClosed() {
        let client = client()
        node.respond = { _ in nil }
        client.post(account)
        client.connection.inputEnded()
        #expect(!client.transport.isCut)
        node.answerNext(.success(.account("celestia1x")))
        #expect(client.transport.text().hasSuffix(answer))
        #expect(client.transport.isEnded)
    }

    /// A client that waits for permission to send its body gets it.
    @Test func continues() {
        let client = client()
        let answer = client.send(
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                + "Content-Length: \(account.utf8.count)\r\n\r\n")
        #expect(answer == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(client.send(account) == ok(self.answer))
    }

    /// An upgrade to anything but a WebSocket is ignored, its body read as usual.
    @Test func otherUpgrades() {
        let text = client().post(
            account, headers: "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n")
        #expect(text == ok(answer))
    }

    /// Requests over the limit are told to come again, and the count falls with every answer.
    @Test func busy() {
        node.respond = { _ in nil }
        let services = node.make(.open) { $0.activeLimit = 2 }
        let clients = (0..<3).map { _ in Client(services) }
        #expect(clients[0].post(account) == "" && clients[1].post(account) == "")
        #expect(
            clients[2].post(account)
                == "HTTP/1.1 503 Service Unavailable\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 29\r\n\r\n"
                + "server busy, try again later\n")
        clients[0].connection.closed()
        #expect(clients[2].post(account) == "")
        node.answerNext(.success(.account("gone")))
        node.answerNext(.success(.account("x")))
        node.answerNext(.success(.account("y")))
        #expect(clients[0].transport.sent.isEmpty)
        #expect(clients[1].transport.text().contains("\"x\""))
        #expect(clients[2].transport.text().contains("\"y\""))
        #expect(services.isIdle)
    }

    /// Who is silent in the middle of a request, or too long between two, is cut off.
    @Test func timeouts() {
        let silent = client()
        silent.wait(seconds: 3)
        #expect(silent.transport.isCut)
        let head = client()
        head.send("POST / HTTP/1.1\r\nHo")
        head.wait(seconds: 3)
        #expect(head.transport.isCut)
        let body = client()
        body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        body.wait(seconds: 29)
        #expect(!body.transport.isCut)
        body.wait(seconds: 2)
        #expect(body.transport.isCut)
        let idle = client()
        idle.post(account)
        idle.wait(seconds: 119)
        #expect(!idle.transport.isCut)
        idle.wait(seconds: 2)
        #expect(idle.transport.isCut)
    }

    /// Pages that tell nothing secret need no token; all else does.
    @Test func openPages() {
        node.respond = {
            if case .node = $0 {
                .success(.node(NodeStatus(kind: .light, chainID: "test", isReady: false)))
            } else {
                nil
            }
        }
        let services = node.make(.tokens(secret: Array(repeating: 1, count: 32))) {
            $0.pages["/metrics"] = { HTTPResponse(status: 200, text: "up 1") }
        }
        let client = Client(services)
        #expect(client.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").hasSuffix("\r\n\r\nok\n"))
        #expect(client.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 503"))
        #expect(client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n").hasSuffix("up 1\n"))
        let head = client.send("HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.contains("Content-Length: 3\r\n") && head.hasSuffix("\r\n\r\n"))
        #expect(client.send("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 405"))
    }

    /// Web pages of allowed origins may read answers, others may not.
    @Test func origins() {
        let open = client().post(account, headers: "Origin: https://a.example\r\n")
        #expect(open.contains("Access-Control-Allow-Origin: https://a.example\r\n"))
        let secret = Array(repeating: UInt8(1), count: 32)
        let closed = Client(node.make(.tokens(secret: secret))).post(
            account, headers: "Origin: https://a.example\r\n")
        #expect(!closed.contains("Access-Control"))
        let listed = Client(
            node.make(.tokens(secret: secret)) { $0.allowedOrigins = ["https://b.example"] })
        let preflight = listed.send(
            "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: https://b.example\r\n"
                + "Access-Control-Request-Method: POST\r\n"
                + "Access-Control-Request-Headers: authorization\r\n\r\n")
        #expect(preflight.hasPrefix("HTTP/1.1 204 No Content\r\n"))
        #expect(preflight.contains("Access-Control-Allow-Headers: authorization\r\n"))
        #expect(
            !listed.send(
                "OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: https://c.example\r\n"
                    + "Access-Control-Request-Method: POST\r\n\r\n"
            ).contains("Access-Control"))
    }
}
