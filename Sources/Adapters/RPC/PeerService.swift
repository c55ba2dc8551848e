// SPDX-License-Identifier: Apache-2.0

internal import Roles

/// `p2p.*`: peers and connections.
enum PeerService {
    static var methods: [RPCMethod] {
        [
            asking("p2p.Info") { .identity },
            asking("p2p.Network") { .network },
            asking("p2p.Peers") { .connected },
            asking("p2p.PeerInfo", peer) { .address($0) },
            RPCMethod("p2p.Connect", .admin, address) { answer($0, .connect($1)) },
            asking("p2p.ClosePeer", peer) { .close($0) },
            asking("p2p.Connectedness", peer) { .isConnected($0) },
            asking("p2p.ConnectionState", peer) { .connection($0) },
            asking("p2p.NATStatus") { .reachability },
            asking("p2p.BlockPeer", peer) { .block($0) },
            asking("p2p.UnblockPeer", peer) { .unblock($0) },
            asking("p2p.ListBlockedPeers") { .blocked },
            asking("p2p.Protect", peer, tag) { .protect($0, tag: $1) },
            asking("p2p.Unprotect", peer, tag) { .unprotect($0, tag: $1) },
            asking("p2p.IsProtected", peer, tag) { .isProtected($0, tag: $1) },
            asking("p2p.BandwidthStats") { .bandwidth },
            asking("p2p.BandwidthForPeer", peer) { .bandwidthOfPeer($0) },
            asking("p2p.BandwidthForProtocol", .text("protocol", "protocol.ID")) {
                .bandwidthOfProtocol($0)
            },
            asking("p2p.ResourceState") { .resources },
            asking("p2p.PubSubPeers", .text("topic")) { .subscribers(topic: $0) },
            asking("p2p.PubSubTopics") { .topics },
            asking("p2p.Ping", peer) { .ping($0) },
            // Ours; celestia-node has no such methods.
            asking("p2p.BlockSubnet", network) { .blockNetwork($0) },
            asking("p2p.UnblockSubnet", network) { .unblockNetwork($0) },
            asking("p2p.ListBlockedSubnets") { .blockedNetworks },
            asking("p2p.PeerTable") { .table },
            asking("p2p.Statistics") { .statistics },
        ]
    }

    private static let peer = Parameter<String>.text("id", "peer.ID")
    private static let network = Parameter<String>.text("subnet")
    private static let tag = Parameter<String>.text("tag")
    private static let address = Parameter<PeerAddress>(
        "address", "peer.AddrInfo",
        decode: { value throws(ParameterFault) in try PeerJSON.decode(value) })

    /// A method that asks one question made of texts.
    private static func asking<each Value>(
        _ name: String, _ codecs: repeat Parameter<each Value>,
        request: @escaping (repeat each Value) -> PeerRequest
    ) -> RPCMethod {
        RPCMethod(name, .admin, repeat each codecs) { (call, values: repeat each Value) in
            answer(call, request(repeat each values))
        }
    }

    private static func answer(_ call: RPCCall, _ request: PeerRequest) {
        call.answer(.peers(request)) {
            guard case .peers(let response) = $0 else { return nil }
            return { write(response, to: &$0) }
        }
    }

    private static func write(_ response: PeerResponse, to writer: inout JSONWriter) {
        switch response {
        case .done: writer.null()
        case .address(let address): PeerJSON.write(address, to: &writer)
        case .text(let text): writer.string(text)
        case .texts(let texts): writer.array(texts) { $0.string($1) }
        case .isConnected(let isConnected): writer.number(isConnected ? 1 : 0)
        case .connection(let connection):
            writer.array { PeerJSON.write(connection, to: &$0) }
        case .reachability(let reachability): writer.number(reachability.rawValue)
        case .isProtected(let isProtected): writer.bool(isProtected)
        case .bandwidth(let bandwidth): PeerJSON.write(bandwidth, to: &writer)
        case .resources(let resources): PeerJSON.write(resources, to: &writer)
        case .roundTrip(let nanoseconds): writer.number(nanoseconds)
        case .table(let table): writer.array(table) { PeerJSON.write($1, to: &$0) }
        case .statistics(let statistics): PeerJSON.write(statistics, to: &writer)
        }
    }
}
