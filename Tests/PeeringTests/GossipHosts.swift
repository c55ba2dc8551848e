// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering

/// Peer hosts with gossip on their streams, joined by pipes.
struct GossipHosts {
    static let topic = "/test/topic"

    var network: HostNetwork
    private(set) var services: [GossipService] = []
    /// What each host heard, in order.
    private(set) var heard: [[[UInt8]]]
    /// Streams of hosts without a service, for tests to use.
    private(set) var others: [[PeerNotice]]
    private let silent: Set<Int>

    /// Hosts whose gossip speaks the protocols; those in `silent` have none.
    init(
        count: Int, silent: Set<Int> = [],
        protocols: (Int) -> [GossipProtocol] = { _ in [.meshDontWant, .mesh] },
        configure: (Int, inout PeerHost.Configuration) -> Void = { _, _ in }
    ) {
        network = HostNetwork(count: count, configure)
        heard = Array(repeating: [], count: count)
        others = Array(repeating: [], count: count)
        self.silent = silent
        for index in 0..<count {
            let configuration = GossipMachine.Configuration(
                key: HostNetwork.key(index), seed: Bytes32(repeating: UInt8(index)),
                topics: [
                    GossipTopicRules(
                        Self.topic, naming: .authorAndSequence, scoring: GossipTopicScoring())
                ])
            services.append(GossipService(configuration, protocols: protocols(index)))
            if silent.contains(index) { continue }
            network.change(index) { [services] host, _ in services[index].begin(on: &host) }
            change(index) { service, host, now, outcomes in
                service.join(Self.topic, on: &host, at: now, into: &outcomes)
            }
        }
    }

    /// Runs for a time, carrying notices to the services.
    mutating func run(milliseconds: UInt64) {
        for _ in 0..<milliseconds / 10 {
            network.run(milliseconds: 10)
            for index in network.hosts.indices {
                for notice in network.take(index) {
                    if silent.contains(index) {
                        others[index].append(notice)
                        continue
                    }
                    change(index) { service, host, now, outcomes in
                        service.handle(notice, on: &host, at: now, into: &outcomes)
                    }
                }
                if silent.contains(index) { continue }
                change(index) { service, host, now, outcomes in
                    service.wake(on: &host, at: now, into: &outcomes)
                }
            }
        }
    }

    mutating func publish(_ data: [UInt8], by index: Int) {
        change(index) { service, host, now, outcomes in
            service.publish(Self.topic, data, on: &host, at: now, into: &outcomes)
        }
    }

    /// Lets a service be changed; everything it delivers is heard and accepted.
    mutating func change(
        _ index: Int,
        _ body: (inout GossipService, inout PeerHost, Instant, inout [GossipOutcome]) -> Void
    ) {
        var outcomes: [GossipOutcome] = []
        var service = services[index]
        network.change(index) { host, now in body(&service, &host, now, &outcomes) }
        services[index] = service
        for outcome in outcomes {
            guard case .deliver(let delivery) = outcome else { continue }
            heard[index].append(delivery.data)
            change(index) { service, host, now, outcomes in
                service.judge(delivery.number, .accept, on: &host, at: now, into: &outcomes)
            }
        }
    }

    func mesh(_ index: Int) -> [PeerIdentifier] {
        services[index].machine.meshPeers(of: Self.topic)
    }
}
