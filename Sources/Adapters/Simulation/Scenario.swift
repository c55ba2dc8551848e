// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import Cryptography
package import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
package import Roles
internal import Syncing

/// A small network with known keys, for stories told in tests.
package struct Scenario {
    /// The world that everything happens in.
    package var world: World
    /// The chain's first state.
    package let genesis: Genesis
    /// The block maker.
    package private(set) var validator: World.NodeIndex = 0
    /// All block makers, the first among them.
    package private(set) var validators: [World.NodeIndex] = []
    /// Those who keep squares.
    package private(set) var storage: [World.NodeIndex] = []
    /// Those who sample.
    package private(set) var light: [World.NodeIndex] = []

    private static let network = "private"
    private let pollMilliseconds: UInt64

    /// A validator, storage nodes that know it, and light nodes that know the storage nodes.
    ///
    /// Followers ask for news every `pollMilliseconds`. The last `foreignCount` of the storage nodes
    /// speak to light nodes as Celestia's do; light nodes get whole headers by gossip, or ask.
    /// `change` may tell any node something else, by its kind and its number in it.
    package init(
        seed: UInt64, storageCount: Int, lightCount: Int, pollMilliseconds: UInt64 = 500,
        foreignCount: Int = 0, isLightGossiping: Bool = true, validatorCount: Int = 1,
        change: (inout NodeConfiguration, Int) -> Void = { _, _ in }
    ) throws {
        self.pollMilliseconds = pollMilliseconds
        let keys = (0..<validatorCount).map { number in
            Ed25519PrivateKey(
                seed: Self.secret(number == 0 ? "validator" : "validator \(number)"))
        }
        let accounts = (0..<storageCount + lightCount).map { Self.account($0) }
        genesis = Genesis(
            chainID: Self.network, time: Timestamp(nanosecondsSince1970: 1_767_225_000_000_000_000),
            appVersion: 9,
            validatorSet: try ValidatorSet(
                keys.map { Validator(key: .ed25519($0.publicKey), votingPower: 10) }),
            accounts: accounts.map {
                GenesisAccount(
                    address: AccountAddress(of: $0.publicKey).bytes, balance: 1_000_000_000_000)
            })
        world = World(seed: seed)
        // Validators beyond the first come last, so that the others' numbers do not change.
        let makers = [0] + (1..<validatorCount).map { storageCount + lightCount + $0 }
        addValidator(0, keys[0], makers: makers, change)
        for index in 0..<storageCount {
            var configuration = self.configuration(.storage, 1 + index, bootstrap: makers)
            configuration.accountKey = accounts[index]
            configuration.isServingLightNodes = index < storageCount - foreignCount
            change(&configuration, index)
            storage.append(world.add(configuration, at: Self.address(1 + index)))
        }
        let peers = Array(1...storageCount)
        for index in 0..<lightCount {
            let number = 1 + storageCount + index
            var configuration = self.configuration(.light, number, bootstrap: peers)
            configuration.accountKey = accounts[storageCount + index]
            configuration.isHeaderGossipJoined = isLightGossiping
            change(&configuration, index)
            light.append(world.add(configuration, at: Self.address(number)))
        }
        for index in 1..<max(validatorCount, 1) {
            addValidator(index, keys[index], makers: makers, change)
        }
    }

    private mutating func addValidator(
        _ index: Int, _ key: Ed25519PrivateKey, makers: [Int],
        _ change: (inout NodeConfiguration, Int) -> Void
    ) {
        let number = makers[index]
        var configuration = configuration(
            .validator, number, bootstrap: makers.filter { $0 != number })
        configuration.heartbeatMilliseconds = 1_000
        var signer: SimulatedSigner?
        if makers.count == 1 {
            configuration.validatorKey = key
        } else {
            let peer = PeerIdentifier(of: configuration.identity.publicKey)
            configuration.greeting = Greeting(by: key, from: peer.bytes, chainID: Self.network)
            signer = SimulatedSigner(key: key, chainID: Self.network)
        }
        change(&configuration, index)
        validators.append(world.add(configuration, at: Self.address(number), signer: signer))
    }

    /// Starts every node.
    package mutating func startAll() {
        for index in validators + storage + light { world.start(index) }
    }

    /// A blob of deterministic bytes in a namespace of its own.
    package static func blob(_ name: String, sizeBytes: Int) throws -> Blob {
        let namespace = try Namespace(userID: Array(name.utf8.prefix(10)))
        var generator = SeededGenerator(seed: secret(name))
        return try Blob(
            namespace: namespace, data: generator.bytes(sizeBytes), shareVersion: 0, signer: nil)
    }

    private func configuration(
        _ kind: NodeKind, _ number: Int, bootstrap: [Int]
    ) -> NodeConfiguration {
        var configuration = NodeConfiguration(
            kind: kind, network: Self.network, rules: LedgerRules(genesis),
            trust: .genesis(validatorsHash: genesis.validatorSet.hash),
            identity: Self.identity(number))
        configuration.genesis = genesis
        configuration.pollMilliseconds = pollMilliseconds
        configuration.bootstrap = bootstrap.map { other in
            Multiaddress(Self.address(other)).appending(
                PeerIdentifier(of: Self.identity(other).publicKey))
        }
        return configuration
    }

    private static func identity(_ number: Int) -> IdentityPrivateKey {
        IdentityPrivateKey(seed: secret("identity \(number)"))
    }

    /// The key of an account: the storage nodes' come first, then the light nodes'.
    package static func accountKey(of number: Int) -> Secp256k1PrivateKey { account(number) }

    private static func account(_ number: Int) -> Secp256k1PrivateKey {
        guard let key = Secp256k1PrivateKey(bytes: secret("account \(number)")) else {
            preconditionFailure("a digest is a key but for one in 2^127")
        }
        return key
    }

    private static func address(_ number: Int) -> SocketAddress {
        var bytes = FixedBytes<4>()
        bytes[0] = 10
        bytes[2] = UInt8(number / 250)
        bytes[3] = UInt8(1 + number % 250)
        return SocketAddress(ip: .v4(bytes), port: 2_121)
    }

    private static func secret(_ name: String) -> Bytes32 {
        SHA256.hash(Array("simulation: \(name)".utf8))
    }
}
