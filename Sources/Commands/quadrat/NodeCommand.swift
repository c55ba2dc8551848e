// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import Cryptography
internal import Ledger
internal import LiveHost
internal import Machinery
internal import Peering
internal import RPC
internal import Roles
internal import Storage
internal import Syncing
internal import Telemetry

/// `quadrat validator`, `storage` and `light`: nodes of each kind, until Ctrl-C.
enum NodeCommand {
    /// The names of a node's own keys in its data directory.
    static let identityKey = "identity"
    static let validatorKey = "validator"
    static let accountKey = "account"
    /// The account that runs a validator: its stake is this account's, and its duties are signed by it.
    static let operatorKey = "operator"

    static let validator = verb(
        .validator, "validator", "make blocks, keep them and serve them",
        extra: [
            Option(
                "heartbeat", .integer("MS", 10...600_000), "the longest time between blocks",
                fallback: "6000", key: "validator.heartbeat"),
            Option(
                "block-interval", .integer("MS", 10...600_000),
                "the shortest time between blocks", fallback: "200",
                key: "validator.block-interval"),
            StandardOptions.misbehave,
        ] + StorageOptions.options, verbs: DutyCommand.verbs)
    static let storage = verb(
        .storage, "storage", "follow the chain, keep its squares and serve them",
        extra: StorageOptions.options + [
            StorageOptions.slice, StandardOptions.misserve, StandardOptions.once,
        ])
    static let light = verb(
        .light, "light", "follow the chain's headers and sample its squares",
        extra: [
            Option(
                "header-gossip", .flag,
                "take headers by gossip as well, whole and more than once each",
                key: "peers.header-gossip"),
            Option(
                "check-rows", .integer("COUNT", 0...64),
                "also fetch so many random rows of each new block, and hold them to its sidecar",
                fallback: "0", key: "sampling.check-rows"),
            StandardOptions.once,
        ], verbs: LightCommand.verbs)

    private static let options = [
        StandardOptions.data, StandardOptions.configuration,
        Option("genesis", .text("FILE"), "the chain's genesis file", key: "genesis"),
        Option(
            "chain", .text("NAME"), "the chain's name, when there is no genesis file but --trust",
            key: "chain"),
        Option(
            "network", .text("NAME"), "the network's name in protocol ids; the chain's by default",
            key: "network"),
        Option(
            "listen", .text("ADDRESS"), "where peers connect to", fallback: "0.0.0.0:2121",
            key: "peers.listen"),
        Option("peer", .list("MULTIADDR"), "a peer to stay connected to", key: "peers.bootstrap"),
        Option(
            "discovery", .text("MODE"), "how others are looked for: normal, devnet (often) or off",
            fallback: "normal", key: "peers.discovery"),
        Option(
            "rpc", .text("ADDRESS"), "where users connect to, or 'none'",
            fallback: "127.0.0.1:26658", key: "rpc.listen"),
        Option("no-auth", .flag, "let everybody use the RPC; for devnets", key: "rpc.no-auth"),
        Option(
            "trust", .text("HASH"), "begin at the header with this hash instead of at genesis",
            key: "trust"),
        Option(
            "headers-from", .integer("HEIGHT", 1...Int64.max),
            "also fetch the headers below --trust, down to this height", key: "headers-from"),
        Option(
            "poll", .integer("MS", 10...60_000), "how often peers are asked for new headers",
            fallback: "1000", key: "peers.poll"),
        StorageOptions.samplingWindow,
        Option(
            "log-level", .text("LEVEL"), "debug, info, warning or error", fallback: "info",
            key: "log.level"),
        Option("log-format", .text("FORMAT"), "text or json", fallback: "text", key: "log.format"),
        Option("ready-file", .text("FILE"), "write where the node can be reached, as JSON"),
        Option("with-parent", .flag, "end when the process that started the node ends"),
    ]

    private static func verb(
        _ kind: NodeKind, _ name: String, _ summary: String, extra: [Option] = [],
        verbs: [Verb] = []
    ) -> Verb {
        Verb(
            name, summary,
            discussion: """
                Everything is kept under --data. Keys are made there when they are missing: \
                'identity' is the peer id, 'account' pays for what users submit here. A validator \
                has 'validator', which votes, and 'operator', the account whose stake it is.
                """,
            options: options + extra,
            examples: ["\(name) --genesis genesis.json --peer /ip4/…/tcp/2121/p2p/12D3…"],
            verbs: verbs,
            action: { call throws(CommandFault) in
                try run(kind, call)
            })
    }

