// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Machinery

/// A question that the Kademlia machine wants asked.
package struct KademliaQuestion: Hashable, Comparable, Sendable {
    /// Counts up from 1.
    let number: UInt64
    /// Where its answer ends; peers need not answer that a provider is told of.
    package let end: PeerHost.AnswerEnd

    package static func < (lhs: KademliaQuestion, rhs: KademliaQuestion) -> Bool {
        lhs.number < rhs.number
    }
}

/// The distributed table of who is where and who provides what (Kademlia as libp2p has it).
///
/// It keeps the routing table, searches, tells that this node provides something, and, as a server,
/// answers others. It opens no connection: whoever owns it asks what it wants asked and tells what
/// came of it. Specified in Protocol/13-discovery.md#kademlia.
package struct KademliaMachine: Machine {
    /// What can happen.
    package enum Event: Sendable {
        /// A peer is connected and has told of itself; `remote` is where its connection comes from.
        case peerSeen(
            PeerIdentifier, addresses: [Multiaddress], remote: IPAddress?, isServer: Bool)
        /// The last connection to a peer is gone.
        case peerGone(PeerIdentifier)
        /// A question is over; without an answer when the peer gave none.
        case answered(KademliaQuestion, [UInt8]?)
        /// Where a peer can be reached is wanted → `foundPeer`.
        case findPeer(PeerIdentifier)
        /// Up to so many providers of a key are wanted → `foundProviders`.
        case findProviders([UInt8], wanted: Int)
        /// This node provides a key, and tells so from time to time → `provided`.
        case provide([UInt8])
        /// This node's own addresses are these.
        case listening([Multiaddress])
        /// A moment asked for may have come.
        case woke
    }

    /// What is to be done.
    package enum Effect: Equatable, Sendable {
        /// Ask a peer, connecting to it if need be; answered by `answered`, once.
        case ask(KademliaQuestion, PeerIdentifier, [Multiaddress], [UInt8])
        /// A search for a peer is over; no addresses when it was not found.
        case foundPeer(PeerIdentifier, [Multiaddress])
        /// A search for providers is over.
        case foundProviders([UInt8], [KademliaMessage.Peer])
        /// So many peers were told that this node provides a key.
        case provided([UInt8], told: Int)
        /// A peer's answer is no answer.
        case misbehaved(PeerIdentifier, DecodeFault)
        /// Send `woke` at this moment.
        case wake(at: Instant)
    }

    enum Purpose {
        case lookup(Int)
        case announcement(Int)
        case liveness
    }

    struct Pending {
        let peer: PeerIdentifier
        let kind: KademliaMessage.Kind
        let purpose: Purpose
    }

    struct Announcement {
        let key: [UInt8]
        var waiting: Int
        var told = 0
    }

    struct Acquaintance {
        let addresses: [Multiaddress]
        let isServer: Bool
    }

    let local: PeerIdentifier
    let isServer: Bool
    let limits: KademliaLimits
    /// The servers that are known.
    package internal(set) var table: KademliaTable
    /// What others provide.
    package internal(set) var records: ProviderRecords
    var entropy: SeededGenerator
    var listenAddresses: [Multiaddress] = []
    var acquaintances: [PeerIdentifier: Acquaintance] = [:]
    var lookups: [Int: KademliaLookup] = [:]
    /// Those that may have something to do.
    var stirred: Set<Int> = []
    var announcements: [Int: Announcement] = [:]
    var pending: [KademliaQuestion: Pending] = [:]
    /// Keys that this node provides, and when each is told of again.
    var provided: [(key: [UInt8], due: Instant)] = []
    var nextRefresh: Instant?
    var wakeRequested: Instant?
    var lookupCount = 0
    var questionCount: UInt64 = 0

    /// A machine of the node named `local`; a client keeps the table and answers nobody.
    package init(
        local: PeerIdentifier, isServer: Bool, seed: Bytes32,
        limits: KademliaLimits = KademliaLimits()
    ) {
        self.local = local
        self.isServer = isServer
        self.limits = limits
        table = KademliaTable(own: KademliaKey(of: local), limits: limits)
        records = ProviderRecords(limits: limits)
        entropy = SeededGenerator(seed: seed)
    }

    /// Takes one event and appends what must be done about it.
    package mutating func handle(
        _ event: Event, at now: Instant, into effects: inout [Effect]
    ) {
        switch event {
        case .peerSeen(let peer, let addresses, let remote, let isServer):
            seen(peer, addresses, remote, isServer: isServer, at: now)
        case .peerGone(let peer): acquaintances[peer] = nil
        case .answered(let question, let bytes):
            answered(question, bytes, at: now, into: &effects)
        case .findPeer(let peer):
            start(peer.bytes, .peer(peer), at: now, into: &effects)
        case .findProviders(let key, let wanted):
            start(key, .providers(wanted), at: now, into: &effects)
        case .provide(let key): provide(key, at: now, into: &effects)
        case .listening(let addresses): listenAddresses = addresses
        case .woke: stirred.formUnion(lookups.keys)
        }
        keepTime(at: now, into: &effects)
    }

    /// What is due is done, and the next moment asked for.
    private mutating func keepTime(at now: Instant, into effects: inout [Effect]) {
        if wakeRequested.map({ $0 <= now }) ?? false { wakeRequested = nil }
        if let due = nextRefresh, due <= now { refresh(at: now, into: &effects) }
        for index in provided.indices where provided[index].due <= now {
            provide(provided[index].key, at: now, into: &effects)
        }
        continueLookups(at: now, into: &effects)
        var first = nextRefresh
        for moment in provided.map(\.due) + lookups.values.compactMap(\.tailEnd) {
            first = min(first ?? moment, moment)
        }
        guard let first, wakeRequested.map({ first < $0 }) ?? true else { return }
        wakeRequested = first
        effects.append(.wake(at: first))
    }

    private mutating func seen(
        _ peer: PeerIdentifier, _ addresses: [Multiaddress], _ remote: IPAddress?,
        isServer: Bool, at now: Instant
    ) {
        guard peer != local else { return }
        acquaintances[peer] = Acquaintance(addresses: addresses, isServer: isServer)
        guard isServer else { return table.remove(peer) }
        let before = table.count
        _ = table.seen(peer, addresses, remote: remote, at: now)
        if before == 0, table.count > 0 { nextRefresh = now }
    }

    // MARK: Looking after the table

    /// Looks for this node's own neighbourhood and a random place in every bucket, and whether those
    /// live who keep others waiting.
    private mutating func refresh(at now: Instant, into effects: inout [Effect]) {
        let isSparse = table.count < limits.bucketSize
        nextRefresh = now.advanced(
            byMilliseconds: isSparse ? limits.sparseRefreshMilliseconds : limits.refreshMilliseconds
        )
        records.expire(at: now)
        guard table.count > 0 else { return }
        start(local.bytes, .closest, at: now, into: &effects)
        for bucket in 0..<min(Self.refreshedBuckets, (table.deepestBucket ?? -1) + 1) {
            guard let key = randomPeer(inBucket: bucket) else { continue }
            start(key, .closest, at: now, into: &effects)
        }
        let quiet = Instant(
            nanoseconds: now.nanoseconds
                - min(now.nanoseconds, limits.refreshMilliseconds * 1_000_000))
        for entry in table.doubtful(since: quiet).prefix(limits.bucketSize) {
            ask(
                entry.peer, entry.addresses, KademliaMessage(.ping), .liveness, into: &effects)
        }
    }

    /// Buckets that random places are looked up in; deeper ones are near this node's own place.
    private static let refreshedBuckets = 12

    /// The bytes of a peer id that falls into a bucket, by trying; nil when none was met.
    private mutating func randomPeer(inBucket bucket: Int) -> [UInt8]? {
        let own = KademliaKey(of: local)
        for _ in 0..<(8 << bucket) {
            let name = Multihash(code: Multihash.sha256Code, digest: entropy.bytes(32)).encode()
            if own.commonPrefix(with: KademliaKey(hashing: name)) == bucket { return name }
        }
        return nil
    }

    // MARK: Questions

    mutating func ask(
        _ peer: PeerIdentifier, _ addresses: [Multiaddress], _ message: KademliaMessage,
        _ purpose: Purpose, into effects: inout [Effect]
    ) {
        questionCount += 1
        let question = KademliaQuestion(
            number: questionCount, end: message.kind == .addProvider ? .messageIfAny : .message)
        pending[question] = Pending(peer: peer, kind: message.kind, purpose: purpose)
        effects.append(.ask(question, peer, addresses, message.encode()))
    }

    private mutating func answered(
        _ question: KademliaQuestion, _ bytes: [UInt8]?, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let asked = pending.removeValue(forKey: question) else { return }
        var answer: KademliaMessage?
        if let bytes, asked.kind != .addProvider {
            do throws(DecodeFault) {
                let message = try KademliaMessage(
                    decoding: bytes, limit: KademliaMessage.answerLimit)
                if message.kind == asked.kind { answer = message }
            } catch {
                effects.append(.misbehaved(asked.peer, error))
            }
        }
        switch asked.purpose {
        case .liveness:
            settle(asked.peer, isAlive: bytes != nil, at: now)
        case .announcement(let number):
            if bytes != nil { announcements[number]?.told += 1 }
            announcements[number]?.waiting -= 1
            finishAnnouncement(number, into: &effects)
        case .lookup(let number):
            settle(asked.peer, isAlive: answer != nil, at: now)
            stirred.insert(number)
            if let answer {
                lookups[number]?.answered(asked.peer, answer)
            } else {
                lookups[number]?.failed(asked.peer)
            }
        }
    }

    private mutating func settle(_ peer: PeerIdentifier, isAlive: Bool, at now: Instant) {
        if isAlive { table.answered(peer, at: now) } else { table.remove(peer) }
    }
}
