// SPDX-License-Identifier: Apache-2.0

import Bytes
import RPC
import Roles
import Testing

/// WebSockets as bytes: handshake, frames, calls side by side.
@Suite struct WebSocketTests {
    private let node = ScriptedNode()

    private func open(_ change: (inout RPCConfiguration) -> Void = { _ in }) throws -> Client {
        let client = Client(node.make(.open, change))
        let answer = client.send(Self.handshake())
        try #require(answer.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        return client
    }

    static func handshake(
        version: String = "13", key: String = "dGhlIHNhbXBsZSBub25jZQ==", headers: String = "",
        path: String = "/"
    ) -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
            + "Sec-WebSocket-Version: \(version)\r\nSec-WebSocket-Key: \(key)\r\n\(headers)\r\n"
    }

    /// A frame as a client sends it, masked.
    static func frame(
        _ code: UInt8, _ payload: [UInt8], final: Bool = true, masked: Bool = true
    ) -> [UInt8] {
        var frame: [UInt8] = [code | (final ? 0x80 : 0)]
        let mask: [UInt8] = masked ? [0x11, 0x22, 0x33, 0x44] : [0, 0, 0, 0]
        let flag: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case 0..<126: frame.append(flag | UInt8(payload.count))
        case 126..<65_536:
            frame.append(flag | 126)
            frame.append(bigEndian: UInt16(payload.count))
        default:
            frame.append(flag | 127)
            frame.append(bigEndian: UInt64(payload.count))
        }
        if masked { frame += mask }
        return frame + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    static func text(_ text: String) -> [UInt8] { frame(1, Array(text.utf8)) }

    /// The frames that a server sent: code and payload.
    static func frames(_ bytes: [UInt8]) throws -> [(code: UInt8, payload: String)] {
        var reader = ByteReader(bytes)
        var frames: [(code: UInt8, payload: String)] = []
        while !reader.isAtEnd {
            let code = try reader.byte()
            var length = UInt64(try reader.byte())
            if length == 126 {
                length = UInt64(try reader.bigEndian(UInt16.self))
            } else if length == 127 {
                length = try reader.bigEndian(UInt64.self)
            }
            let payload = try reader.slice(Int(length))
            frames.append((code & 15, String(decoding: payload, as: UTF8.self)))
        }
        return frames
    }

    private func exchange(_ client: Client, _ bytes: [UInt8]) throws -> [(UInt8, String)] {
        bytes.withUnsafeBytes { client.connection.receive($0) }
        return try taken(client)
    }

    private func taken(_ client: Client) throws -> [(UInt8, String)] {
        defer { client.transport.sent = [] }
        return try Self.frames(client.transport.sent)
    }

    private func closeCode(_ frames: [(UInt8, String)], _ client: Client) -> Bool {
        frames.last?.0 == 8 && client.transport.isEnded
    }

    /// The handshake of RFC 6455 §1.3 gives the key that is printed there.
    @Test func handshake() {
        let answer = Client(node.make()).send(Self.handshake())
        #expect(
            answer
                == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
    }

    /// Another version, a short key or a missing token keep it closed.
    @Test func refusedHandshakes() {
        let services = node.make()
        #expect(
            Client(services).send(Self.handshake(version: "8")).contains(
                "Sec-WebSocket-Version: 13\r\n"))
        #expect(
            Client(services).send(Self.handshake(key: "c2hvcnQ=")).hasPrefix("HTTP/1.1 400"))
        let guarded = node.make(.tokens(secret: Array(repeating: 1, count: 32)))
        #expect(
            Client(guarded).send(Self.handshake(headers: "Authorization: Bearer x\r\n"))
                == "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    }

    /// A message in any fragments, with pings between, is one message, byte by byte or at once.
    @Test func fragments() throws {
        node.respond = { _ in .success(.account("ß")) }
        let body = Array(#"{"id":"ü","method":"state.AccountAddress","params":[]}"#.utf8)
        let answer = #"{"jsonrpc":"2.0","id":"ü","result":"ß"}"#
        for cut in [0, 1, 6, 7, 8, 20, body.count] {
            let client = try open()
            let frames =
                Self.frame(1, Array(body[..<cut]), final: false) + Self.frame(9, [1, 2])
                + Self.frame(0, Array(body[cut...]))
            var received: [(UInt8, String)] = []
            for byte in frames { received += try exchange(client, [byte]) }
            #expect(received.map(\.0) == [10, 1])
            #expect(received.last?.1 == answer)
        }
    }

    /// Frames may follow the handshake in the same packet; large and binary ones are read too.
    @Test func sizes() throws {
        node.respond = { _ in .success(.account("x")) }
        let space = String(repeating: " ", count: 70_000)
        let client = Client(node.make())
        let call = #"{"id":1,"method":"state.AccountAddress"}"#
        let first = client.send(Array(Self.handshake().utf8) + Self.text(call))
        #expect(first.hasSuffix(#""result":"x"}"#))
        #expect(try exchange(client, Self.text(space + call)).count == 1)
        #expect(try exchange(client, Self.frame(2, Array(call.utf8))).count == 1)
    }

    /// What breaks RFC 6455 ends the connection with its code.
    @Test func brokenFrames() throws {
        let broken: [(String, [UInt8])] = [
            ("unmasked", Self.frame(1, [0x7b, 0x7d], masked: false)),
            ("reserved bit", [0xc1, 0x80, 0, 0, 0, 0]),
            ("reserved code", Self.frame(3, [])),
            ("fragmented ping", Self.frame(9, [], final: false)),
            ("long ping", Self.frame(9, Array(repeating: 0, count: 126))),
            ("continuation of nothing", Self.frame(0, [1])),
            ("new message inside one", Self.frame(1, [1], final: false) + Self.frame(1, [2])),
            ("long form of a short length", [0x81, 0xfe, 0, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5]),
            ("invalid UTF-8", Self.frame(1, [0xff])),
            ("surrogate", Self.frame(1, [0xed, 0xa0, 0x80])),
            ("close of one byte", Self.frame(8, [3])),
        ]
        for (name, bytes) in broken {
            let client = try open()
            let frames = try exchange(client, bytes)
            #expect(closeCode(frames, client), "\(name) gave \(frames)")
        }
    }

    /// A message over the limit ends the connection before it is stored.
    @Test func tooLarge() throws {
        let client = try open { $0.limits.bodyBytes = 1000 }
        var frame: [UInt8] = [0x81, 0xff]
        frame.append(bigEndian: UInt64(1 << 40))
        let frames = try exchange(client, frame + [0, 0, 0, 0, 0x20])
        #expect(closeCode(frames, client), "gave \(frames)")
    }

    /// A close is answered by a close, and then the connection ends.
    @Test func closing() throws {
        let client = try open()
        let frames = try exchange(client, Self.frame(8, [0x03, 0xe8]))
        #expect(frames.count == 1 && frames[0].0 == 8)
        #expect(client.transport.isEnded)
    }

    /// Slow calls do not hold up fast ones; errors come with their ids.
    @Test func sideBySide() throws {
        node.respond = {
            if case .account = $0 {
                nil
            } else {
                .success(.balance(.init(denomination: "utia", amount: 5)))
            }
        }
        let client = try open()
        #expect(
            try exchange(client, Self.text(#"{"id":"slow","method":"state.AccountAddress"}"#))
                .isEmpty)
        let fast = try exchange(client, Self.text(#"{"id":"fast","method":"state.Balance"}"#))
        #expect(
            fast.map(\.1) == [
                #"{"jsonrpc":"2.0","id":"fast","result":{"denom":"utia","amount":"5"}}"#
            ])
        let unknown = try exchange(client, Self.text(#"{"id":9,"method":"no.Such"}"#))
        #expect(unknown[0].1.contains(#""id":9,"error":{"code":-32601"#))
        let broken = try exchange(client, Self.text("{"))
        #expect(broken[0].1.contains(#""id":null,"error":{"code":-32700"#))
        node.answerNext(.success(.account("a")))
        #expect(try taken(client).map(\.1) == [#"{"jsonrpc":"2.0","id":"slow","result":"a"}"#])
    }

    /// A call can be cancelled by its id, and dies with its connection; the counts go back.
    @Test func cancelling() throws {
        let services = node.make()
        let client = Client(services)
        client.send(Self.handshake())
        _ = try exchange(client, Self.text(#"{"id":1,"method":"state.AccountAddress"}"#))
        _ = try exchange(client, Self.text(#"{"id":2,"method":"state.AccountAddress"}"#))
        let cancelled = try exchange(client, Self.text(#"{"method":"xrpc.cancel","params":[1]}"#))
        #expect(cancelled[0].1.contains("context canceled"))
        client.connection.closed()
        node.answerNext(.success(.account("late")))
        node.answerNext(.success(.account("late")))
        #expect(client.transport.sent.isEmpty)
        #expect(services.isIdle)
    }

    /// A session may have only so many calls open.
    @Test func callLimit() throws {
        let client = try open { $0.activeLimit = 3 }
        for id in 0..<4 {
            let answer = try exchange(
                client, Self.text(#"{"id":\#(id),"method":"state.AccountAddress"}"#))
            #expect(answer.isEmpty == (id < 3))
            if id == 3 { #expect(answer[0].1.contains("server busy")) }
        }
    }

    /// Who leaves answers unread is read from no more until it has read them.
    @Test func unreadAnswers() throws {
        let services = node.make()
        let client = Client(services)
        client.send(Self.handshake())
        let long = String(repeating: "x", count: 3_000_000)
        node.respond = { _ in .success(.account(long)) }
        client.transport.isWritable = false
        let call = Self.text(#"{"id":1,"method":"state.AccountAddress"}"#)
        client.send(call)
        #expect(!client.transport.isPaused)
        client.send(call)
        #expect(client.transport.isPaused)
        client.transport.isWritable = true
        client.connection.drained()
        #expect(!client.transport.isPaused)
        #expect(try taken(client).count == 2)
        client.connection.closed()
        #expect(services.isIdle)
    }

    /// The server pings every five seconds and never minds that no pong comes.
    @Test func pings() throws {
        let client = try open()
        client.wait(seconds: 4)
        #expect(try taken(client).isEmpty)
        client.wait(seconds: 11)
        #expect(try taken(client).map(\.0) == [9, 9, 9])
        client.wait(seconds: 3600)
        #expect(!client.transport.isCut && !client.transport.isEnded)
    }
}
