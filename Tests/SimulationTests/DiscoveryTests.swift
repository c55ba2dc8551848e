// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Machinery
import Peering
import Roles
import Simulation
import Syncing
import Testing

/// Strangers find each other, and again without the one that introduced them.
@Suite struct DiscoveryTests {
    /// A network whose nodes know one storage node and nobody else.
    private struct Network {
        var world: World
        var storage: [World.NodeIndex] = []
        var light: [World.NodeIndex] = []
        private var peers: [PeerIdentifier] = []

        /// With `listensEverywhere` storage nodes do not know their own addresses.
        init(
            seed: UInt64, storageCount: Int, lightCount: Int, listensEverywhere: Bool = false
        ) throws {
            let key = Ed25519PrivateKey(seed: Bytes32(repeating: 9))
            let genesis = Genesis(
                chainID: "private",
                time: Timestamp(nanosecondsSince1970: 1_767_225_000_000_000_000), appVersion: 9,
                validatorSet: try ValidatorSet([
                    Validator(key: .ed25519(key.publicKey), votingPower: 10)
                ]), accounts: [])
            world = World(seed: seed)
            for number in 0..<storageCount + lightCount {
                let isLight = number >= storageCount
                var configuration = NodeConfiguration(
                    kind: isLight ? .light : .storage, network: "private",
                    rules: LedgerRules(genesis),
                    trust: .genesis(validatorsHash: genesis.validatorSet.hash),
                    identity: Self.identity(number))
                configuration.pollMilliseconds = 60_000
                configuration.discovery = .devnet
                configuration.isArchival = number == 1
                if !isLight {
                    configuration.listenAddresses = [
                        listensEverywhere
                            ? try Multiaddress("/ip4/0.0.0.0/tcp/2121")
                            : Multiaddress(Self.address(number))
                    ]
                }
                if number > 0 {
                    configuration.bootstrap = [
                        Multiaddress(Self.address(0)).appending(
                            PeerIdentifier(of: Self.identity(0).publicKey))
                    ]
                }
                let index = world.add(configuration, at: Self.address(number))
                peers.append(PeerIdentifier(of: configuration.identity.publicKey))
                if isLight { light.append(index) } else { storage.append(index) }
            }
        }

        /// The storage nodes that a node is connected to, as it tells its operator.
        mutating func storagePeers(of node: Int) throws -> [String] {
            let names = storage.map { peers[$0].text }
            return try table(of: node).map(\.identifier).filter { names.contains($0) }
        }

        mutating func table(of node: Int) throws -> [PeerSummary] {
            let ticket = world.ask(node, .peers(.table))
            guard case .success(.peers(.table(let table))) = world.answer(node, ticket) else {
                throw StoryFault("no table")
            }
            return table
        }

        /// How many of some nodes are connected to at least `count` storage nodes.
        mutating func connected(_ nodes: [Int], toAtLeast count: Int) throws -> Int {
            try nodes.count { try storagePeers(of: $0).count >= count }
        }

        mutating func pass(_ milliseconds: UInt64) {
            _ = world.run(milliseconds: milliseconds)
        }

        private static func identity(_ number: Int) -> IdentityPrivateKey {
            IdentityPrivateKey(seed: SHA256.hash(Array("discovery \(number)".utf8)))
        }

        private static func address(_ number: Int) -> SocketAddress {
            let bytes = [45, 1, UInt8(number), 1] as [UInt8]
            guard let ip = IPAddress(bytes: bytes) else { preconditionFailure("four bytes") }
            return SocketAddress(ip: ip, port: 2_121)
        }
    }

    /// Twenty storage nodes and twenty light nodes know one bootstrap node; all find enough storage
    /// nodes, keep them when it dies, and one that starts again finds them from its disk alone.
    @Test func strangersFindEachOther() throws {
        var network = try Network(seed: 1, storageCount: 20, lightCount: 20)
        for node in network.storage + network.light { network.world.start(node) }
        network.pass(30_000)
        #expect(try network.connected(network.light, toAtLeast: 5) == 20)
        #expect(try network.connected(network.storage, toAtLeast: 8) == 20)

        network.world.crash(network.storage[0])
        let survivor = network.light[3]
        network.world.crash(survivor)
        network.pass(1_000)
        network.world.start(survivor)
        network.pass(20_000)
        #expect(try network.storagePeers(of: survivor).count >= 5)
        #expect(try network.connected(network.light, toAtLeast: 5) == 20)

        // Without what is on its disk, and without the bootstrap node, nobody is found.
        let forgetful = network.light[4]
        network.world.crash(forgetful)
        network.pass(1_000)
        network.world.changeDisk(of: forgetful) { $0 = SimulatedDisk() }
        network.world.start(forgetful)
        network.pass(20_000)
        #expect(try network.storagePeers(of: forgetful).isEmpty)
    }

    /// Nodes that listen on every address of their machine learn from others where that is.
    @Test func nodesLearnTheirOwnAddresses() throws {
        var network = try Network(
            seed: 3, storageCount: 7, lightCount: 2, listensEverywhere: true)
        for node in network.storage + network.light { network.world.start(node) }
        network.pass(30_000)
        #expect(try network.connected(network.light, toAtLeast: 5) == 2)
        #expect(try network.connected(network.storage, toAtLeast: 6) == 7)
    }

    /// Blocks that a user made hold when the node starts again; those that are lifted do not.
    @Test func blocksOutliveTheProcess() throws {
        var network = try Network(seed: 2, storageCount: 3, lightCount: 1)
        for node in network.storage + network.light { network.world.start(node) }
        network.pass(10_000)
        let light = network.light[0]
        let peer = try #require(try network.storagePeers(of: light).last)
        func ask(_ request: PeerRequest) -> Result<RPCResponse, RPCFault>? {
            let ticket = network.world.ask(light, .peers(request))
            return network.world.answer(light, ticket)
        }
        _ = ask(.block(peer))
        _ = ask(.blockNetwork("45.1.77.0/24"))
        _ = ask(.blockNetwork("45.1.78.0/24"))
        _ = ask(.unblockNetwork("45.1.78.0/24"))
        guard case .failure = ask(.blockNetwork("45.1.78.0/33")) else {
            Issue.record("a subnet of 33 bits")
            return
        }
        network.pass(5_000)
        network.world.crash(light)
        network.world.start(light)
        network.pass(10_000)
        guard case .success(.peers(.texts(let peers))) = ask(.blocked),
            case .success(.peers(.texts(let networks))) = ask(.blockedNetworks)
        else {
            Issue.record("no lists")
            return
        }
        #expect(peers == [peer] && networks == ["45.1.77.0/24"])
        #expect(try !network.storagePeers(of: light).contains(peer))
    }
}