    private static func run(
        _ kind: NodeKind, _ call: Invocation
    ) throws(CommandFault) -> ExitCode {
        let directory = try StandardOptions.data(call)
        var options = NodeProcess.Options(
            node: try configuration(kind, call), directory: directory,
            listen: try address(try call.required("listen"), "--listen"),
            rpc: try rpcAddress(call), access: try access(call), log: try log(call))
        if let bytes = try StorageOptions.squareCacheBytes(call, kind) {
            options.squareCacheBytes = bytes
        }
        if options.node.isInCommittee {
            options.memberKey = Ed25519PrivateKey(
                seed: try key(validatorKey, .validator, try StandardOptions.keys(call)))
        }
        options.isOnce = kind != .validator && call.flag("once")
        if call.terminal.isWatched { options.onBackfill = bar(call.terminal) }
        do {
            let process = try NodeProcess(options)
            if call.flag("with-parent") { try process.endWithParent() }
            let ending = try process.run {
                guard let path = call.text("ready-file") else { return }
                do throws(CommandFault) {
                    try UserFiles.write(ReadyFile.json(process.doors), to: path)
                } catch {
                    call.terminal.note("\(error)")
                }
            }
            guard case .refused(let height) = ending else { return .done }
            throw CommandFault(
                .refused, "block \(height) is wrongly encoded, as a proof shows",
                hint: "learn from somebody you trust which header to go on from, and give --trust")
        } catch let fault as CommandFault {
            throw fault
        } catch let fault as StorageFault {
            throw CommandFault(fault)
        } catch {
            throw .failed("\(error)")
        }
    }

    /// Shows how far the squares are, where a person watches.
    private static func bar(_ terminal: Terminal) -> (BackfillProgress) -> Void {
        var bar: ProgressBar?
        return { progress in
            var shown = bar ?? ProgressBar(terminal, "squares", total: 100)
            if progress.isDone {
                shown.finish()
                bar = nil
                return
            }
            let left = progress.leftMilliseconds.map { ", \($0 / 60_000 + 1) min left" } ?? ""
            shown.update(
                Int(progress.percent), detail: "\(progress.held) of \(progress.total)\(left)")
            bar = shown
        }
    }

    private static func configuration(
        _ kind: NodeKind, _ call: Invocation
    ) throws(CommandFault) -> NodeConfiguration {
        let genesis = try call.text("genesis").map { path throws(CommandFault) in
            try GenesisFile.read(path)
        }
        guard let chain = genesis?.chainID ?? call.text("chain") else {
            throw .usage(
                "no chain is named", hint: "give --genesis FILE, or --chain NAME and --trust HASH")
        }
        let keys = try StandardOptions.keys(call)
        let identity = try key(identityKey, .identity, keys)
        var node = NodeConfiguration(
            kind: kind, network: call.text("network") ?? chain,
            rules: genesis.map { LedgerRules($0) } ?? LedgerRules(chainID: chain),
            trust: try trust(call, genesis), identity: IdentityPrivateKey(seed: identity))
        node.genesis = genesis
        for text in call.texts("peer") {
            do throws(DecodeFault) {
                let peer = try Multiaddress(text)
                guard peer.peer != nil else {
                    throw .malformed("it does not end with /p2p/ and a peer id")
                }
                node.bootstrap.append(peer)
            } catch {
                throw .usage("--peer \(text): \(error)", hint: "give /ip4/…/tcp/…/p2p/…")
            }
        }
        switch try call.required("discovery") {
        case "normal": break
        case "devnet": node.discovery = .devnet
        case "off": node.isDiscovering = false
        case let mode:
            throw .usage("--discovery is '\(mode)'", hint: "give normal, devnet or off")
        }
        try StorageOptions.apply(call, to: &node)
        node.isHeaderGossipJoined = kind != .light || call.flag("header-gossip")
        if kind == .light {
            node.rowsChecked = Int(try call.integer("check-rows") ?? 0)
        }
        node.headersFrom = try call.integer("headers-from").map { UInt64($0) }
        node.pollMilliseconds = UInt64(try call.integer("poll") ?? 1_000)
        if kind == .validator {
            node.operatorKey = Secp256k1PrivateKey(bytes: try key(operatorKey, .account, keys))
            node.heartbeatMilliseconds = UInt64(try call.integer("heartbeat") ?? 6_000)
            node.blockIntervalMilliseconds = UInt64(try call.integer("block-interval") ?? 200)
            guard node.blockIntervalMilliseconds <= node.heartbeatMilliseconds else {
                throw .usage(
                    "--block-interval is longer than --heartbeat", hint: "give a longer heartbeat")
            }
            node.misbehavior = try StandardOptions.misbehavior(call) { () throws(CommandFault) in
                try key(validatorKey, .validator, keys)
            }
            node.committeeIdleMilliseconds = node.heartbeatMilliseconds
            if !node.isInCommittee {
                node.validatorKey = Ed25519PrivateKey(
                    seed: try key(validatorKey, .validator, keys))
            }
        }
        if kind == .storage {
            node.servingMisbehavior = try StandardOptions.servingMisbehavior(call)
            try StorageOptions.applySlice(call, to: &node)
        }
        node.accountKey = Secp256k1PrivateKey(bytes: try key(accountKey, .account, keys))
        return node
    }

