// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Machinery

/// What gossip wants of the node that it runs in.
package enum GossipOutcome: Sendable {
    /// Judge a message; answer by `judge`, at once or later.
    case deliver(GossipDelivery)
    /// Connect to a peer at these addresses.
    case connect(PeerIdentifier, [Multiaddress])
    /// Call `wake` at this moment.
    case wake(at: Instant)
}

/// Gossip over the streams of a peer host.
///
/// Each side opens a stream of its own and only writes to it; what comes on it ends it. An RPC
/// stands behind its length. Tell it every notice of the host; those of others it passes over.
/// Specified in Protocol/12-gossip.md#streams.
package struct GossipService {
    struct Link {
        let address: IPAddress
        let isOutbound: Bool
        /// What the peer speaks of what this service speaks.
        var speaks: GossipProtocol?
        var outbound: StreamNumber?
        var inbound: StreamNumber?
        var openings = 0
        var openedAt: Instant?
    }

    struct Reading {
        let peer: PeerIdentifier
        var buffer: [UInt8] = []
    }

    /// What is known about messages, peers and the mesh.
    package private(set) var machine: GossipMachine
    /// Bytes of RPCs that have not come whole.
    package private(set) var incompleteBytes = 0
    /// How many there may be; `GossipLimits.incompleteBytes` but in tests.
    package var incompleteLimit = GossipLimits.incompleteBytes
    /// RPCs that were left out because their receiver reads slowly.
    package private(set) var droppedCount = 0

    let protocols: [GossipProtocol]
    var links: [PeerIdentifier: Link] = [:]
    var readings: [StreamNumber: Reading] = [:]
    var writings: [StreamNumber: PeerIdentifier] = [:]
    /// Peers whose stream is to be opened again at the next heartbeat.
    var reopening = SortedList<PeerIdentifier>()

    /// Gossip that speaks `protocols`, the best first.
    package init(_ configuration: GossipMachine.Configuration, protocols: [GossipProtocol]) {
        machine = GossipMachine(configuration)
        self.protocols = protocols
    }

    /// Takes streams of its protocols from now on.
    package func begin(on host: inout PeerHost) {
        for name in protocols { host.serveStreams(name.rawValue, streamsPerPeer: 2) }
    }

    /// Hears what the peer host tells.
    package mutating func handle(
        _ notice: PeerNotice, on host: inout PeerHost, at now: Instant,
        into outcomes: inout [GossipOutcome]
    ) {
        switch notice {
        case .peerConnected(let peer, let number, let remote):
            guard links[peer] == nil else { return }
            links[peer] = Link(address: remote.ip, isOutbound: number.isDialled)
            tell(
                .connected(peer, remote.ip, isOutbound: number.isDialled), &host, now, &outcomes)
        case .peerDisconnected(let peer): disconnect(peer, &host, at: now, into: &outcomes)
        case .identified(let peer, let identity):
            guard links[peer]?.speaks == nil else { return }
            links[peer]?.speaks = protocols.first { identity.protocols.contains($0.rawValue) }
            open(peer, &host, at: now, into: &outcomes)
        case .streamOpened(let stream, let name, let peer):
            guard protocols.contains(where: { $0.rawValue == name }) else { return }
            accept(stream, from: peer, &host)
        case .streamReceived(let stream, let bytes):
            if writings[stream] != nil {
                host.reset(stream, code: .violation)
                return lose(stream, &host, at: now, into: &outcomes)
            }
            guard readings[stream] != nil else { return }
            read(bytes, on: stream, &host, at: now, into: &outcomes)
        case .streamFinished(let stream):
            guard readings[stream] != nil else { return }
            endReading(stream)
            host.reset(stream, code: .none)
        case .streamEnded(let stream, _):
            endReading(stream)
            lose(stream, &host, at: now, into: &outcomes)
        default: break
        }
    }

    /// Wants a topic.
    package mutating func join(
        _ topic: String, on host: inout PeerHost, at now: Instant,
        into outcomes: inout [GossipOutcome]
    ) {
        tell(.joined(topic), &host, now, &outcomes)
    }

    /// Wants a topic no more.
    package mutating func leave(
        _ topic: String, on host: inout PeerHost, at now: Instant,
        into outcomes: inout [GossipOutcome]
    ) {
        tell(.left(topic), &host, now, &outcomes)
    }

    /// Publishes data.
    package mutating func publish(
        _ topic: String, _ data: [UInt8], on host: inout PeerHost, at now: Instant,
        into outcomes: inout [GossipOutcome]
    ) {
        tell(.published(topic: topic, data), &host, now, &outcomes)
    }

    /// Says what came of a delivery.
    package mutating func judge(
        _ number: UInt64, _ verdict: GossipVerdict, on host: inout PeerHost, at now: Instant,
        into outcomes: inout [GossipOutcome]
    ) {
        tell(.judged(number, verdict), &host, now, &outcomes)
    }

    /// A moment asked for has come; earlier and later ones do no harm.
    package mutating func wake(
        on host: inout PeerHost, at now: Instant, into outcomes: inout [GossipOutcome]
    ) {
        let heartbeats = machine.heartbeats
        tell(.woke, &host, now, &outcomes)
        guard machine.heartbeats > heartbeats, !reopening.isEmpty else { return }
        let peers = reopening.elements
        reopening = SortedList()
        for peer in peers { open(peer, &host, at: now, into: &outcomes) }
    }

    mutating func tell(
        _ event: GossipEvent, _ host: inout PeerHost, _ now: Instant,
        _ outcomes: inout [GossipOutcome]
    ) {
        var effects: [GossipEffect] = []
        machine.handle(event, at: now, into: &effects)
        var deaf: [PeerIdentifier] = []
        for effect in effects {
            switch effect {
            case .send(let peer, let rpc, let urgency):
                if !write(rpc, to: peer, urgency, &host) { deaf.append(peer) }
            case .deliver(let delivery): outcomes.append(.deliver(delivery))
            case .connect(let peer, let record):
                outcomes.append(.connect(peer, Self.addresses(record, of: peer)))
            case .wake(let moment): outcomes.append(.wake(at: moment))
            }
        }
        for peer in deaf { giveUp(peer, &host, at: now, into: &outcomes) }
    }

    /// Bytes that wait to be sent to a peer.
    package func queuedBytes(to peer: PeerIdentifier, on host: PeerHost) -> Int {
        links[peer]?.outbound.map { host.queuedBytes(of: $0) } ?? 0
    }

    /// Takes bytes of RPCs that are not whole into account, or no more.
    mutating func count(incomplete bytes: Int) { incompleteBytes += bytes }

    /// Takes note of an RPC that was left out.
    mutating func countDropped() { droppedCount += 1 }

    /// The addresses that a peer signed; none when it did not sign them.
    private static func addresses(
        _ record: [UInt8], of peer: PeerIdentifier
    ) -> [Multiaddress] {
        do throws(DecodeFault) {
            let signed = try SignedPeerRecord(protobuf: record[...])
            return signed.peer == peer ? signed.addresses : []
        } catch {
            return []
        }
    }
}
