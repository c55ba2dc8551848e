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
        /// silent, and none of them passes gossip on.
        package var adversariesPerMille = 200
        /// Nodes that leave each minute and come back on their disk a while later, in thousandths.
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
        /// What all storage nodes that do not misbehave anyway keep back of some blocks.
        package var withholding = Withholding.none
        /// Of the blocks whose heights this divides.
        package var withheldEvery: UInt64 = 3
        /// How long nodes find each other before the first watched block, in milliseconds.
        package var settlingMilliseconds: UInt64 = 60_000
        /// How long the last verdicts may take: one of "withheld" takes 20 s or 40 s, and begins anew
        /// with a node that was away for up to 15 s.
        var verdictMilliseconds: UInt64 { withholding == .none ? 25_000 : 60_000 }
        /// Where every draw comes from.
        package var seed: UInt64 = 1

        /// The defaults.
        package init() {}
    }

    /// What is hidden of a withheld block.
    package enum Withholding: String, Hashable, Sendable {
        case none, whole, minimal

        func misbehavior(every heights: UInt64) -> ServingMisbehavior? {
            switch self {
            case .none: nil
            case .whole: ServingMisbehavior(.withhold, everyHeight: heights)
            case .minimal: ServingMisbehavior(.withholdSmallest, everyHeight: heights)
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
    private var seen: UInt64 = 0

    private static let network = "private"
    /// Storage nodes that everybody knows, honest and always there.
    static let doors = 4

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
        maker.servingMisbehavior = plan.withholding.misbehavior(every: plan.withheldEvery)
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
                .storage, number, bootstrap: number <= Self.doors ? [0] : [1, 2, 3])
            // The first four are the honest doors into the network; adversaries follow them.
            configuration.servingMisbehavior = plan.withholding.misbehavior(
                every: plan.withheldEvery)
            if number > Self.doors, number <= Self.doors + adversaries {
                configuration.servingMisbehavior = ServingMisbehavior(
                    [.lie, .withhold, .silence][number % 3])
                configuration.isForwardingNothing = true
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
                .light, number, bootstrap: [1 + draw.next(below: Self.doors)])
            _ = world.add(configuration, at: Self.address(number))
            world.faults.unreachable.insert(number)
            honest.insert(number)
        }
    }

    /// Runs the whole story and tells what came of it.
    package mutating func run(progress: (String) -> Void) -> NetworkReport {
        var report = NetworkReport(
            plan, honestStorage: honest.filter { (1...plan.storage).contains($0) }.sorted())
        start(&report, progress)
        let beginning = world.now
        let length = plan.blockMilliseconds * UInt64(plan.blocks + 2)
        let parting = beginning.advanced(byMilliseconds: length / 3)
        let healing = parting.advanced(byMilliseconds: plan.partedMilliseconds)
        var isParted = false
        let calm = beginning.advanced(byMilliseconds: length + plan.partedMilliseconds)
        let end = calm.advanced(byMilliseconds: plan.verdictMilliseconds)
        var churn = Churn(plan, draw: draw.fork())
        _ = post()
        while world.now < end {
            _ = world.run(milliseconds: 20)
            tell(&report, progress)
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
            churn.turn(&world, since: beginning, isLeaving: world.now < calm, &report)
        }
        for answer in world.answers {
            if case .failure(let fault) = answer.result {
                report.blobRefused()
                progress("a blob was refused: \(fault)")
            }
        }
        let connections = world.connectionCounts
        report.connected((1...lights.upperBound).map { connections[$0] })
        report.end(virtualMilliseconds: world.now.milliseconds(since: beginning))
        return report
    }

    /// Tells the report what nodes reported; each block brings the blob of the next.
    private mutating func tell(_ report: inout NetworkReport, _ progress: (String) -> Void) {
        for (node, observation) in world.takeObservations() where honest.contains(node) {
            if case .head(let header) = observation, node == 0, header.height.value > seen {
                seen = header.height.value
                report.made(header, at: world.now)
                progress("block \(seen)")
                _ = post()
            }
            report.observed(observation, of: node, isLight: lights.contains(node), at: world.now)
        }
    }

    /// Starts everybody, a few at a time, and lets them find each other.
    private mutating func start(_ report: inout NetworkReport, _ progress: (String) -> Void) {
        world.start(0)
        _ = world.run(milliseconds: 500)
        var started = 0
        for node in 1...lights.upperBound {
            world.start(node)
            started += 1
            if started % 50 == 0 { _ = world.run(milliseconds: 50) }
            if started % 1_000 == 0 { progress("\(started) nodes started") }
        }
        _ = world.run(milliseconds: plan.settlingMilliseconds)
        // Of this time only what adversaries did counts: some are found out before it is over.
        for (node, observation) in world.takeObservations() where honest.contains(node) {
            if case .penalized = observation {
                report.observed(
                    observation, of: node, isLight: lights.contains(node), at: world.now)
            }
        }
    }

    private mutating func post() -> Ticket? {
        guard let namespace = try? Namespace(userID: Array("simulated".utf8)) else {
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
        if kind != .light {
            // Who cannot be dialled does not know that, and tells its address like all others.
            configuration.listenAddresses = [Multiaddress(Self.address(number))]
        }
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
