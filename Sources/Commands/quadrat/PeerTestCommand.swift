// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import EventLoop
internal import LiveHost
internal import Machinery
internal import Peering
internal import RPC

/// `quadrat peer-test`: the peer layer alone, for tests against other libp2p implementations.
enum PeerTestCommand {
    static let verb = Verb(
        "peer-test", "talk libp2p to another implementation",
        discussion: "With --listen it offers test protocols; with --dial it runs a check.",
        options: [
            Option("listen", .text("ADDRESS"), "listen here, such as 127.0.0.1:0"),
            Option("dial", .text("MULTIADDR"), "the peer to check"),
            Option(
                "check", .text("NAME"), "one of \(PeerTestClient.names.joined(separator: ", "))"),
            Option(
                "publish-every", .integer("MILLISECONDS", 1...1 << 32),
                "with --listen: publish on the test topic so often"),
            Option("kad-prefix", .text("PREFIX"), "serve Kademlia under this prefix, or check it"),
            Option("key", .text("TEXT"), "the peer, content id or topic that a kad check is about"),
            Option("count", .integer("COUNT", 1...1 << 32), "how many times, or how many bytes"),
            StandardOptions.json,
        ],
        isHidden: true,
        action: { call throws(CommandFault) in
            do {
                if let text = call.text("listen") {
                    try listen(text, call)
                    return .done
                }
                return try check(call)
            } catch let fault as CommandFault {
                throw fault
            } catch {
                throw .failed("\(error)")
            }
        })

    private static func listen(_ text: String, _ call: Invocation) throws {
        guard let address = SocketAddress(text) else {
            throw CommandFault.usage("'\(text)' is no address", hint: "give 127.0.0.1:0")
        }
        let loop = try EventLoop()
        let host = try PeerTestHost(seed: System.randomSecret(), on: loop)
        let kademlia = call.text("kad-prefix").map { PeerTestKademlia($0, on: host, loop) }
        let listening = Multiaddress(try host.transport.listen(address)).appending(
            host.transport.perform { host, _ in host.localPeer })
        call.terminal.print(json: { writer in
            writer.object {
                $0.member("event", "ready")
                $0.member("address", "\(listening)")
            }
        })
        host.onMessage = { message in
            call.terminal.print(json: { writer in
                writer.object {
                    $0.member("event", "message")
                    $0.member("author", message.author?.text ?? "")
                    $0.member("text", String(decoding: message.data.prefix(64), as: UTF8.self))
                }
            })
        }
        if let milliseconds = try call.integer("publish-every") {
            host.publish(everyMilliseconds: UInt64(milliseconds))
        }
        kademlia?.listen(at: [listening.withoutPeer])
        loop.run()
    }

    private static func check(_ call: Invocation) throws -> ExitCode {
        let loop = try EventLoop()
        if let prefix = call.text("kad-prefix") {
            let peer = try PeerTestHost(seed: System.randomSecret(), on: loop)
            let kademlia = PeerTestKademlia(prefix, on: peer, loop)
            let holds = try kademlia.run(
                try call.required("check"), try call.required("key"),
                against: try Multiaddress(try call.required("dial")))
            call.terminal.print(kademlia.report)
            return holds ? .done : .failed
        }
        let client = try PeerTestClient(seed: System.randomSecret(), on: loop)
        let address = try Multiaddress(try call.required("dial"))
        let count = try call.integer("count").map { Int($0) }
        let holds = client.run(try call.required("check"), against: address, count: count)
        call.terminal.print(client.report)
        return holds ? .done : .failed
    }
}
