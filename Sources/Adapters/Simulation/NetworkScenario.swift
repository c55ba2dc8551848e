// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
internal import Roles
internal import Syncing

/// Thousands of complete nodes on virtual links: strangers that come, go, lie and are cut off.
///
/// Every node is the product's own `Node`, with its own key, handshakes and disk. Stated as numbers
/// in, a report out, so that one command remakes it.
package struct NetworkScenario {
    /// What the network is made of.
    package struct Plan: Hashable, Sendable {
        /// Nodes that keep squares.
        package var storage = 100
        /// Nodes that sample.
        package var light = 900
        /// Storage nodes that misbehave, in thousandths: a third of them each lie, withhold, are
        /// silent.
        package var adversariesPerMille = 200
        /// Light nodes that are started anew each minute, in thousandths.
        package var churnPerMille = 100
        /// Storage nodes that nobody can connect to, in thousandths.
        package var translatedPerMille = 200
        /// Blocks that are watched.
        package var blocks = 10
        /// From block to block, in milliseconds.
        package var blockMilliseconds: UInt64 = 6_000
        /// One way, in milliseconds.
        package var latencyMilliseconds = 5...150
        /// The network is parted in two for so long in the middle, in milliseconds.
        package var partedMilliseconds: UInt64 = 0
        /// A blob of so many bytes is posted for each block.
        package var blobBytes = 4_000
        /// What is withheld, and in which of the watched blocks: every third one.
        package var withholding = Withholding.none
        /// Where every draw comes from.
        package var seed: UInt64 = 1

        /// The defaults.
        package init() {}
    }

    /// What is hidden in every third block.
    package enum Withholding: String, Hashable, Sendable {
        case none, whole, minimal

        /// Every how many-th height is withheld.
        package static let everyHeight: UInt64 = 3

        var misbehavior: ServingMisbehavior? {
            switch self {
            case .none: nil
            case .whole: ServingMisbehavior(.withhold, everyHeight: Self.everyHeight)
            case .minimal: ServingMisbehavior(.withholdSmallest, everyHeight: Self.everyHeight)
            }
        }
    }

    /// The world that everything happens in.
    package private(set) var world: World
    /// What it is made of.
    package let plan: Plan
    let genesis: Genesis
    private(set) var honest: Set<World.NodeIndex> = []
    private(set) var lights: ClosedRange<World.NodeIndex>
    private var draw: SeededGenerator

    private static let network = "private"

    /// Makes all nodes; `run` starts them.
    package init(_ plan: Plan) throws {
        self.plan = plan
        world = World(seed: plan.seed)
        world.isTracing = false
        world.faults.latencyMilliseconds = plan.latencyMilliseconds
        draw = SeededGenerator(seed: Self.secret("draw \(plan.seed)"))
        lights = (1 + plan.storage)...(plan.storage + plan.light)
        let key = Ed25519PrivateKey(seed: Self.secret("validator"))
        let account = Self.account
        genesis = Genesis(
            chainID: Self.network, time: Timestamp(nanosecondsSince1970: 1_767_225_000_000_000_000),
            appVersion: 9,
            validatorSet: try ValidatorSet([
                Validator(key: .ed25519(key.publicKey), votingPower: 10)
            ]),
            accounts: [
                GenesisAccount(
                    address: AccountAddress(of: account.publicKey).bytes,
                    balance: 1_000_000_000_000)
            ])
        var maker = configuration(.validator, 0, bootstrap: [])
        maker.validatorKey = key
        maker.heartbeatMilliseconds = plan.blockMilliseconds
        maker.blockIntervalMilliseconds = plan.blockMilliseconds
        maker.accountKey = account
        maker.servingMisbehavior = plan.withholding.misbehavior
        _ = world.add(maker, at: Self.address(0))
        honest.insert(0)
        addStorage()
        addLight()
    }

    private mutating func addStorage() {
        let adversaries = plan.storage * plan.adversariesPerMille / 1_000
        let translated = plan.storage * plan.translatedPerMille / 1_000
        for number in 1...plan.storage {
            var configuration = configuration(
                .storage, number, bootstrap: number <= 4 ? [0] : [1, 2, 3])
            // The first four are the honest doors into the network; adversaries follow them.
            configuration.servingMisbehavior = plan.withholding.misbehavior
            if number > 4, number <= 4 + adversaries, plan.withholding == .none {
                configuration.servingMisbehavior = ServingMisbehavior(
                    [.lie, .withhold, .silence][number % 3])
            } else {
                honest.insert(number)
            }
            let index = world.add(configuration, at: Self.address(number))
            if number > plan.storage - translated { world.faults.unreachable.insert(index) }
        }
    }

    private mutating func addLight() {
        for number in lights {
            let configuration = configuration(
                .light, number, bootstrap: [1 + draw.next(below: 4)])
            _ = world.add(configuration, at: Self.address(number))
            world.faults.unreachable.insert(number)
            honest.insert(number)
        }
    }

    /// Runs the whole story and tells what came of it.
    package mutating func run(progress: (String) -> Void) -> NetworkReport {
        var report = NetworkReport(
            plan, honestStorage: honest.count { (1...plan.storage).contains($0) })
        start(progress)
        let beginning = world.now
        var blocks = 0
        var seen: UInt64 = 0
        var churned = 0
        let length = plan.blockMilliseconds * UInt64(plan.blocks + 2)
        let parting = beginning.advanced(byMilliseconds: length / 3)
        let healing = parting.advanced(byMilliseconds: plan.partedMilliseconds)
        var isParted = false
        let end = beginning.advanced(byMilliseconds: length + plan.partedMilliseconds + 25_000)
        _ = post(0)
        while world.now < end {
            _ = world.run(milliseconds: 20)
            for (node, observation) in world.takeObservations() where honest.contains(node) {
                if case .head(let header) = observation, node == 0, header.height.value > seen {
                    seen = header.height.value
                    report.made(seen, at: world.now)
                    blocks += 1
                    if blocks < plan.blocks { _ = post(blocks) }
                    progress("block \(seen), \(blocks) of \(plan.blocks)")
                }
                report.observed(
                    observation, of: node, isLight: lights.contains(node), at: world.now)
            }
            if plan.partedMilliseconds > 0, !isParted, world.now >= parting, world.now < healing {
                isParted = true
                world.part { $0 % 2 }
                report.parted(at: world.now)
            }
            if isParted, world.now >= healing {
                isParted = false
                world.faults.heal()
                report.healed(at: world.now)
            }
            let minutes = world.now.milliseconds(since: beginning)
            let wanted = Int(minutes) * plan.light * plan.churnPerMille / 60_000_000
            while churned < wanted {
                churned += 1
                let node = lights.lowerBound + draw.next(below: plan.light)
                if world.isRunning(node) { world.crash(node) }
                world.start(node)
                report.restarted(node, at: world.now)
            }
        }
        report.end(virtualMilliseconds: world.now.milliseconds(since: beginning))
        return report
    }

    /// Starts everybody, a few at a time, and waits until nine in ten light nodes follow the chain.
    private mutating func start(_ progress: (String) -> Void) {
        world.start(0)
        _ = world.run(milliseconds: 500)
        var started = 0
        for node in 1...lights.upperBound {
            world.start(node)
            started += 1
            if started % 50 == 0 { _ = world.run(milliseconds: 50) }
            if started % 1_000 == 0 { progress("\(started) nodes started") }
        }
        _ = world.run(milliseconds: 60_000)
        _ = world.takeObservations()
    }

    private mutating func post(_ number: Int) -> Ticket? {
        guard let namespace = try? Namespace(userID: [UInt8("n".utf8.first ?? 0)]) else {
            return nil
        }
        let bytes = draw.bytes(max(1, plan.blobBytes))
        guard
            let blob = try? Blob(namespace: namespace, data: bytes, shareVersion: 0, signer: nil)
        else { return nil }
        return world.ask(0, .submitBlobs([blob], SubmitOptions()))
    }

    private func configuration(
        _ kind: NodeKind, _ number: Int, bootstrap: [Int]
    ) -> NodeConfiguration {
        var configuration = NodeConfiguration(
            kind: kind, network: Self.network, rules: LedgerRules(genesis),
            trust: .genesis(validatorsHash: genesis.validatorSet.hash),
            identity: IdentityPrivateKey(seed: Self.secret("identity \(number)")))
        configuration.genesis = genesis
        // As `quadrat light` has it: whole headers by gossip are for nodes that keep squares.
        configuration.isHeaderGossipJoined = kind != .light
        configuration.bootstrap = bootstrap.map { other in
            Multiaddress(Self.address(other)).appending(
                PeerIdentifier(
                    of: IdentityPrivateKey(seed: Self.secret("identity \(other)")).publicKey))
        }
        return configuration
    }

    private static var account: Secp256k1PrivateKey {
        guard let key = Secp256k1PrivateKey(bytes: secret("account")) else {
            preconditionFailure("a digest is a key but for one in 2^127")
        }
        return key
    }

    /// Addresses spread over many networks, as strangers' are.
    private static func address(_ number: Int) -> SocketAddress {
        var bytes = FixedBytes<4>()
        bytes[0] = 20
        bytes[1] = UInt8(number / 250)
        bytes[2] = UInt8(number % 250)
        bytes[3] = 7
        return SocketAddress(ip: .v4(bytes), port: 2_121)
    }

    private static func secret(_ name: String) -> Bytes32 {
        SHA256.hash(Array("simulated network: \(name)".utf8))
    }
}
