// SPDX-License-Identifier: Apache-2.0

import Chain
import RPC
import Roles
import Testing

/// Calls that wait, when the node's answers and its heads cross.
@Suite struct WaitingTests {
    private let chain: FakeChain
    private let node = ScriptedNode()
    private let services: RPCServices
    private let client: Client

    init() throws {
        chain = try FakeChain()
        try chain.produce()
        services = node.make()
        client = Client(services)
    }

    /// A head that is published while the node's "not yet" is on its way is not missed.
    @Test func crossing() throws {
        #expect(client.call("header.WaitForHeight", "[2]") == (0, ""))
        services.publish(head: ChainHeader(chain.headers[1]))
        node.answerNext(.failure(.heightInFuture(networkHead: 1, requested: 2)))
        #expect(node.asked.isEmpty)
        services.tick()
        #expect(node.asked.count == 1)
        node.answerNext(.success(.header(chain.headers[1])))
        #expect(client.transport.text().contains(#""height":"2""#))
    }

    /// A node that says "not yet" again and again is asked once a second, never in a loop.
    @Test func stubbornNode() {
        node.respond = { _ in .failure(.heightInFuture(networkHead: 1, requested: 2)) }
        services.publish(head: ChainHeader(chain.headers[1]))
        #expect(client.call("header.WaitForHeight", "[2]") == (0, ""))
        for _ in 0..<5 { services.tick() }
        #expect(client.transport.sent.isEmpty)
        node.respond = { _ in .failure(.headerNotFound("height 2")) }
        services.tick()
        #expect(client.transport.text().contains("height 2: header: not found"))
    }

    /// Waits for synchronization and for sampling end when the node says so.
    @Test func polling() {
        var state = SynchronizationState()
        var statistics = SamplingStatistics()
        node.respond = {
            switch $0 {
            case .synchronization: .success(.synchronization(state))
            case .sampling: .success(.sampling(statistics))
            default: nil
            }
        }
        #expect(client.call("header.SyncWait") == (0, ""))
        services.tick()
        state.end = .zero
        #expect(client.transport.sent.isEmpty)
        services.tick()
        #expect(client.transport.text().hasSuffix(#""result":null}"#))
        #expect(client.call("das.WaitCatchUp") == (0, ""))
        statistics.isCaughtUp = true
        services.tick()
        #expect(client.transport.text().hasSuffix(#""result":null}"#))
        #expect(services.isIdle)
    }

    /// A call that nobody waits for any more is given up after five minutes.
    @Test func patience() {
        #expect(client.call("header.WaitForHeight", "[2]") == (0, ""))
        client.wait(seconds: 299)
        #expect(!client.transport.isCut)
        client.wait(seconds: 2)
        #expect(client.transport.isCut && services.isIdle)
    }
}
