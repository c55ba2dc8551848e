// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Machinery
internal import Peering

/// What a node knows of others and does to stay connected: its machines for that, and the words
/// between them that are on their way.
struct DiscoveryState {
    /// A connected peer, as its connection showed it.
    struct Contact {
        let remote: SocketAddress
        let isInbound: Bool
    }

    /// A question that waits until its peer is connected.
    struct Waiting {
        let question: KademliaQuestion
        let bytes: [UInt8]
    }

    /// A search for more storage nodes than a node usually has.
    struct Seeking {
        /// When it is over, whatever has come of it.
        let until: Instant
        /// When another may begin.
        let again: Instant
        var isSearching = true
        var isOver = false
        /// Those that it led to.
        var candidates: [PeerIdentifier] = []
    }

    let protocolID: String
    /// What this node is advertised as.
    let topics: [DiscoveryTopic]
    var kademlia: KademliaMachine
    var machine: DiscoveryMachine
    var manager: ConnectionManager
    var store = PeerStore()
    var contacts: [PeerIdentifier: Contact] = [:]
    var waiting: [PeerIdentifier: [Waiting]] = [:]
    /// Where others reach this node, as far as it knows.
    var ownAddresses: [Multiaddress] = []
    /// Who has seen this node at which address, when it listens on every one.
    var sightings: [(address: IPAddress, by: PeerIdentifier)] = []
    var seeking: Seeking?
    var storeDue: Instant?
    var isStoring = false
    var storedRevision = 0

    init(_ configuration: NodeConfiguration, seed: Bytes32) {
        let isLight = configuration.kind == .light
        let local = PeerIdentifier(of: configuration.identity.publicKey)
        protocolID = KademliaProtocol.identifier(network: configuration.network)
        kademlia = KademliaMachine(
            local: local, isServer: !isLight, seed: seed, limits: configuration.kademlia)
        if configuration.kind == .storage {
            let whole: [DiscoveryTopic] = configuration.isArchival ? [.full, .archival] : [.full]
            topics = configuration.slice == nil ? whole : [.sliced]
        } else {
            topics = []
        }
        var limits = configuration.discovery
        if configuration.kind == .storage {
            limits.wanted = max(limits.wanted, ConnectionLimits().storageKept)
        }
        machine = DiscoveryMachine(advertising: topics, wanting: .full, limits: limits)
        manager = ConnectionManager(isLight ? .light : ConnectionLimits())
        wanted = limits.wanted
    }

    /// Storage nodes to be connected to.
    let wanted: Int
}
