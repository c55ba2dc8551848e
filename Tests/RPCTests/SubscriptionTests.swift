// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import RPC
import Roles
import Testing

/// Channels of a WebSocket over a chain that grows.
@Suite struct SubscriptionTests {
    private let chain: FakeChain
    private let services: RPCServices
    private let client: Client
    private let gate = Gate()

    /// Lets a test hold back or fail the node's answers.
    final class Gate {
        var isFailing = false
    }

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
        client = Client(services)
        client.send(WebSocketTests.handshake())
    }

    private func send(_ text: String) throws -> [JSONNode] {
        let bytes = WebSocketTests.text(text)
        bytes.withUnsafeBytes { client.connection.receive($0) }
        return try taken()
    }

    private func taken() throws -> [JSONNode] {
        defer { client.transport.sent = [] }
        return try WebSocketTests.frames(client.transport.sent).map {
            try JSONParser.parse(Array($0.payload.utf8))
        }
    }

    private func heights(_ events: [JSONNode]) -> [UInt64] {
        events.compactMap { event in
            guard event.member("method")?.text == "xrpc.ch.val",
                let value = event.member("params")?.elements?.last
            else { return nil }
            let header = value.member("header")
            return value.member("Height")?.integer(UInt64.self)
                ?? header?.member("height")?.text.flatMap { UInt64($0) }
        }
    }

    /// A channel of fraud has an event for each proof that the node acts on, and none for heads.
    @Test func fraud() throws {
        let opened = try send(
            #"{"id":4,"method":"fraud.Subscribe","params":["badencodingv0.1"]}"#)
        #expect(opened.map { $0.member("result")?.integer(Int.self) } == [1])
        try chain.produce()
        #expect(try taken().isEmpty)
        services.publishFraud()
        let events = try taken()
        #expect(events.count == 1)
        let value = try #require(events.first?.member("params")?.elements?.last)
        #expect(value.member("proof_type")?.text == "badencodingv0.1")
        #expect(value.member("data")?.text == "AQID")
        _ = try send(#"{"method":"xrpc.cancel","params":[4]}"#)
        services.publishFraud()
        #expect(try taken().isEmpty)
        let other = try send(#"{"id":5,"method":"fraud.Subscribe","params":["other"]}"#)
        #expect(other.first?.member("error") != nil)
    }

    /// Each head is one event, from the next one on; a cancel closes the channel.
    @Test func headers() throws {
        try chain.produce()
        let opened = try send(#"{"id":11,"method":"header.Subscribe","params":[]}"#)
        #expect(opened.map { $0.member("result")?.integer(Int.self) } == [1])
        for _ in 0..<3 { try chain.produce() }
        let events = try taken()
        #expect(heights(events) == [3, 4, 5])
        let value = try #require(events.last?.member("params")?.elements?.last)
        #expect(try HeaderJSON.decode(value) == chain.headers[4])
        let closed = try send(#"{"method":"xrpc.cancel","params":[11]}"#)
        #expect(closed.map { $0.member("method")?.text } == ["xrpc.ch.close"])
        #expect(closed[0].member("params")?.elements?.map { $0.integer(Int.self) } == [1])
        try chain.produce()
        #expect(try taken().isEmpty)
    }

    /// Every height has an event with its blobs and a header in plain numbers.
    @Test func blobs() throws {
        let mine = try Namespace(userID: Array("rollup-one".utf8))
        let name = Base64.encode(mine.bytes.array)
        _ = try send(#"{"id":1,"method":"blob.Subscribe","params":["\#(name)"]}"#)
        try chain.produce()
        let blob = try Blob(namespace: mine, data: [1, 2, 3], shareVersion: 0, signer: nil)
        chain.answer(.submitBlobs([blob], SubmitOptions())) { _ in }
        try chain.produce()
        let values = try taken().compactMap { $0.member("params")?.elements?.last }
        #expect(values.map { $0.member("Height")?.integer(Int.self) } == [2, 3])
        #expect(values[0].member("Blobs") == nil)
        #expect(
            try values[1].member("Blobs")?.elements?.map { try BlobJSON.decode($0) } == [blob])
        let header = try #require(values[1].member("Header"))
        #expect(header.member("height")?.integer(Int.self) == 3)
        #expect(header.member("version")?.member("app")?.integer(Int.self) == 6)
    }

    /// Two channels of one connection have their own numbers and ends.
    @Test func twoChannels() throws {
        let name = Base64.encode(try Namespace(userID: [9, 9]).bytes.array)
        _ = try send(#"{"id":"a","method":"header.Subscribe","params":[]}"#)
        let second = try send(#"{"id":"b","method":"blob.Subscribe","params":["\#(name)"]}"#)
        #expect(second[0].member("result")?.integer(Int.self) == 2)
        _ = try send(#"{"method":"xrpc.cancel","params":["a"]}"#)
        try chain.produce()
        let events = try taken()
        #expect(events.count == 1)
        #expect(events[0].member("params")?.elements?.first?.integer(Int.self) == 2)
    }

    /// A reader that stops reading is up to 16 heights behind, and then its channel is closed.
    @Test func slowReader() throws {
        _ = try send(#"{"id":1,"method":"header.Subscribe","params":[]}"#)
        client.transport.isWritable = false
        for _ in 0..<16 { try chain.produce() }
        #expect(client.transport.sent.isEmpty)
        client.transport.isWritable = true
        client.connection.drained()
        #expect(heights(try taken()) == Array(2...17))
        client.transport.isWritable = false
        for _ in 0..<17 { try chain.produce() }
        client.transport.isWritable = true
        client.connection.drained()
        let rest = try taken()
        #expect(rest.map { $0.member("method")?.text } == ["xrpc.ch.close"])
    }

    /// Heights between two published heads are filled in; a gap is never left in silence.
    @Test func gaps() throws {
        _ = try send(#"{"id":1,"method":"header.Subscribe","params":[]}"#)
        try chain.produce()
        #expect(heights(try taken()) == [2])
        let publish = try #require(chain.onHead)
        chain.onHead = nil
        for _ in 0..<4 { try chain.produce() }
        publish(chain.headers[5])
        #expect(heights(try taken()) == [3, 4, 5, 6])
        for _ in 0..<30 { try chain.produce() }
        publish(chain.headers[35])
        #expect(try taken().map { $0.member("method")?.text } == ["xrpc.ch.close"])
    }

    /// Data that is late is asked for again, in order, until it is there or the channel is given up.
    @Test func lateData() throws {
        let name = Base64.encode(try Namespace(userID: [9, 9]).bytes.array)
        _ = try send(#"{"id":1,"method":"blob.Subscribe","params":["\#(name)"]}"#)
        gate.isFailing = true
        try chain.produce()
        try chain.produce()
        services.tick()
        #expect(try taken().isEmpty)
        gate.isFailing = false
        services.tick()
        #expect(heights(try taken()) == [2, 3])
        gate.isFailing = true
        try chain.produce()
        for _ in 0..<100 { services.tick() }
        #expect(try taken().map { $0.member("method")?.text } == ["xrpc.ch.close"])
    }

    /// A connection that goes takes its channels with it, and their number is limited.
    @Test func limits() throws {
        for id in 0..<65 {
            let answer = try send(#"{"id":\#(id),"method":"header.Subscribe","params":[]}"#)
            #expect((answer[0].member("error") != nil) == (id == 64))
        }
        client.connection.closed()
        try chain.produce()
        #expect(client.transport.sent.isEmpty)
        #expect(services.isIdle)
    }
}
