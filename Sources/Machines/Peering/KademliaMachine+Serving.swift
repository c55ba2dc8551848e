// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Machinery

/// Why a question on Kademlia is not answered.
package enum KademliaFault: Error, Hashable, Sendable {
    /// The message cannot be read.
    case message(DecodeFault)
    /// This node is a client.
    case client
    /// Values are not kept here.
    case valueRefused
    /// The key is empty.
    case keyMissing
    /// Nobody but the provider itself may say that it provides, and only with an address.
    case notTheProvider
}

/// What others ask.
extension KademliaMachine {
    /// The answer to a peer's question, empty where the protocol has none.
    ///
    /// `remote` is where the peer's connection comes from: a peer elsewhere is not told addresses
    /// that lead nowhere outside of this site.
    package mutating func answer(
        _ question: [UInt8], from peer: PeerIdentifier, remote: IPAddress?, at now: Instant
    ) throws(KademliaFault) -> [UInt8] {
        guard isServer else { throw .client }
        let message: KademliaMessage
        do throws(DecodeFault) {
            message = try KademliaMessage(decoding: question)
        } catch {
            throw .message(error)
        }
        let isLocal = remote?.isLocal ?? true
        switch message.kind {
        case .ping: return KademliaMessage(.ping).encode()
        case .putValue: throw .valueRefused
        case .getValue, .findNode:
            guard !message.key.isEmpty else { throw .keyMissing }
            var answer = KademliaMessage(message.kind, key: message.key)
            answer.closerPeers = closer(to: message.key, for: peer, isLocal: isLocal)
            if message.kind == .findNode { name(message.key, in: &answer, isLocal: isLocal) }
            return answer.encode()
        case .getProviders:
            guard !message.key.isEmpty else { throw .keyMissing }
            var answer = KademliaMessage(.getProviders, key: message.key)
            answer.closerPeers = closer(to: message.key, for: peer, isLocal: isLocal)
            var providers = records.providers(of: message.key, at: now)
            if provided.contains(where: { $0.key == message.key }) {
                providers.append((local, listenAddresses))
            }
            // Others are served others, so that no provider carries the load of all.
            answer.providerPeers = some(of: providers.count).compactMap {
                tell(providers[$0].provider, providers[$0].addresses, isLocal: isLocal)
            }
            return answer.encode()
        case .addProvider:
            try add(message, from: peer, remote: remote, at: now)
            return []
        }
    }

    /// Up to as many different places below `count` as a message holds, by lot when there are more.
    private mutating func some(of count: Int) -> [Int] {
        guard count > KademliaMessage.peerLimit else { return Array(0..<count) }
        var chosen: [Int] = []
        while chosen.count < KademliaMessage.peerLimit {
            let index = entropy.next(below: count)
            if !chosen.contains(index) { chosen.append(index) }
        }
        return chosen
    }

    private mutating func add(
        _ message: KademliaMessage, from peer: PeerIdentifier, remote: IPAddress?, at now: Instant
    ) throws(KademliaFault) {
        guard !message.key.isEmpty else { throw .keyMissing }
        guard let provider = message.providerPeers.first(where: { $0.identifier == peer }),
            !provider.addresses.isEmpty
        else { throw .notTheProvider }
        _ = records.add(
            peer, provider.addresses, for: message.key, remote: remote, at: now)
    }

    /// The servers nearest to a key, but not the one who asks.
    private func closer(
        to key: [UInt8], for peer: PeerIdentifier, isLocal: Bool
    ) -> [KademliaMessage.Peer] {
        let entries = table.closest(
            to: KademliaKey(hashing: key), limit: limits.bucketSize + 1)
        return entries.lazy.filter { $0.peer != peer }.prefix(KademliaMessage.peerLimit)
            .compactMap { tell($0.peer, $0.addresses, isLocal: isLocal) }
    }

    /// Puts the peer that is looked for first, if this node knows where it is, server or not.
    private func name(_ key: [UInt8], in answer: inout KademliaMessage, isLocal: Bool) {
        guard let wanted = PeerIdentifier.readable(key[...]),
            !answer.closerPeers.contains(where: { $0.identifier == wanted })
        else { return }
        let addresses = wanted == local ? listenAddresses : acquaintances[wanted]?.addresses
        guard let addresses, !addresses.isEmpty,
            let told = tell(wanted, addresses, isLocal: isLocal)
        else { return }
        answer.closerPeers.insert(told, at: 0)
        answer.closerPeers = Array(answer.closerPeers.prefix(KademliaMessage.peerLimit))
    }

    /// A peer with the addresses that are of use to the one who asks; nil when there are none.
    ///
    /// This node is named without as well: who asks it is connected to it.
    private func tell(
        _ peer: PeerIdentifier, _ addresses: [Multiaddress], isLocal: Bool
    ) -> KademliaMessage.Peer? {
        let useful = isLocal ? addresses : addresses.filter { !$0.isLocal }
        guard !useful.isEmpty || peer == local else { return nil }
        return KademliaMessage.Peer(
            peer, useful,
            connection: acquaintances[peer] == nil ? .notConnected : .connected)
    }
}

extension Multiaddress {
    /// Whether it begins with an address that leads nowhere outside of a machine or a site.
    var isLocal: Bool {
        guard let first = parts.first, first.kind == .ip4 || first.kind == .ip6,
            let ip = IPAddress(bytes: first.value)
        else { return false }
        return ip.isLocal
    }
}
