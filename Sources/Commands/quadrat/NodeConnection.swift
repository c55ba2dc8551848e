// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import RPC
internal import Storage

/// How verbs that ask a node find it and are let in.
enum NodeConnection {
    /// The options that such verbs have in common.
    static let options = [
        Option(
            "node", .text("URL"), "the node to ask", fallback: "http://127.0.0.1:26658",
            key: "client.node"),
        Option("token", .text("TEXT"), "an access token for it", key: "client.token"),
        Option(
            "token-file", .text("FILE"), "a file that holds such a token", key: "client.token-file"),
        StandardOptions.data, StandardOptions.configuration, StandardOptions.json,
    ]

    /// The node that is asked for.
    ///
    /// Whoever has the data directory of a node on this machine needs no token: one is made with
    /// the node's own key.
    static func open(_ call: Invocation) throws(CommandFault) -> RPCClient {
        let url = call.text("node") ?? ""
        let open: RPCClient
        do throws(RPCClientFault) {
            open = try RPCClient(url: url)
        } catch {
            throw CommandFault(error)
        }
        guard let token = try token(call, host: open.host) else { return open }
        return RPCClient(host: open.host, port: open.port, token: token)
    }

    private static func token(
        _ call: Invocation, host: String
    ) throws(CommandFault) -> String? {
        if let token = call.text("token") { return token }
        if let path = call.text("token-file") {
            let text = String(
                decoding: try UserFiles.read(path, limit: AccessToken.textLimit), as: UTF8.self)
            return text.filter { !$0.isWhitespace }
        }
        guard ["127.0.0.1", "::1", "localhost"].contains(host) else { return nil }
        let keys = try StandardOptions.keys(call)
        do throws(StorageFault) {
            guard try keys.names().contains(TokenCommand.keyName) else { return nil }
        } catch {
            throw CommandFault(error)
        }
        return try TokenCommand.issue(.admin, expiry: .zero, keys: keys)
    }
}

extension CommandFault {
    /// What came of asking a node.
    init(_ fault: RPCClientFault) {
        switch fault {
        case .connection:
            self.init(
                .unreachable, "the node does not answer: \(fault)",
                hint: "is it running? '--node URL' asks another one")
        case .unauthorized:
            self.init(.failed, fault.description, hint: "give another with --token")
        case .address: self.init(.usage, fault.description)
        case .answer, .error: self.init(.failed, fault.description)
        }
    }
}
