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
    /// Who serves each protocol, in the same order: this is asked at every turn, by nodes with
    /// hundreds of peers.
    private var servers: [String: [Server]] = [:]

    /// Somebody who serves a protocol.
    struct Server {
        let identifier: PeerIdentifier
        let handle: Peer
        /// Which rows it keeps, where it said so.
        let slice: RowSlice?
    }

    mutating func connected(_ identifier: PeerIdentifier) {
        let index = entries.firstIndex { $0.identifier >= identifier } ?? entries.count
        if index < entries.count, entries[index].identifier == identifier { return }
        entries.insert(
            Entry(identifier: identifier, handle: Peer(identifier.text)), at: index)
    }

    mutating func disconnected(_ identifier: PeerIdentifier) {
        guard let index = entries.firstIndex(where: { $0.identifier == identifier }) else {
            return
        }
        forgetProtocols(of: index)
        entries.remove(at: index)
    }

    mutating func identified(
        _ identifier: PeerIdentifier, protocols: [String], agent: String, network: String
    ) {
        guard let index = entries.firstIndex(where: { $0.identifier == identifier }) else {
            return
        }
        forgetProtocols(of: index)
        entries[index].protocols = protocols
        entries[index].agent = agent
        entries[index].slice = SliceProtocol.slice(of: protocols, network: network)
        let server = Server(
            identifier: identifier, handle: entries[index].handle, slice: entries[index].slice)
        for (place, name) in protocols.enumerated() where !protocols[..<place].contains(name) {
            let position = Self.position(of: identifier, in: servers[name] ?? [])
            servers[name, default: []].insert(server, at: position)
        }
    }

    private mutating func forgetProtocols(of index: Int) {
        let identifier = entries[index].identifier
        for name in entries[index].protocols {
            servers[name]?.removeAll { $0.identifier == identifier }
            if servers[name]?.isEmpty == true { servers[name] = nil }
        }
    }

    /// Where an id stands or would stand in an ordered list.
    private static func position(of identifier: PeerIdentifier, in list: [Server]) -> Int {
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle].identifier < identifier { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Those that serve a protocol, in the order of their ids.
    func serving(_ name: String) -> [Server] { servers[name] ?? [] }

    /// Those that serve one of two protocols, or both, in the order of their ids.
    func serving(_ name: String, or other: String) -> [Server] {
        let first = serving(name)
        let second = serving(other)
        if first.isEmpty { return second }
        var both: [Server] = []
        both.reserveCapacity(first.count + second.count)
        var next = 0
        for server in first {
            while next < second.count, second[next].identifier < server.identifier {
                both.append(second[next])
                next += 1
            }
            if next < second.count, second[next].identifier == server.identifier { next += 1 }
            both.append(server)
        }
        return both + second[next...]
    }

    /// The slices that peers said they keep.
    var slices: [Peer: RowSlice] {
        var slices: [Peer: RowSlice] = [:]
        for entry in entries {
            if let slice = entry.slice { slices[entry.handle] = slice }
        }
        return slices
    }

    /// The slice that a connected peer said it keeps.
    func slice(of identifier: PeerIdentifier) -> RowSlice? {
        entries.first { $0.identifier == identifier }?.slice
    }

    /// Whether a connected peer serves a protocol.
    func serves(_ identifier: PeerIdentifier, _ name: String) -> Bool {
        let list = serving(name)
        let position = Self.position(of: identifier, in: list)
        return position < list.count && list[position].identifier == identifier
    }

    /// The id behind a machine's name for a peer, if it is connected.
    func identifier(of peer: Peer) -> PeerIdentifier? {
        entries.first { $0.handle == peer }?.identifier
    }
}
