// SPDX-License-Identifier: Apache-2.0

import Chain
import RPC
import Roles
import Testing

/// What the server tells of the node's health, and its host of calls.
@Suite struct HealthPageTests {
    private let node = ScriptedNode()

    /// Readiness names what is in the way; status tells the rest, and both need no token.
    @Test func health() throws {
        var status = NodeStatus(kind: .light, chainID: "test", isReady: true)
        status.role = "light"
        status.headHeight = 5
        status.networkHeight = 9
        status.health.lag = NodeHealth.Lag(head: 5, network: 9)
        status.health.isAlone = true
        node.respond = { if case .node = $0 { .success(.node(status)) } else { nil } }
        let services = node.make(.tokens(secret: Array(repeating: 1, count: 32))) {
            $0.disk = { DiskUse(freeBytes: 10, totalBytes: 20, usedBytes: 5) }
        }
        let client = Client(services)
        let notReady = client.send("GET /readyz?verbose HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(notReady.hasPrefix("HTTP/1.1 503"))
        #expect(
            notReady.hasSuffix(
                "[-] headers: at height 5 of 9\n[-] peers: no peer is connected\n[+] store\n"
                    + "[+] chain\nnot ready\n"))
        node.now = node.now.advanced(byNanoseconds: 61_000_000_000)
        let page = Client.parts(client.send("GET /status HTTP/1.1\r\nHost: a\r\n\r\n")).1
        let value = try JSONParser.parse(Array(page.utf8))
        #expect(value.member("kind")?.text == "light")
        #expect(value.member("uptime_seconds")?.integer(Int.self) == 61)
        #expect(value.member("ready")?.boolean == false)
        #expect(value.member("obstacles")?.elements?.count == 2)
        #expect(value.member("synchronized")?.boolean == false)
        #expect(value.member("disk")?.member("free_bytes")?.integer(Int.self) == 10)
        status.health = NodeHealth()
        let ready = client.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(ready.hasPrefix("HTTP/1.1 200"))
    }

    /// The host is told of each call that was answered, strangers' words left out.
    @Test func answersAreObserved() {
        var seen: [String] = []
        node.respond = { _ in .failure(.dataNotAvailable) }
        let services = node.make(.open) {
            $0.onAnswer = { method, isResult, _ in seen.append("\(method) \(isResult)") }
        }
        let client = Client(services)
        _ = client.call("state.AccountAddress")
        _ = client.call("evil.Name\u{7f}")
        _ = client.call("quadrat_unsubscribe", #"["x"]"#)
        #expect(
            seen == ["state.AccountAddress false", "unknown false", "quadrat_unsubscribe false"])
    }
}
