// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// The part of an RPC that keeps the mesh: who has what, who wants what, who belongs to it.
///
/// Specified in Protocol/12-gossip.md#messages.
package struct GossipControl: Hashable, Sendable {
    /// That the sender has messages of a topic.
    package struct Have: Hashable, Sendable {
        /// The topic.
        package var topic = ""
        /// The messages.
        package var ids: [GossipID] = []

        /// Takes the parts.
        package init(topic: String = "", ids: [GossipID] = []) {
            self.topic = topic
            self.ids = ids
        }
    }

    /// That the receiver is no more in the sender's mesh of a topic.
    package struct Prune: Hashable, Sendable {
        /// The topic.
        package var topic = ""
        /// Others who take part in it.
        package var peers: [Exchanged] = []
        /// Seconds in which no GRAFT is welcome; nil where the sender did not say.
        package var backoffSeconds: UInt64?

        /// Takes the parts.
        package init(topic: String = "", peers: [Exchanged] = [], backoffSeconds: UInt64? = nil) {
            self.topic = topic
            self.peers = peers
            self.backoffSeconds = backoffSeconds
        }
    }

    /// Another peer, named in a PRUNE.
    package struct Exchanged: Hashable, Sendable {
        /// Its peer id.
        package var peer: [UInt8] = []
        /// Its signed peer record; empty where the sender has none.
        package var record: [UInt8] = []

        /// Takes the parts.
        package init(peer: [UInt8] = [], record: [UInt8] = []) {
            self.peer = peer
            self.record = record
        }
    }

    /// IHAVE.
    package var haves: [Have] = []
    /// IWANT: the ids of all of them.
    package var wants: [GossipID] = []
    /// GRAFT: topics in whose mesh the sender now has the receiver.
    package var grafts: [String] = []
    /// PRUNE.
    package var prunes: [Prune] = []
    /// IDONTWANT: one list of ids each.
    package var dontWants: [[GossipID]] = []

    /// Nothing.
    package init() {}

    /// Whether it says nothing.
    package var isEmpty: Bool {
        haves.isEmpty && wants.isEmpty && grafts.isEmpty && prunes.isEmpty && dontWants.isEmpty
    }

    mutating func read(_ fields: ProtobufReader) throws(DecodeFault) {
        var reader = fields
        while let field = try reader.next() {
            let offset = field.offset
            switch field.number {
            case 1:
                try GossipRPC.check(haves.count, "IHAVEs", at: offset)
                haves.append(try have(try field.message()))
            case 2:
                try Self.readIDs(try field.message(), beside: 0, into: &wants)
            case 3:
                try GossipRPC.check(grafts.count, "GRAFTs", at: offset)
                grafts.append(try Self.graft(try field.message()))
            case 4:
                try GossipRPC.check(prunes.count, "PRUNEs", at: offset)
                prunes.append(try Self.prune(try field.message()))
            case 5:
                try GossipRPC.check(dontWants.count, "IDONTWANTs", at: offset)
                var ids: [GossipID] = []
                let others = dontWants.reduce(0) { $0 + $1.count }
                try Self.readIDs(try field.message(), beside: others, into: &ids)
                dontWants.append(ids)
            default: break
            }
        }
    }

    func write(to writer: inout ProtobufWriter) {
        for have in haves {
            writer.message(1) {
                $0.presentBytes(1, Array(have.topic.utf8))
                for id in have.ids { $0.presentBytes(2, id) }
            }
        }
        if !wants.isEmpty {
            writer.message(2) { for id in wants { $0.presentBytes(1, id) } }
        }
        for topic in grafts { writer.message(3) { $0.presentBytes(1, Array(topic.utf8)) } }
        for prune in prunes {
            writer.message(4) {
                $0.presentBytes(1, Array(prune.topic.utf8))
                for peer in prune.peers {
                    $0.message(2) {
                        $0.presentBytes(1, peer.peer)
                        $0.bytes(2, peer.record)
                    }
                }
                if let seconds = prune.backoffSeconds { $0.presentVarint(3, seconds) }
            }
        }
        for ids in dontWants {
            writer.message(5) { for id in ids { $0.presentBytes(1, id) } }
        }
    }

    private func have(_ fields: ProtobufReader) throws(DecodeFault) -> Have {
        var reader = fields
        var have = Have()
        let others = haves.reduce(0) { $0 + $1.ids.count }
        while let field = try reader.next() {
            switch field.number {
            case 1: have.topic = try field.string(limit: GossipLimits.topicBytes)
            case 2: try Self.append(field, beside: others + have.ids.count, to: &have.ids)
            default: break
            }
        }
        return have
    }

    private static func graft(_ fields: ProtobufReader) throws(DecodeFault) -> String {
        var reader = fields
        var topic = ""
        while let field = try reader.next() {
            if field.number == 1 { topic = try field.string(limit: GossipLimits.topicBytes) }
        }
        return topic
    }

    private static func prune(_ fields: ProtobufReader) throws(DecodeFault) -> Prune {
        var reader = fields
        var prune = Prune()
        while let field = try reader.next() {
            switch field.number {
            case 1: prune.topic = try field.string(limit: GossipLimits.topicBytes)
            case 2:
                var message = try field.message()
                var peer = Exchanged()
                while let field = try message.next() {
                    switch field.number {
                    case 1: peer.peer = [UInt8](try field.bytes())
                    case 2: peer.record = [UInt8](try field.bytes())
                    default: break
                    }
                }
                // More than the limit is no fault: others are freer with names than we are.
                if prune.peers.count < GossipLimits.exchangePeers { prune.peers.append(peer) }
            case 3: prune.backoffSeconds = try field.varint()
            default: break
            }
        }
        return prune
    }

    private static func readIDs(
        _ fields: ProtobufReader, beside others: Int, into ids: inout [GossipID]
    ) throws(DecodeFault) {
        var reader = fields
        while let field = try reader.next() {
            if field.number == 1 { try append(field, beside: others + ids.count, to: &ids) }
        }
    }

    private static func append(
        _ field: ProtobufField, beside others: Int, to ids: inout [GossipID]
    ) throws(DecodeFault) {
        guard others < GossipLimits.idsPerRPC else {
            throw DecodeFault(
                .overLimit(
                    field: "message ids", limit: GossipLimits.idsPerRPC, actual: others + 1),
                at: field.offset)
        }
        let id = try field.bytes()
        if id.count <= GossipLimits.idBytes { ids.append([UInt8](id)) }
    }
}
