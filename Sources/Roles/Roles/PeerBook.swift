// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import Machinery
internal import Peering

/// The peers that are connected, and what each of them said it serves.
struct PeerBook {
    struct Entry {
        let identifier: PeerIdentifier
        let handle: Peer
        var protocols: [String] = []
        var agent = ""
        /// Which rows it keeps, where it said so.
        var slice: RowSlice?
    }

    /// In order of their ids, so that every run asks them in the same order.
    private(set) var entries: [Entry] = []

    mutating func connected(_ identifier: PeerIdentifier) {
        let index = entries.firstIndex { $0.identifier >= identifier } ?? entries.count
        if index < entries.count, entries[index].identifier == identifier { return }
        entries.insert(
            Entry(identifier: identifier, handle: Peer(identifier.text)), at: index)
    }

    mutating func disconnected(_ identifier: PeerIdentifier) {
        entries.removeAll { $0.identifier == identifier }
    }

    mutating func identified(
        _ identifier: PeerIdentifier, protocols: [String], agent: String, network: String
    ) {
        guard let index = entries.firstIndex(where: { $0.identifier == identifier }) else {
            return
        }
        entries[index].protocols = protocols
        entries[index].agent = agent
        entries[index].slice = SliceProtocol.slice(of: protocols, network: network)
    }

    /// Those that serve a protocol.
    func serving(_ name: String) -> [Entry] {
        entries.filter { $0.protocols.contains(name) }
    }

    /// The slices that peers said they keep.
    var slices: [Peer: RowSlice] {
        var slices: [Peer: RowSlice] = [:]
        for entry in entries {
            if let slice = entry.slice { slices[entry.handle] = slice }
        }
        return slices
    }

    /// Whether a connected peer serves a protocol.
    func serves(_ identifier: PeerIdentifier, _ name: String) -> Bool {
        entries.first { $0.identifier == identifier }?.protocols.contains(name) == true
    }

    /// The id behind a machine's name for a peer, if it is connected.
    func identifier(of peer: Peer) -> PeerIdentifier? {
        entries.first { $0.handle == peer }?.identifier
    }
}
