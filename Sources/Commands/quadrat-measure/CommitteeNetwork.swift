// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import EventLoop
internal import Foundation
internal import Ledger
internal import Machinery
internal import Peering
internal import RPC
internal import Storage

/// Validators as processes of the program that lies beside this one, each with its directory.
///
/// Each dials those before it, through a proxy when there is a delay, so that every pair has one
/// connection and every byte between two of them is late.
final class CommitteeNetwork {
    /// One validator.
    struct Member {
        let process: Process
        let rpc: RPCClient
        let log: String
    }

    private(set) var members: [Member] = []
    private let plan: CommitteePlan
    private let home: String
    private let links: DelayedLinks?

    init(_ plan: CommitteePlan) throws {
        self.plan = plan
        home = plan.home ?? NSTemporaryDirectory() + "quadrat-measure-\(getpid())"
        try FileManager.default.createDirectory(
            atPath: home + "/logs", withIntermediateDirectories: true)
        let doors = try Self.freeAddresses(plan.validators)
        links =
            plan.delayMilliseconds == 0
            ? nil : try DelayedLinks(before: doors, delayMilliseconds: plan.delayMilliseconds)
        links?.start()
        let identities = try Self.prepare(home, plan)
        let dialled = zip(links?.addresses ?? doors, identities).map { door, identity in
            Multiaddress(door).appending(identity)
        }
        var processes: [Process] = []
        for number in 0..<plan.validators {
            processes.append(
                try Self.start(
                    home, number, plan, listen: doors[number], peers: dialled.prefix(number)))
        }
        for (number, process) in processes.enumerated() {
            members.append(
                Member(
                    process: process, rpc: try Self.opened(home, number, process),
                    log: Self.log(home, number)))
        }
    }

    /// Ends all processes, and removes what they kept unless it was asked for.
    func stop() {
        for member in members { member.process.terminate() }
        for member in members { member.process.waitUntilExit() }
        links?.stop()
        if plan.home == nil { try? FileManager.default.removeItem(atPath: home) }
    }

    /// Waits until every member is connected to all others and blocks are made.
    func awaitBlocks() throws {
        for _ in 0..<600 {
            let pages = try members.map { try MetricsPage($0.rpc) }
            let isWhole = pages.allSatisfy {
                $0.value("quadrat_peers") >= Double(plan.validators - 1)
                    && $0.value("quadrat_head_height") >= 3
            }
            if isWhole { return }
            usleep(100_000)
        }
        throw MeasureFault("the committee makes no blocks; see \(home)/logs")
    }

    // MARK: Before the start

    private static func data(_ home: String, _ number: Int) -> String { home + "/\(number + 1)" }
    private static func log(_ home: String, _ number: Int) -> String {
        home + "/logs/\(number + 1).log"
    }
    private static func ready(_ home: String, _ number: Int) -> String {
        home + "/logs/\(number + 1).ready"
    }

    /// Addresses on loopback that nobody listens on: ports that the system has just given and got
    /// back.
    private static func freeAddresses(_ count: Int) throws -> [SocketAddress] {
        let loop = try EventLoop()
        defer { loop.close() }
        guard let door = SocketAddress("127.0.0.1:0") else { throw MeasureFault("no loopback") }
        return try (0..<count).map { _ in try loop.listen(door) { $0.close() }.address }
    }

    /// Makes keys and the genesis; gives the peers' names.
    private static func prepare(
        _ home: String, _ plan: CommitteePlan
    ) throws -> [PeerIdentifier] {
        var identities: [PeerIdentifier] = []
        var validators: [Validator] = []
        var accounts: [GenesisAccount] = []
        for number in 0..<plan.validators {
            let keys = KeyStore(directory: data(home, number) + "/keys")
            func secret(_ name: String, _ purpose: KeyPurpose) throws -> Bytes32 {
                try keys.key(name, for: purpose) {
                    SHA256.hash(Array("\(home) \(name) \(number) \(getpid())".utf8))
                }.secret
            }
            let identity = IdentityPrivateKey(seed: try secret("identity", .identity))
            identities.append(PeerIdentifier(of: identity.publicKey))
            let key = Ed25519PrivateKey(seed: try secret("validator", .validator))
            validators.append(Validator(key: .ed25519(key.publicKey), votingPower: 100))
            guard let account = Secp256k1PrivateKey(bytes: try secret("account", .account)) else {
                throw MeasureFault("an account's key is no key")
            }
            accounts.append(
                GenesisAccount(
                    address: AccountAddress(of: account.publicKey).bytes,
                    balance: 1_000_000_000_000))
        }
        let now = UInt64(Date().timeIntervalSince1970 * 1_000_000_000)
        let genesis = Genesis(
            chainID: "quadrat-measure", time: Timestamp(nanosecondsSince1970: now),
            validatorSet: try ValidatorSet(validators), squareSizeMax: plan.squareWidthMax,
            accounts: accounts)
        try Data(genesis.encode()).write(to: URL(fileURLWithPath: home + "/genesis.json"))
        return identities
    }

    // MARK: Processes

    private static func start(
        _ home: String, _ number: Int, _ plan: CommitteePlan, listen: SocketAddress,
        peers: ArraySlice<Multiaddress>
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe")
            .resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "quadrat")
        process.arguments =
            [
                "validator", "--data", data(home, number), "--genesis", home + "/genesis.json",
                "--listen", "\(listen)", "--rpc", "127.0.0.1:0", "--no-auth", "--ready-file",
                ready(home, number), "--with-parent", "--discovery", "off", "--log-level",
                "debug", "--log-format", "json", "--heartbeat", "\(plan.heartbeatMilliseconds)",
                "--block-interval", "10",
            ] + peers.flatMap { ["--peer", "\($0)"] }
        _ = FileManager.default.createFile(atPath: log(home, number), contents: nil)
        let output = FileHandle(forWritingAtPath: log(home, number))
        process.standardOutput = output
        process.standardError = output
        try process.run()
        return process
    }

    private static func opened(
        _ home: String, _ number: Int, _ process: Process
    ) throws -> RPCClient {
        for _ in 0..<3_000 {
            if let bytes = FileManager.default.contents(atPath: ready(home, number)),
                let url = (try? JSONParser.parse([UInt8](bytes)))?.member("rpc")?.text
            {
                return try RPCClient(url: url)
            }
            guard process.isRunning else { break }
            usleep(10_000)
        }
        throw MeasureFault("validator \(number + 1) did not start; see \(log(home, number))")
    }
}