    private static func trust(
        _ call: Invocation, _ genesis: Genesis?
    ) throws(CommandFault) -> HeaderRules.Trust {
        guard let text = call.text("trust") else {
            guard let genesis else {
                throw .usage("nothing is trusted", hint: "give --genesis FILE or --trust HASH")
            }
            return .genesis(validatorsHash: genesis.validatorSet.hash)
        }
        do throws(DecodeFault) {
            return .hash(try Bytes32(decoding: try Hex.decode(text), field: "hash"))
        } catch {
            throw .usage("--trust \(text): \(error)", hint: "give a header's hash: 64 digits")
        }
    }

    static func key(
        _ name: String, _ purpose: KeyPurpose, _ keys: KeyStore
    ) throws(CommandFault) -> Bytes32 {
        do throws(StorageFault) {
            return try keys.key(name, for: purpose, orMake: System.randomSecret).secret
        } catch {
            throw CommandFault(error)
        }
    }

    private static func address(
        _ text: String, _ option: String
    ) throws(CommandFault) -> SocketAddress {
        guard let address = SocketAddress(text) else {
            throw .usage("\(option) is '\(text)'", hint: "give an address such as 127.0.0.1:2121")
        }
        return address
    }

    private static func rpcAddress(_ call: Invocation) throws(CommandFault) -> SocketAddress? {
        let text = try call.required("rpc")
        return text == "none" ? nil : try address(text, "--rpc")
    }

    private static func access(_ call: Invocation) throws(CommandFault) -> AccessPolicy {
        if call.flag("no-auth") { return .open }
        let secret = try key(TokenCommand.keyName, .token, try StandardOptions.keys(call))
        return .tokens(secret: secret.array)
    }

    private static func log(_ call: Invocation) throws(CommandFault) -> Log {
        guard let level = LogLevel(rawValue: try call.required("log-level")) else {
            throw .usage("no such --log-level", hint: "it is debug, info, warning or error")
        }
        guard let format = LogFormat(rawValue: try call.required("log-format")) else {
            throw .usage("no such --log-format", hint: "it is text or json")
        }
        return Log(minimum: level, format: format)
    }
}

/// The chain's genesis as a file.
enum GenesisFile {
    static func read(_ path: String) throws(CommandFault) -> Genesis {
        let bytes = try UserFiles.read(path, limit: Genesis.sizeLimit)
        do throws(DecodeFault) {
            return try Genesis.decode(bytes)
        } catch {
            throw CommandFault(path, error)
        }
    }
}

/// Where a node that runs can be reached: `{"peer":"/ip4/…","rpc":"http://…"}`.
enum ReadyFile {
    static func json(_ doors: NodeProcess.Doors) -> [UInt8] {
        JSONWriter.text { writer in
            writer.object {
                $0.member("peer", "\(doors.peer)")
                if let rpc = doors.rpc { $0.member("rpc", rpc) }
            }
        }
    }
}
