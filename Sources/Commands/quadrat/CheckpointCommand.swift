// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import RPC

/// `quadrat header checkpoint`: the hash that somebody begins with who trusts nothing yet.
enum CheckpointCommand {
    static let verb = Verb(
        "checkpoint", "print the hash to begin with, for whoever trusts this node",
        discussion: """
            A node that was away for longer than headers are trusted, or that has no genesis, begins \
            at a header that somebody it trusts names to it. This prints one: ask a node that you run \
            yourself, and others with --witness, which must have the same header.
            """,
        positionals: [
            Positional("HEIGHT", "which one; the newest if not said", arity: .optional)
        ],
        options: NodeConnection.options + [
            Option("witness", .list("URL"), "another node, which must have the same header"),
            Option("file", .text("FILE"), "a header in a file, instead of a node's"),
        ] + HeaderCommand.lightOptions,
        examples: ["header checkpoint --witness http://10.0.0.7:26658"],
        action: { call throws(CommandFault) in
            let header = try header(call)
            do throws(HeaderFault) {
                try header.validate()
            } catch {
                throw CommandFault(.untrue, "the header is not valid: \(error)")
            }
            for url in call.texts("witness") { try confirm(header, by: url) }
            let rules = try HeaderCommand.rules(call)
            let now = try HeaderCommand.time(call)
            guard LightVerification.isTrusted(header.time, now: now, rules: rules) else {
                throw .failed(
                    "header \(header.height) is from \(header.time), which is too old to begin with",
                    hint: "take a newer one; headers are trusted for "
                        + "\(rules.trustingPeriodNanoseconds / 3_600_000_000_000) hours")
            }
            print(header, rules, call)
            return .done
        })

    private static func header(_ call: Invocation) throws(CommandFault) -> ExtendedHeader {
        if let path = call.text("file") { return try HeaderCommand.read(path) }
        let word = call.words("HEIGHT").first
        let height: UInt64? = if let word { try BlobCommand.height(word) } else { nil }
        let node = try NodeConnection.open(call)
        do throws(RPCClientFault) {
            return if let height { try node.header(height) } else { try node.localHead() }
        } catch {
            throw CommandFault(error)
        }
    }

    private static func confirm(
        _ header: ExtendedHeader, by url: String
    ) throws(CommandFault) {
        let other: ExtendedHeader
        do throws(RPCClientFault) {
            other = try RPCClient(url: url).header(header.height.value)
        } catch {
            throw CommandFault(error)
        }
        guard other.hash == header.hash else {
            throw CommandFault(
                .untrue,
                "\(url) has another header \(header.height): \(other.hash.hex), not \(header.hash.hex)"
            )
        }
    }

    private static func print(
        _ header: ExtendedHeader, _ rules: LightRules, _ call: Invocation
    ) {
        let end = header.time.advanced(byNanoseconds: rules.trustingPeriodNanoseconds)
        let hash = Hex.encode(header.hash.array, uppercase: true)
        let witnesses = call.texts("witness").count
        if call.flag("json") {
            call.terminal.print(json: { writer in
                writer.object {
                    $0.member("chain_id", header.header.chainID)
                    $0.member("height", header.height.description)
                    $0.member("time", header.time.description)
                    $0.member("hash", hash)
                    $0.member("good_until", end.description)
                    $0.member("witnesses", witnesses)
                }
            })
            return
        }
        call.terminal.print("chain       \(header.header.chainID)")
        call.terminal.print("height      \(header.height)")
        call.terminal.print("time        \(header.time)")
        call.terminal.print("hash        \(hash)")
        call.terminal.print("good until  \(end)")
        call.terminal.print("confirmed   by \(witnesses) other nodes")
        call.terminal.note("begin: quadrat light --trust \(hash)")
    }
}
