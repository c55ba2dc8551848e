// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Searches in a network of 500 servers, of which up to a fifth lie.
@Suite struct KademliaNetworkTests {
    private struct Rates {
        var peers = 0
        var providers = 0
        var questions = 0
    }

    private static let clients = 25

    /// Thirty honest servers provide a topic; every client looks for them and for a random server.
    private static func rates(_ lie: KademliaNetwork.Lie, sites: Int = 4) -> Rates {
        var network = KademliaNetwork(
            count: 500, liarCount: 100, lie: lie, liarSites: sites, seed: 5)
        var random = SeededGenerator(seed: Bytes32(repeating: 6))
        let honest = network.honest
        let providers = Array(random.shuffled(honest).prefix(30))
        for peer in providers { _ = network.tell(peer, .provide(DiscoveryTopic.full.key)) }
        var rates = Rates()
        for _ in 0..<clients {
            let client = network.join()
            let before = network.questionCount
            let wanted = honest[random.next(below: honest.count)]
            for effect in network.tell(client, .findPeer(wanted)) {
                if case .foundPeer(wanted, let addresses) = effect, !addresses.isEmpty {
                    rates.peers += 1
                }
            }
            for effect in network.tell(
                client, .findProviders(DiscoveryTopic.full.key, wanted: 20))
            {
                guard case .foundProviders(_, let found) = effect else { continue }
                if found.contains(where: { providers.contains($0.identifier) }) {
                    rates.providers += 1
                }
            }
            rates.questions += network.questionCount - before
        }
        print(
            "\(lie): of \(clients) clients \(rates.peers) found the peer, \(rates.providers) a "
                + "provider, with \(rates.questions / (2 * clients)) questions each")
        return rates
    }

    /// Without liars everybody and everything is found.
    @Test func allAreHonest() {
        let rates = Self.rates(.none)
        #expect(rates.peers == Self.clients && rates.providers == Self.clients)
        #expect(rates.questions / (2 * Self.clients) < 60)
    }

    /// A fifth of the servers says nothing: everything is found all the same.
    @Test func aFifthIsSilent() {
        let rates = Self.rates(.silence)
        #expect(rates.peers == Self.clients && rates.providers == Self.clients)
    }

    /// A fifth names peers and providers that do not exist, nearer than all others.
    @Test func aFifthFabricates() {
        let rates = Self.rates(.fabrication)
        #expect(rates.peers >= Self.clients * 9 / 10)
        #expect(rates.providers >= Self.clients * 9 / 10)
    }

    /// A fifth names only peers of its own, made for the target, which live in four networks.
    @Test func aFifthColludes() {
        let rates = Self.rates(.collusion)
        #expect(rates.peers >= Self.clients * 9 / 10)
        #expect(rates.providers >= Self.clients * 9 / 10)
    }

    /// The same seed gives the same questions.
    @Test func sameSeedSameQuestions() {
        func count() -> Int {
            var network = KademliaNetwork(
                count: 60, liarCount: 12, lie: .fabrication, seed: 5)
            for _ in 0..<5 {
                _ = network.tell(network.join(), .findPeer(network.honest[7]))
            }
            return network.questionCount
        }
        let first = count()
        #expect(first > 50 && first == count())
    }
}
