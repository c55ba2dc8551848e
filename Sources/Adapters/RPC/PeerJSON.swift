// SPDX-License-Identifier: Apache-2.0

internal import Chain
package import Roles

/// Peers as go-libp2p writes them in JSON.
package enum PeerJSON {
    /// `{"ID":"12D3…","Addrs":["/ip4/…"]}`.
    package static func write(_ peer: PeerAddress, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("ID", peer.identifier)
            writer.member("Addrs") { $0.array(peer.addresses) { $0.string($1) } }
        }
    }

    /// Reads an address; at most 64 places for one peer.
    package static func decode(_ value: JSONNode) throws(ParameterFault) -> PeerAddress {
        let object = JSONObject(value, "peer.AddrInfo")
        var addresses: [String] = []
        for element in try object.array("Addrs", limit: 64) {
            guard let text = element.text else { throw .mismatch(element, "multiaddr.Multiaddr") }
            addresses.append(text)
        }
        return PeerAddress(identifier: try object.text("ID"), addresses: addresses)
    }

    /// `{"Info":{…},"NumStreams":n,"Direction":1|2,"Opened":"…","Limited":false}`.
    package static func write(_ connection: PeerConnection, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("Info") { writer in
                writer.object { writer in
                    writer.member("StreamMultiplexer", connection.multiplexer)
                    writer.member("Security", connection.security)
                    writer.member("Transport", connection.transport)
                    writer.member("UsedEarlyMuxerNegotiation", false)
                }
            }
            writer.member("NumStreams", connection.streamCount)
            writer.member("Direction", connection.isInbound ? 1 : 2)
            writer.member("Opened", connection.opened.description)
            writer.member("Limited", false)
        }
    }

    /// `{"TotalIn":n,"TotalOut":n,"RateIn":n,"RateOut":n}`.
    package static func write(_ bandwidth: Bandwidth, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("TotalIn", bandwidth.bytesIn)
            writer.member("TotalOut", bandwidth.bytesOut)
            writer.member("RateIn", bandwidth.bytesInPerSecond)
            writer.member("RateOut", bandwidth.bytesOutPerSecond)
        }
    }

    /// libp2p's resource scopes; this node counts all of them together.
    package static func write(_ resources: ConnectionResources, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("System") { scope(resources, to: &$0) }
            writer.member("Transient") { scope(ConnectionResources(), to: &$0) }
            for name in ["Services", "Protocols", "Peers"] {
                writer.member(name) { $0.object { _ in } }
            }
        }
    }

    private static func scope(_ resources: ConnectionResources, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("NumStreamsInbound", resources.streamsInbound)
            writer.member("NumStreamsOutbound", resources.streamsOutbound)
            writer.member("NumConnsInbound", resources.connectionsInbound)
            writer.member("NumConnsOutbound", resources.connectionsOutbound)
            writer.member("NumFD", resources.fileDescriptors)
            writer.member("Memory", resources.memoryBytes)
        }
    }
}
