// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Foundation
import RPC
import Roles
import Testing

/// Standard subscriptions and server-sent events over a chain that grows.
@Suite struct EventTests {
    private let chain: FakeChain
    private let services: RPCServices
    private let gate = SubscriptionTests.Gate()
    private let mine: Namespace

    init() throws {
        let chain = try FakeChain()
        let gate = gate
        let configuration = RPCConfiguration(
            access: .open, clock: { .zero }, entropy: { Array(repeating: 7, count: $0) })
        let services = RPCServices(configuration) { request, answer in
            if gate.isFailing, case .namespaceData = request {
                return answer(.failure(.dataNotAvailable))
            }
            chain.answer(request, answer)
        }
        chain.onHead = { [weak services] in services?.publish(head: ChainHeader($0)) }
        self.chain = chain
        self.services = services
        mine = try Namespace(userID: Array("rollup-one".utf8))
        try chain.produce()
    }

    /// One event as it came.
    private struct Event {
        var identifier: String?
        var name = "message"
        var data: JSONNode = .null

        var height: UInt64? {
            data.member("height")?.integer(UInt64.self)
                ?? data.member("header")?.member("height")?.text.flatMap { UInt64($0) }
        }
    }

    private func open(_ query: String, headers: String = "") -> Client {
        let client = Client(services)
        let answer = client.send("GET /events?\(query) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"))
        #expect(!answer.contains("Content-Length"))
        client.transport.sent = Array((answer.components(separatedBy: "\r\n\r\n").last ?? "").utf8)
        return client
    }

    /// The events that came since the last look, comments left out.
    private func taken(_ client: Client) throws -> [Event] {
        try client.transport.text().components(separatedBy: "\n\n").compactMap { block in
            var event = Event()
            var hasData = false
            for line in block.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, !line.hasPrefix(":") else { continue }
                let value = String(parts[1].dropFirst())
                switch parts[0] {
                case "id": event.identifier = value
                case "event": event.name = value
                case "data":
                    event.data = try JSONParser.parse(Array(value.utf8))
                    hasData = true
                default: break
                }
            }
            return hasData ? event : nil
        }
    }

    // MARK: Server-sent events

    /// Each head is one event with an id of its own; several topics come in one order.
    @Test func streamOfAll() throws {
        let name = Hex.encode(mine.bytes.array)
        let client = open("topics=headers,blobs:\(name),sampling,fraud")
        let blob = try Blob(namespace: mine, data: [1, 2, 3], shareVersion: 0, signer: nil)
        chain.answer(.submitBlobs([blob], SubmitOptions())) { _ in }
        try chain.produce()
        services.publish(
            .sampled(height: 3, isAvailable: true, confidencePartsPerMillion: 990_000))
        services.publish(.fraud(height: 3, reason: "row 1 is no codeword"))
        let events = try taken(client)
        #expect(events.map(\.name) == ["headers", "blobs", "sampling", "fraud"])
        #expect(events.map(\.height) == [3, 3, 3, 3])
        #expect(try HeaderJSON.decode(events[0].data) == chain.headers[2])
        #expect(
            try events[1].data.member("blobs")?.elements?.map { try BlobJSON.decode($0) } == [blob])
        #expect(events[2].data.member("state")?.text == "available")
        #expect(events[3].data.member("reason")?.text == "row 1 is no codeword")
        #expect(
            events.map(\.identifier) == [
                "07070707.2.3", "07070707.2.3", "07070707.3.3", "07070707.4.3",
            ])
        client.connection.closed()
        #expect(services.isIdle)
    }

    /// Who comes back with the last id misses nothing and hears nothing twice.
    @Test func resuming() throws {
        let first = open("topics=headers")
        for _ in 0..<3 { try chain.produce() }
        let last = try #require(try taken(first).last?.identifier)
        first.connection.closed()
        for _ in 0..<5 { try chain.produce() }
        let second = open("topics=headers", headers: "Last-Event-ID: \(last)\r\n")
        #expect(try taken(second).map(\.height) == Array(6...10))
        try chain.produce()
        #expect(try taken(second).map(\.height) == [11])
        let third = open("topics=headers&after=\(last)")
        #expect(try taken(third).count == 6)
    }

    /// After a restart headers are told again from the chain; what else was missed is said.
    @Test func resumingAfterARestart() throws {
        for _ in 0..<3 { try chain.produce() }
        let headers = open("topics=headers", headers: "Last-Event-ID: 0a0a.900.2\r\n")
        #expect(try taken(headers).map(\.height) == [3, 4, 5])
        let both = open("topics=headers,sampling", headers: "Last-Event-ID: 0a0a.900.2\r\n")
        let events = try taken(both)
        #expect(events.map(\.name) == ["missed", "headers", "headers", "headers"])
        let ahead = open("topics=headers", headers: "Last-Event-ID: 0a0a.900.99\r\n")
        #expect(try taken(ahead).map(\.name) == ["missed"])
        try chain.produce()
        #expect(try taken(ahead).map(\.height) == [6])
    }

    /// A reader that stops reading is 256 events behind, then is told so and let go.
    @Test func slowReader() throws {
        let client = open("topics=sampling")
        client.transport.sent = []
        client.transport.isWritable = false
        for height in 0..<256 {
            services.publish(
                .sampled(height: UInt64(height), isAvailable: true, confidencePartsPerMillion: 1))
        }
        #expect(!client.transport.isEnded)
        client.transport.isWritable = true
        client.connection.drained()
        #expect(try taken(client).count == 256)
        client.transport.isWritable = false
        for height in 0..<257 {
            services.publish(
                .sampled(height: UInt64(height), isAvailable: true, confidencePartsPerMillion: 1))
        }
        client.transport.isWritable = true
        client.connection.drained()
        let rest = try taken(client)
        #expect(rest.map(\.name) == ["dropped"])
        #expect(rest[0].data.member("reason")?.text?.contains("256") == true)
        #expect(client.transport.isEnded && services.isIdle)
    }

    /// Data that is late holds its place in the order, and is given up after a minute.
    @Test func lateData() throws {
        let client = open("topics=blobs:\(Hex.encode(mine.bytes.array)),sampling")
        client.transport.sent = []
        gate.isFailing = true
        try chain.produce()
        services.publish(
            .sampled(height: 3, isAvailable: false, confidencePartsPerMillion: 0))
        services.tick()
        #expect(try taken(client).isEmpty)
        gate.isFailing = false
        services.tick()
        #expect(try taken(client).map(\.name) == ["blobs", "sampling"])
        gate.isFailing = true
        try chain.produce()
        for _ in 0..<70 { services.tick() }
        #expect(try taken(client).map(\.name) == ["dropped"])
    }

    /// A comment every fifteen seconds shows that the connection stands.
    @Test func heartbeat() {
        let client = open("topics=fraud")
        client.transport.sent = []
        client.wait(seconds: 14)
        #expect(client.transport.text() == "")
        client.wait(seconds: 1)
        #expect(client.transport.text() == ": beat\n\n")
        client.wait(seconds: 600)
        #expect(!client.transport.isCut)
    }

    /// Whoever may not read, and whoever asks for what there is not, is told so.
    @Test func refusals() throws {
        let node = ScriptedNode()
        let guarded = Client(node.make(.tokens(secret: Array(repeating: 1, count: 32))))
        let refused = guarded.send("GET /events?topics=headers HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(refused.hasPrefix("HTTP/1.1 401") && refused.contains("'read'"))
        for query in [
            "", "topics=", "topics=rain", "topics=blobs", "topics=headers:aa", "topics=blobs:zz",
            "topics=headers,headers", "topics=headers&after=x",
            "topics="
                + (0..<17).map { "blobs:0badcafe0\($0 % 10)\($0 / 10)0" }.joined(separator: ","),
        ] {
            let answer = Client(services).send("GET /events?\(query) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400"), "\(query)")
        }
        let clients = (0..<256).map { _ in open("topics=fraud") }
        let answer = Client(services).send(
            "GET /events?topics=fraud HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 503"))
        for client in clients { client.connection.closed() }
        #expect(services.isIdle)
    }

    // MARK: Standard subscriptions

    private func socket() -> Client {
        let client = Client(services)
        client.send(WebSocketTests.handshake())
        return client
    }

    private func exchange(_ client: Client, _ text: String = "") throws -> [JSONNode] {
        if !text.isEmpty {
            WebSocketTests.text(text).withUnsafeBytes { client.connection.receive($0) }
        }
        defer { client.transport.sent = [] }
        return try WebSocketTests.frames(client.transport.sent).map {
            try JSONParser.parse(Array($0.payload.utf8))
        }
    }

    /// A subscription's events come as notifications that name it, until it is ended.
    @Test func subscribing() throws {
        let client = socket()
        let opened = try exchange(
            client, #"{"id":1,"method":"quadrat_subscribe","params":["headers"]}"#)
        #expect(opened[0].member("result")?.text == "0x1")
        let name = Base64.encode(mine.bytes.array)
        let second = try exchange(
            client,
            #"{"id":2,"method":"quadrat_subscribe","params":["blobs",{"namespace":"\#(name)"}]}"#)
        #expect(second[0].member("result")?.text == "0x2")
        try chain.produce()
        let events = try exchange(client)
        #expect(
            events.map { $0.member("method")?.text }
                == Array(repeating: "quadrat_subscription", count: 2))
        let parameters = events.compactMap { $0.member("params") }
        #expect(parameters.map { $0.member("subscription")?.text } == ["0x1", "0x2"])
        let header = try #require(parameters[0].member("result")?.member("data"))
        #expect(try HeaderJSON.decode(header) == chain.headers[2])
        #expect(
            parameters[1].member("result")?.member("data")?.member("height")?.integer(Int.self) == 3
        )
        let ended = try exchange(
            client, #"{"id":3,"method":"quadrat_unsubscribe","params":["0x1"]}"#)
        #expect(ended[0].member("result")?.boolean == true)
        let again = try exchange(
            client, #"{"id":4,"method":"quadrat_unsubscribe","params":["0x1"]}"#)
        #expect(again[0].member("result")?.boolean == false)
        try chain.produce()
        #expect(try exchange(client).count == 1)
        client.connection.closed()
        try chain.produce()
        #expect(services.isIdle)
    }

    /// A subscription can begin behind an event, as a server-sent stream can.
    @Test func subscribingBehindAnEvent() throws {
        for _ in 0..<3 { try chain.produce() }
        let client = socket()
        let events = try exchange(
            client,
            #"{"id":1,"method":"quadrat_subscribe","params":["headers",{"after":"07070707.2.3"}]}"#)
        let heights = events.dropFirst().compactMap {
            $0.member("params")?.member("result")?.member("id")?.text
        }
        #expect(heights == ["07070707.3.4", "07070707.4.5"])
    }

    /// Over plain HTTP, without the right to read, or for no topic there is no subscription.
    @Test func refusedSubscriptions() throws {
        let plain = Client(services).call("quadrat_subscribe", #"["headers"]"#)
        #expect(plain.0 == 500 && plain.1.contains("no out channel support"))
        let client = socket()
        for parameters in [
            #"["rain"]"#, #"["blobs"]"#, #"["headers",{"after":"x"}]"#, #"[7]"#, "[]",
        ] {
            let answer = try exchange(
                client, #"{"id":1,"method":"quadrat_subscribe","params":\#(parameters)}"#)
            #expect(answer.count == 1 && answer[0].member("error") != nil, "\(parameters)")
        }
        let guarded = Client(ScriptedNode().make(.tokens(secret: Array(repeating: 1, count: 32))))
        guarded.send(WebSocketTests.handshake())
        let answer = try exchange(
            guarded, #"{"id":1,"method":"quadrat_subscribe","params":["headers"]}"#)
        #expect(
            answer[0].member("error")?.member("message")?.text
                == "missing permission to invoke 'quadrat_subscribe' (need 'read')")
    }

    /// A slow reader's subscription ends with an error that names it; others go on.
    @Test func slowSubscriber() throws {
        let client = socket()
        _ = try exchange(client, #"{"id":1,"method":"quadrat_subscribe","params":["sampling"]}"#)
        client.transport.isWritable = false
        for height in 0..<300 {
            services.publish(
                .sampled(height: UInt64(height), isAvailable: true, confidencePartsPerMillion: 1))
        }
        client.transport.isWritable = true
        client.connection.drained()
        let events = try exchange(client)
        #expect(events.count == 1)
        let parameters = try #require(events[0].member("params"))
        #expect(parameters.member("subscription")?.text == "0x1")
        #expect(parameters.member("error")?.member("message")?.text?.contains("behind") == true)
        _ = try exchange(client, #"{"id":2,"method":"quadrat_subscribe","params":["fraud"]}"#)
        services.publish(.fraud(height: 1, reason: "x"))
        #expect(try exchange(client).count == 1)
    }

    // MARK: Deadlines

    /// A call that the node never answers ends after two minutes, by its name; waiting ones do not.
    @Test func deadlines() throws {
        let node = ScriptedNode()
        let silent = node.make()
        let client = Client(silent)
        client.send(WebSocketTests.handshake())
        _ = try exchange(client, #"{"id":1,"method":"share.GetRow","params":[1,0]}"#)
        _ = try exchange(client, #"{"id":2,"method":"header.WaitForHeight","params":[5]}"#)
        for _ in 0..<119 { silent.tick() }
        #expect(try exchange(client).isEmpty)
        silent.tick()
        let answers = try exchange(client)
        #expect(answers.count == 1)
        #expect(
            answers[0].member("error")?.member("message")?.text
                == "context deadline exceeded: 'share.GetRow' was not answered within 120 s")
        client.connection.closed()
        #expect(silent.isIdle)
    }
}
