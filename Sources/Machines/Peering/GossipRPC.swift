// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// What one node tells another about gossip in one piece.
///
/// Source: libp2p/specs, pubsub and gossipsub 1.0, 1.1, 1.2.
/// Specified in Protocol/12-gossip.md#messages.
package struct GossipRPC: Hashable, Sendable {
    /// That a topic is wanted from now on, or no more.
    package struct Subscription: Hashable, Sendable {
        /// Whether it is wanted.
        package var isWanted: Bool
        /// The topic.
        package var topic: String

        /// Takes the parts.
        package init(_ topic: String, isWanted: Bool) {
            self.topic = topic
            self.isWanted = isWanted
        }
    }

    /// What is wanted.
    package var subscriptions: [Subscription] = []
    /// Messages.
    package var messages: [GossipMessage] = []
    /// How the mesh is kept.
    package var control = GossipControl()

    /// Nothing.
    package init() {}

    /// Whether it says nothing.
    package var isEmpty: Bool { self == GossipRPC() }

    /// Reads an RPC; counts over their limits are refused before anything is set aside for them.
    package init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count <= GossipLimits.rpcBytes else {
            throw DecodeFault(
                .overLimit(field: "RPC", limit: GossipLimits.rpcBytes, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                try Self.check(subscriptions.count, "subscriptions", at: field.offset)
                subscriptions.append(try Self.subscription(try field.message()))
            case 2:
                try Self.check(messages.count, "messages", at: field.offset)
                messages.append(try GossipMessage(try field.message()))
            case 3:
                try control.read(try field.message())
            default: break
            }
        }
    }

    /// The bytes of the RPC, without its length.
    package func encode() -> [UInt8] {
        let size = messages.reduce(256) { $0 + ($1.data?.count ?? 0) + 256 }
        var writer = ProtobufWriter(capacity: size)
        for subscription in subscriptions {
            writer.message(1) {
                $0.presentVarint(1, subscription.isWanted ? 1 : 0)
                $0.presentBytes(2, Array(subscription.topic.utf8))
            }
        }
        for message in messages { writer.message(2) { message.write(to: &$0) } }
        if !control.isEmpty { writer.message(3) { control.write(to: &$0) } }
        return writer.bytes
    }

    private static func subscription(
        _ fields: ProtobufReader
    ) throws(DecodeFault) -> Subscription {
        var reader = fields
        var isWanted = false
        var topic = ""
        while let field = try reader.next() {
            switch field.number {
            case 1: isWanted = try field.bool()
            case 2: topic = try field.string(limit: GossipLimits.topicBytes)
            default: break
            }
        }
        return Subscription(topic, isWanted: isWanted)
    }

    static func check(_ count: Int, _ what: String, at offset: Int) throws(DecodeFault) {
        guard count < GossipLimits.entriesPerRPC else {
            throw DecodeFault(
                .overLimit(field: what, limit: GossipLimits.entriesPerRPC, actual: count + 1),
                at: offset)
        }
    }
}
