// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import Cryptography
internal import FoundationEssentials
internal import Glibc
internal import Ledger
internal import RPC
internal import Roles
internal import Storage

/// The processes of a devnet and where they keep what.
///
/// ```text
/// HOME/genesis.json
/// HOME/validator/       one data directory a node: keys, blocks, index
/// HOME/validator-2/ …   where several validators make blocks
/// HOME/storage-1/ …     HOME/light-1/ …
/// HOME/logs/NAME.log
/// ```
final class DevnetNetwork {
    /// How long a node has to open its doors, in milliseconds.
    static let startMilliseconds = 30_000

    /// One node.
    struct Node {
        let name: String
        var process: ChildProcess
        /// Where peers connect to.
        let peer: String
        /// Where users connect to.
        let rpc: RPCClient
        let rpcURL: String
    }

    /// One that is not yet known to have opened its doors.
    private struct Starting {
        let name: String
        let process: ChildProcess
        let ready: String
    }

    let home: String
    let genesis: Genesis
    private let rpcPort: UInt16
    private(set) var validators: [Node] = []
    private(set) var storage: [Node] = []
    private(set) var light: [Node] = []
    private var starting: [Starting] = []

    /// Takes a network up in a directory, or makes it there.
    init(
        home: String, validatorCount: Int = 1, storageCount: Int, lightCount: Int,
        rpcPort: UInt16
    ) throws(CommandFault) {
        self.home = home
        self.rpcPort = rpcPort
        do {
            try FileManager.default.createDirectory(
                atPath: home + "/logs", withIntermediateDirectories: true)
        } catch {
            throw .failed("\(home) cannot be made")
        }
        let path = home + "/genesis.json"
        if let bytes = try UserFiles.readIfPresent(path, limit: Genesis.sizeLimit) {
            do throws(DecodeFault) {
                genesis = try Genesis.decode(bytes)
            } catch {
                throw CommandFault(path, error)
            }
        } else {
            genesis = try Self.genesis(
                home, validatorCount: validatorCount, storageCount: storageCount,
                lightCount: lightCount)
            try UserFiles.write(genesis.encode(), to: path)
        }
    }

    deinit {
        stopAll()
    }

    /// The first validator, while it runs.
    var validator: Node? { validators.first }

    /// Starts all nodes: the validators, then all that keep squares, then all that sample.
    func start(_ plan: DevnetPlan) throws(CommandFault) {
        for number in 1...max(plan.validatorCount, genesis.validatorSet.count) {
            let isMisbehaving = number == plan.misbehavingValidator
            let manner = isMisbehaving ? plan.misbehave.map { ["--misbehave", $0] } ?? [] : []
            try spawn(
                Self.validatorName(number), "validator", plan, peers: validators.map(\.peer),
                extra: [
                    "--heartbeat", String(plan.heartbeatMilliseconds), "--block-interval", "200",
                ] + manner)
            validators += try opened()
        }
        for index in 1...plan.storageCount {
            let manner = plan.manners[index].map { ["--misbehave", $0.rawValue] } ?? []
            try spawn(
                "storage-\(index)", "storage", plan, peers: validators.map(\.peer),
                rpc: "127.0.0.1:\(index == 1 ? rpcPort : 0)", extra: manner)
        }
        storage = try opened()
        let known = storage + (plan.isValidatorTold ? validators : [])
        for index in 1...plan.lightCount {
            try spawn("light-\(index)", "light", plan, peers: known.map(\.peer))
        }
        light = try opened()
    }

    /// Stops one storage node; its data stays.
    func stopStorage(_ index: Int) {
        storage[index].process.stop()
    }

    /// Stops every node; all are asked to end before one is waited for.
    func stopAll() {
        let processes = everyNode.map(\.process) + starting.map(\.process)
        for process in processes { process.askToEnd() }
        for process in processes { process.stop() }
        starting = []
        light = []
        storage = []
        validators = []
    }

    /// The name of a node that ended by itself, if one did.
    var endedNode: String? {
        everyNode.first { !$0.process.isRunning }?.name
    }

    private var everyNode: [Node] {
        light + storage + validators
    }

