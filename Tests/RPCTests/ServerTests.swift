// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import EventLoop
import Foundation
import Machinery
import RPC
import Roles
import Synchronization
import Testing

/// The server on a real socket, called by the project's own client from another thread.
@Suite struct ServerTests {
    /// Runs a server over a chain with a block each 50 ms while `body` runs on its own thread.
    private func serve(_ body: @escaping @Sendable (RPCClient) throws -> Void) throws {
        let chain = try FakeChain()
        let loop = try EventLoop()
        let configuration = RPCConfiguration(
            access: .open, clock: { .zero }, entropy: { Array(repeating: 7, count: $0) })
        let address = try #require(SocketAddress("127.0.0.1:0"))
        let server = try RPCServer(configuration, on: loop, at: address) { chain.answer($0, $1) }
        chain.onHead = { [weak server] in server?.publish(head: ChainHeader($0)) }
        let port = try #require(server.address?.port)
        let failure = Mutex<String?>("it did not end")
        let end = try loop.makeMailbox { (_: Bool) in
            server.close()
            loop.stop()
        }
        var timer: LoopTimer?
        timer = try LoopTimer.reusable(on: loop) {
            do {
                try chain.produce()
            } catch {
                Issue.record("\(error)")
            }
            timer?.start(afterMilliseconds: 50)
        }
        timer?.start(afterMilliseconds: 50)
        let thread = Thread {
            do {
                try body(RPCClient(host: "127.0.0.1", port: port))
                failure.withLock { $0 = nil }
            } catch {
                failure.withLock { $0 = "\(error)" }
            }
            _ = end.post(true)
        }
        thread.start()
        loop.run()
        timer?.close()
        loop.close()
        #expect(failure.withLock { $0 } == nil)
    }

    /// Blobs of all sizes go in and come back whole over TCP.
    @Test func blobs() throws {
        try serve { client in
            let namespace = try Namespace(userID: Array("rollup-one".utf8))
            for size in [1, 1000, 300_000, 2_000_000] {
                let data = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                let blob = try Blob(namespace: namespace, data: data, shareVersion: 0, signer: nil)
                let height = try client.submit([blob])
                let back = try client.blob(height, namespace, ShareCommitment(of: blob))
                #expect(back == blob)
                #expect(try client.blobs(height, [namespace]) == [blob])
            }
            let head = try client.localHead()
            let next = try client.waitForHeight(head.height.value + 2)
            #expect(next.height.value == head.height.value + 2)
        }
    }

    /// Errors come back as errors: the node's, and those of the way to it.
    @Test func faults() throws {
        try serve { client in
            #expect(
                throws: RPCClientFault.error(RPCError(code: 1, message: "height is equal to 0"))
            ) {
                try client.header(0)
            }
            #expect(throws: RPCClientFault.self) {
                try RPCClient(host: "127.0.0.1", port: 1).localHead()
            }
        }
    }

    /// Addresses are read as people write them.
    @Test(
        arguments: [
            ("http://a:1", "a", 1), ("a:1", "a", 1), ("a", "a", 26658), ("http://a/", "a", 26658),
            ("http://[::1]:5/x", "::1", 5), ("[::1]", "::1", 26658),
            ("127.0.0.1:9", "127.0.0.1", 9),
        ] as [(String, String, UInt16)])
    func addresses(_ text: String, _ host: String, _ port: UInt16) throws {
        let client = try RPCClient(url: text)
        #expect(client.host == host && client.port == port)
    }

    /// What is no address of a node is refused.
    @Test(arguments: ["", "http://", "https://a", "a:99999", "a:x", ":1", "[::1]x", "ws://a:1"])
    func noAddresses(_ text: String) {
        #expect(throws: RPCClientFault.address(text)) { try RPCClient(url: text) }
    }
}
