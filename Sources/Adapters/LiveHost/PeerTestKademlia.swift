// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import EventLoop
internal import Machinery
package import Peering

/// The Kademlia machine over a test peer: a server for others to test against, and checks of theirs.
package final class PeerTestKademlia {
    /// The checks by name.
    package static let names = [
        "kad-find-node", "kad-find-peer", "kad-provide", "kad-find-providers",
    ]

    /// What was seen, in words.
    package private(set) var report = ""

    private let eventLoop: EventLoop
    private let node: PeerTestHost
    private let protocolID: String
    private var machine: KademliaMachine
    private var remotes: [PeerIdentifier: SocketAddress] = [:]
    private var asked: [RequestNumber: KademliaQuestion] = [:]
    private var waiting: [PeerIdentifier: [(KademliaQuestion, [UInt8])]] = [:]
    private var seen: Set<PeerIdentifier> = []
    private var raw: (number: RequestNumber, answer: Result<[UInt8], RequestFault>?)?
    private var found: [Multiaddress]?
    private var providers: [KademliaMessage.Peer]?
    private var told: Int?
    private var failure: String?

    /// Serves Kademlia under a prefix on a test peer.
    package init(_ prefix: String, on node: PeerTestHost, _ eventLoop: EventLoop) {
        self.eventLoop = eventLoop
        self.node = node
        protocolID = KademliaProtocol.identifier(prefix: prefix)
        machine = KademliaMachine(
            local: node.transport.host.localPeer, isServer: true, seed: Entropy.seed())
        let protocolID = protocolID
        node.transport.perform { host, _ in
            host.serve(protocolID, KademliaProtocol.serviceLimits)
        }
        node.onNotice = { [weak self] in self?.handle($0) }
    }

    /// Tells the peer where it can be reached.
    package func listen(at addresses: [Multiaddress]) {
        tell(.listening(addresses))
        node.transport.perform { host, now in
            host.announceIdentity(listenAddresses: addresses, at: now)
        }
    }

    /// Runs a check against another implementation; false with a report when it fails.
    package func run(
        _ name: String, _ key: String, against address: Multiaddress
    ) throws -> Bool {
        let loopback = SocketAddress(ip: .v4(FixedBytes([127, 0, 0, 1]) ?? FixedBytes()), port: 0)
        listen(at: [Multiaddress(try node.transport.listen(loopback))])
        node.transport.perform { host, now in host.dial(address, at: now) }
        guard let peer = address.peer, wait({ self.seen.contains(peer) }) else {
            return fail("not identified")
        }
        switch name {
        case "kad-find-node": return findNode(peer)
        case "kad-find-peer":
            let wanted = try PeerIdentifier(key)
            tell(.findPeer(wanted))
            guard wait({ self.found != nil }), let found, !found.isEmpty else {
                return fail("\(key) was not found")
            }
            report = "\(key) at \(found[0])"
            return true
        case "kad-provide":
            tell(.provide(try Self.key(key)))
            guard wait({ self.told != nil }), let told, told > 0 else {
                return fail("nobody was told")
            }
            report = "\(told) peers were told"
            return true
        case "kad-find-providers":
            tell(.findProviders(try Self.key(key), wanted: 5))
            guard wait({ self.providers != nil }), let providers, !providers.isEmpty else {
                return fail("no providers")
            }
            report = providers.map { "\($0.identifier)" }.joined(separator: " ")
            return true
        default: return fail("no such check")
        }
    }

    /// The key of a content id of version 1 in base32, or of a topic.
    private static func key(_ text: String) throws(DecodeFault) -> [UInt8] {
        guard text.hasPrefix("b") else { return DiscoveryTopic.key(text) }
        var reader = ByteReader(try Base32.decode(text.dropFirst()))
        guard try reader.varint() == 1 else { throw .malformed("not a content id of version 1") }
        _ = try reader.varint()
        return [UInt8](reader.rest())
    }

    private func findNode(_ peer: PeerIdentifier) -> Bool {
        let question = KademliaMessage(
            .findNode, key: node.transport.host.localPeer.bytes
        ).encode()
        let name = protocolID
        let number = node.transport.perform { host, now in
            host.request(
                name, to: peer, question, answerLimit: KademliaMessage.answerLimit + 4,
                end: .message,
                deadline: now.advanced(byMilliseconds: 10_000), at: now)
        }
        raw = (number, raw?.answer)
        guard wait({ self.raw?.answer != nil }), case .success(let bytes) = raw?.answer else {
            return fail("no answer: \(String(describing: raw?.answer))")
        }
        do throws(DecodeFault) {
            let answer = try KademliaMessage(
                decoding: bytes, limit: KademliaMessage.answerLimit)
            report = "\(answer.closerPeers.count) closer peers"
            return answer.kind == .findNode || fail("an answer of another kind")
        } catch {
            return fail("\(error)")
        }
    }

    // MARK: The machine and the host

    private func handle(_ notice: PeerNotice) {
        switch notice {
        case .peerConnected(let peer, _, let remote):
            remotes[peer] = remote
            for (question, bytes) in waiting.removeValue(forKey: peer) ?? [] {
                send(question, peer, bytes)
            }
        case .peerDisconnected(let peer): tell(.peerGone(peer))
        case .identified(let peer, let identity):
            seen.insert(peer)
            tell(
                .peerSeen(
                    peer, addresses: identity.listenAddresses.map(\.withoutPeer),
                    remote: remotes[peer]?.ip,
                    isServer: identity.protocols.contains(protocolID)))
        case .dialFailed(_, let peer, let fault):
            failure = "\(fault)"
            for (question, _) in peer.flatMap({ waiting.removeValue(forKey: $0) }) ?? [] {
                tell(.answered(question, nil))
            }
        case .answered(let number, let result):
            if raw?.number == number {
                raw?.answer = result
            } else if let question = asked.removeValue(forKey: number) {
                if case .success(let bytes) = result {
                    tell(.answered(question, bytes))
                } else {
                    tell(.answered(question, nil))
                }
            }
        case .asked(let inbound, _, let peer, let bytes): serve(inbound, peer, bytes)
        default: break
        }
    }

    private func serve(_ inbound: InboundNumber, _ peer: PeerIdentifier, _ bytes: [UInt8]) {
        do throws(KademliaFault) {
            let answer = try machine.answer(
                bytes, from: peer, remote: remotes[peer]?.ip, at: node.transport.now)
            node.transport.perform { host, now in host.answerAndGoOn(inbound, answer, at: now) }
        } catch {
            node.transport.perform { host, _ in host.reset(inbound, code: .none) }
        }
    }

    private func tell(_ event: KademliaMachine.Event) {
        var effects: [KademliaMachine.Effect] = []
        machine.handle(event, at: node.transport.now, into: &effects)
        for effect in effects {
            switch effect {
            case .ask(let question, let peer, let addresses, let bytes):
                if node.transport.host.isConnected(peer) {
                    send(question, peer, bytes)
                } else {
                    dial(question, peer, addresses, bytes)
                }
            case .foundPeer(_, let addresses): found = addresses
            case .foundProviders(_, let peers): providers = peers
            case .provided(_, let count): told = count
            case .misbehaved(_, let fault): failure = "\(fault)"
            case .wake(let moment): wake(at: moment)
            }
        }
    }

    private func dial(
        _ question: KademliaQuestion, _ peer: PeerIdentifier, _ addresses: [Multiaddress],
        _ bytes: [UInt8]
    ) {
        guard let address = addresses.first(where: { $0.socketAddress != nil }) else {
            return tell(.answered(question, nil))
        }
        waiting[peer, default: []].append((question, bytes))
        if waiting[peer]?.count == 1 {
            node.transport.perform { host, now in host.dial(address, expecting: peer, at: now) }
        }
    }

    private func send(_ question: KademliaQuestion, _ peer: PeerIdentifier, _ bytes: [UInt8]) {
        let name = protocolID
        let number = node.transport.perform { host, now in
            host.request(
                name, to: peer, bytes, answerLimit: KademliaMessage.answerLimit + 4,
                end: question.end,
                deadline: now.advanced(byMilliseconds: KademliaProtocol.questionMilliseconds),
                at: now)
        }
        asked[number] = question
    }

    private func wake(at moment: Instant) {
        do throws(LoopFailure) {
            try eventLoop.schedule(
                afterMilliseconds: moment.milliseconds(since: node.transport.now) + 1
            ) { [weak self] in self?.tell(.woke) }
        } catch {
            failure = "\(error)"
        }
    }

    private func wait(_ isDone: () -> Bool) -> Bool {
        let limit = eventLoop.monotonicNanoseconds + 30_000_000_000
        while !isDone() {
            if eventLoop.monotonicNanoseconds > limit { return false }
            eventLoop.runOnce()
        }
        return true
    }

    private func fail(_ why: String) -> Bool {
        report = "\(why) \(failure ?? "")"
        return false
    }
}
