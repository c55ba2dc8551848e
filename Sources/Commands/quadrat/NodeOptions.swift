// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import Storage
internal import Telemetry

/// What every verb that runs a node takes, and where it stands in the configuration file.
enum NodeOptions {
    /// All of them.
    static let all = [
        StandardOptions.data, StandardOptions.configuration,
        Option(
            "genesis", .text("FILE"), "the chain's beginning; genesis.json of the data directory",
            key: "chain.genesis"),
        Option(
            "trusted-height", .integer("HEIGHT", 1...Int64.max), "where trust in headers begins",
            key: "chain.trusted-height"),
        Option(
            "trusted-hash", .text("HEX"), "the hash of the header at that height",
            key: "chain.trusted-hash"),
        Option(
            "listen", .list("MULTIADDRESS"), "where peers may dial this node",
            fallback: "/ip4/0.0.0.0/tcp/2121", key: "peers.listen"),
        Option(
            "peer", .list("MULTIADDRESS"), "a peer to stay connected to", key: "peers.dial"),
        Option(
            "identity", .text("KEY"), "the key that names this node; made if there is none",
            fallback: "identity", key: "peers.identity"),
        Option(
            "rpc", .text("HOST:PORT"), "where users may ask this node",
            fallback: "127.0.0.1:26658", key: "rpc.listen"),
        Option(
            "rpc-open", .flag, "let everybody do everything, without tokens", key: "rpc.open"),
        Option("account", .text("KEY"), "the key that pays for blobs", key: "state.account"),
        Option(
            "log-level", .text("LEVEL"), "debug, info, warning or error", fallback: "info",
            key: "log.level"),
        Option(
            "log-format", .text("FORMAT"), "text or json", fallback: "text", key: "log.format"),
    ]

    /// The log that is asked for.
    static func log(_ call: Invocation) throws(CommandFault) -> Log {
        let level = call.text("log-level") ?? ""
        let format = call.text("log-format") ?? ""
        guard let minimum = LogLevel(rawValue: level) else {
            throw .usage(
                "--log-level is '\(level)'", hint: "it must be debug, info, warning or error")
        }
        guard let form = LogFormat(rawValue: format) else {
            throw .usage("--log-format is '\(format)'", hint: "it must be text or json")
        }
        return Log(minimum: minimum, format: form)
    }

    /// The host and the port of an address such as `127.0.0.1:26658` or `[::1]:26658`.
    static func address(_ text: String) throws(CommandFault) -> (host: String, port: UInt16) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else {
            throw .usage("'\(text)' is no address", hint: "give HOST:PORT, such as 127.0.0.1:26658")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains("[") else {
            throw .usage("'\(text)' is no address", hint: "give HOST:PORT, such as 127.0.0.1:26658")
        }
        return (String(host), port)
    }

    /// The key that names this node among its peers, made at the first start.
    static func identity(_ call: Invocation) throws(CommandFault) -> StoredKey {
        let keys = try StandardOptions.keys(call)
        do throws(StorageFault) {
            return try keys.key(
                call.text("identity") ?? "identity", for: .identity, orMake: System.randomSecret)
        } catch {
            throw CommandFault(error)
        }
    }
}