    /// Starts a node; `opened` waits for it.
    private func spawn(
        _ name: String, _ verb: String, _ plan: DevnetPlan, peers: [String],
        rpc: String = "127.0.0.1:0", extra: [String] = []
    ) throws(CommandFault) {
        let ready = home + "/logs/\(name).ready.json"
        unlink(ready)
        var arguments = [
            verb, "--data", home + "/" + name, "--genesis", home + "/genesis.json", "--listen",
            "127.0.0.1:0", "--rpc", rpc, "--no-auth", "--poll", String(plan.pollMilliseconds),
            "--ready-file", ready, "--with-parent", "--discovery", "devnet", "--log-format",
            plan.logFormat,
        ]
        for peer in peers { arguments += ["--peer", peer] }
        let process = try ChildProcess(
            name, arguments: arguments + extra, log: home + "/logs/\(name).log")
        starting.append(Starting(name: name, process: process, ready: ready))
    }

    /// Waits until the nodes that were started have opened their doors; gives them in that order.
    private func opened() throws(CommandFault) -> [Node] {
        var opened: [Node] = []
        for _ in 0..<Self.startMilliseconds / 20 {
            while opened.count < starting.count {
                let next = starting[opened.count]
                guard let bytes = try UserFiles.readIfPresent(next.ready, limit: 4_096) else {
                    break
                }
                opened.append(try node(next.name, next.process, bytes))
            }
            if opened.count == starting.count {
                starting = []
                return opened
            }
            try Interruption.sleep(milliseconds: 20)
            if let ended = starting.first(where: { !$0.process.isRunning }) {
                throw .failed("\(ended.name) ended at its start; see \(log(of: ended.name))")
            }
        }
        let late = starting[opened.count].name
        throw .failed("\(late) did not open its doors in time; see \(log(of: late))")
    }

    /// Where a node writes what it does.
    func log(of name: String) -> String { home + "/logs/\(name).log" }

    private func node(
        _ name: String, _ process: ChildProcess, _ ready: [UInt8]
    ) throws(CommandFault) -> Node {
        do {
            let value = try JSONParser.parse(ready)
            guard let peer = value.member("peer")?.text, let url = value.member("rpc")?.text
            else { throw CommandFault.failed("\(name) says nothing of its doors") }
            return Node(
                name: name, process: process, peer: peer, rpc: try RPCClient(url: url),
                rpcURL: url)
        } catch {
            throw .failed("\(name): \(error)")
        }
    }

    private static func validatorName(_ number: Int) -> String {
        number == 1 ? "validator" : "validator-\(number)"
    }

    /// What each validator of a devnet has staked at the beginning, and the blocks of its epochs.
    static let stake: UInt64 = 200_000_000_000
    static let epochBlocks: UInt64 = 100

    /// Validators that have staked alike, and an account with a million TIA for each node and operator.
    private static func genesis(
        _ home: String, validatorCount: Int, storageCount: Int, lightCount: Int
    ) throws(CommandFault) -> Genesis {
        let makers = (1...validatorCount).map { validatorName($0) }
        var accounts: [GenesisAccount] = []
        let names =
            makers + (1...storageCount).map { "storage-\($0)" }
            + (1...lightCount).map { "light-\($0)" }
        for name in names {
            accounts.append(try account(NodeCommand.accountKey, of: home + "/\(name)"))
        }
        var validators: [GenesisValidator] = []
        for name in makers {
            let operators = try account(NodeCommand.operatorKey, of: home + "/\(name)")
            accounts.append(operators)
            let key = Ed25519PrivateKey(
                seed: try NodeCommand.key(
                    NodeCommand.validatorKey, .validator,
                    KeyStore(directory: home + "/\(name)/keys")))
            validators.append(
                GenesisValidator(
                    operatorAddress: operators.address, key: key.publicKey.bytes, moniker: name,
                    stake: stake, selfMinimum: stake / 10))
        }
        let staking = GenesisStaking(epochBlocks: epochBlocks, validators: validators)
        let now = try System.now()
        do throws(ValidatorSetFault) {
            return Genesis(
                chainID: "quadrat-devnet", time: now, validatorSet: try staking.committee(),
                accounts: accounts, staking: staking)
        } catch {
            throw .failed("\(error)")
        }
    }

    /// The account of a key in a node's directory, which is made if it is not there.
    private static func account(
        _ name: String, of directory: String
    ) throws(CommandFault) -> GenesisAccount {
        let secret = try NodeCommand.key(
            name, .account, KeyStore(directory: directory + "/keys"))
        guard let key = Secp256k1PrivateKey(bytes: secret) else {
            throw .failed("the key '\(name)' of \(directory) is no key")
        }
        return GenesisAccount(
            address: AccountAddress(of: key.publicKey).bytes, balance: 1_000_000_000_000)
    }
}
