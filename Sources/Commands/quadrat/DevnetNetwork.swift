// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import Cryptography
internal import FoundationEssentials
internal import Glibc
internal import Ledger
internal import RPC
internal import Storage

/// The processes of a devnet and where they keep what.
///
/// ```text
/// HOME/genesis.json
/// HOME/validator/       one data directory a node: keys, blocks, index
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

    let home: String
    let genesis: Genesis
    private let rpcPort: UInt16
    private(set) var validator: Node?
    private(set) var storage: [Node] = []
    private(set) var light: [Node] = []

    /// Takes a network up in a directory, or makes it there.
    init(
        home: String, storageCount: Int, lightCount: Int, rpcPort: UInt16
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
                home, storageCount: storageCount, lightCount: lightCount)
            try UserFiles.write(genesis.encode(), to: path)
        }
    }

    deinit {
        stopAll()
    }

    /// Starts all nodes: the validator, then those that keep squares, then those that sample.
    func start(
        storageCount: Int, lightCount: Int, misbehave: String?
    ) throws(CommandFault) {
        let maker = try launch(
            "validator", "validator", peers: [], rpc: "127.0.0.1:0",
            extra: ["--heartbeat", "1000", "--block-interval", "200"]
                + (misbehave.map { ["--misbehave", $0] } ?? []))
        validator = maker
        for index in 1...storageCount {
            storage.append(
                try launch(
                    "storage-\(index)", "storage", peers: [maker.peer],
                    rpc: "127.0.0.1:\(index == 1 ? rpcPort : 0)"))
        }
        for index in 1...lightCount {
            light.append(
                try launch(
                    "light-\(index)", "light", peers: storage.map(\.peer), rpc: "127.0.0.1:0"))
        }
    }

    /// Stops one storage node; its data stays.
    func stopStorage(_ index: Int) {
        storage[index].process.stop()
    }

    /// Stops every node, those that sample first.
    func stopAll() {
        for node in light + storage + (validator.map { [$0] } ?? []) { node.process.stop() }
        light = []
        storage = []
        validator = nil
    }

    /// The name of a node that ended by itself, if one did.
    var endedNode: String? {
        (light + storage + (validator.map { [$0] } ?? [])).first { !$0.process.isRunning }?.name
    }

    private func launch(
        _ name: String, _ verb: String, peers: [String], rpc: String, extra: [String] = []
    ) throws(CommandFault) -> Node {
        let directory = home + "/" + name
        let ready = home + "/logs/\(name).ready.json"
        unlink(ready)
        var arguments = [
            verb, "--data", directory, "--genesis", home + "/genesis.json", "--listen",
            "127.0.0.1:0", "--rpc", rpc, "--no-auth", "--poll", "250", "--ready-file", ready,
            "--with-parent", "--discovery", "devnet",
        ]
        for peer in peers { arguments += ["--peer", peer] }
        let process = try ChildProcess(
            name, arguments: arguments + extra, log: home + "/logs/\(name).log")
        for _ in 0..<Self.startMilliseconds / 20 {
            try Interruption.sleep(milliseconds: 20)
            guard process.isRunning else {
                throw .failed("\(name) ended at its start; see \(home)/logs/\(name).log")
            }
            guard let bytes = try UserFiles.readIfPresent(ready, limit: 4_096) else { continue }
            return try node(name, process, bytes)
        }
        process.stop()
        throw .failed("\(name) did not open its doors in time; see \(home)/logs/\(name).log")
    }

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

    /// One validator, and an account with a million TIA for each node.
    private static func genesis(
        _ home: String, storageCount: Int, lightCount: Int
    ) throws(CommandFault) -> Genesis {
        let seed = try NodeCommand.key(
            NodeCommand.validatorKey, .validator, KeyStore(directory: home + "/validator/keys"))
        let validator = Ed25519PrivateKey(seed: seed)
        var accounts: [GenesisAccount] = []
        let names =
            ["validator"] + (1...storageCount).map { "storage-\($0)" }
            + (1...lightCount).map { "light-\($0)" }
        for name in names {
            let secret = try NodeCommand.key(
                NodeCommand.accountKey, .account, KeyStore(directory: home + "/\(name)/keys"))
            guard let key = Secp256k1PrivateKey(bytes: secret) else {
                throw .failed("the account key of \(name) is no key")
            }
            accounts.append(
                GenesisAccount(
                    address: AccountAddress(of: key.publicKey).bytes,
                    balance: 1_000_000_000_000))
        }
        let now = try System.now()
        do throws(ValidatorSetFault) {
            return Genesis(
                chainID: "quadrat-devnet", time: now,
                validatorSet: try ValidatorSet([
                    Validator(key: .ed25519(validator.publicKey), votingPower: 100)
                ]),
                accounts: accounts)
        } catch {
            throw .failed("\(error)")
        }
    }
}
