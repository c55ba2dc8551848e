// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Machinery

/// All of a node's connections: who is there, what may be asked of them, what they may ask.
///
/// A host moves bytes and tells the time; a role asks questions and answers them. Between the two
/// stand, per connection, a `SessionMachine`, and here the limits that hold for all of them. Three
/// ways to use a stream, each built on the one below:
///
///     request / serve     one question, one answer, both whole
///     openStream          bytes as they come, with credit
///     the session         multistream, yamux, Noise
///
/// Ping, identify and perf are answered here. Commands queue what they cause; `flush` or the next
/// `handle` hands it out, so that what one turn causes leaves in one piece per connection.
/// A peer host is not copied: copies would share their connections.
/// Specified in Protocol/09-peer-layer.md.
package struct PeerHost: Machine {
    /// Who a node is and what it gives.
    package struct Configuration: Sendable {
        /// The key that the node's name is made of.
        package var key: IdentityPrivateKey
        /// 32 secret bytes that the handshakes' keys are drawn from.
        package var seed: Bytes32
        /// What the node runs, as others are told: at most 256 bytes.
        package var agentVersion = "quadrat"
        /// The network's name, as others are told.
        package var protocolVersion = "quadrat/1"
        /// Where others may connect to.
        package var listenAddresses: [Multiaddress] = []
        /// Whether perf measurements of peers are answered.
        package var isPerfServed = false
        /// What strangers are given.
        package var limits = PeerHostLimits()

        /// A node with the defaults for the rest.
        package init(key: IdentityPrivateKey, seed: Bytes32) {
            self.key = key
            self.seed = seed
        }
    }

    enum DeadlineSubject {
        case session(ConnectionNumber)
        case stream(StreamNumber)
        case request(RequestNumber)
    }

    static let pingProtocol = "/ipfs/ping/1.0.0"
    static let identifyProtocol = "/ipfs/id/1.0.0"
    static let pushProtocol = "/ipfs/id/push/1.0.0"
    static let perfProtocol = "/perf/1.0.0"

    let limits: PeerHostLimits
    let identity: NoiseIdentity
    let cipher = BulkCipher()
    var configuration: Configuration
    var entropy: SeededGenerator

    var connections: [ConnectionNumber: PeerConnection] = [:]
    var peers: [PeerIdentifier: PeerState] = [:]
    var dials: [ConnectionNumber: Dial] = [:]
    var backoffs: [SocketAddress: Backoff] = [:]
    var dialCount: UInt64 = 0
    var handshakingCount = 0
    var admission: AdmissionControl
    var blocks = BlockList()
    /// Rises with every change of the block list.
    package internal(set) var blockRevision = 0
    var memoryUsed = 0

    var services: [String: Service] = [:]
    var served: Set<String>
    var questionMeters: [QuestionSource: RateMeter] = [:]
    var identifyMeters: [[UInt8]: RateMeter] = [:]
    var identifyMeter = RateMeter()
    /// Our addresses, signed; empty until somebody asks.
    var signedRecord: [UInt8] = []

    /// What streams carried, by protocol: only those that this node serves or has asked for.
    var protocolTraffic: [String: Traffic] = [:]
    /// The last moment that was told, for what is counted between two.
    var moment = Instant(nanoseconds: 0)
    var requests: [RequestNumber: Request] = [:]
    var requestCount: UInt64 = 0

    var deadlines = DeadlineHeap<DeadlineSubject>()
    var wakeRequested: Instant?
    var dirty: [ConnectionNumber] = []
    var outbox: [PeerEffect] = []

    /// A node with no connection yet.
    package init(_ configuration: Configuration) {
        self.configuration = configuration
        limits = configuration.limits
        entropy = SeededGenerator(seed: configuration.seed)
        guard let staticKey = Bytes32(entropy.bytes(32)) else {
            preconditionFailure("32 bytes are 32 bytes")
        }
        identity = NoiseIdentity(
            key: configuration.key, staticPrivateKey: staticKey,
            muxers: [SessionMachine.muxerProtocol])
        admission = AdmissionControl(limits.admission)
        served = [Self.pingProtocol, Self.identifyProtocol, Self.pushProtocol]
        if configuration.isPerfServed { served.insert(Self.perfProtocol) }
    }

    /// The node's own name.
    package var localPeer: PeerIdentifier { identity.peer }

    /// Takes one event and appends what must be done about it and what was queued before.
    package mutating func handle(
        _ event: PeerEvent, at now: Instant, into effects: inout [PeerEffect]
    ) {
        moment = now
        switch event {
        case .connected(let number, let remote): connect(number, remote, at: now)
        case .received(let number, let bytes): receive(bytes, on: number, at: now)
        case .drained(let number):
            connections[number]?.sentSinceDrained = 0
            connections[number]?.drainDeadline = nil
            markDirty(number)
        case .disconnected(let number): disconnect(number, at: now)
        case .woke:
            wakeRequested = nil
            handleDeadlines(at: now)
        }
        flush(at: now, into: &effects)
    }

    /// Appends what the commands since the last call caused.
    package mutating func flush(at now: Instant, into effects: inout [PeerEffect]) {
        moment = now
        var index = 0
        while index < dirty.count {
            send(dirty[index], at: now)
            index += 1
        }
        dirty.removeAll(keepingCapacity: true)
        shedMemory(at: now)
        if let first = deadlines.first, wakeRequested.map({ first < $0 }) ?? true {
            wakeRequested = first
            outbox.append(.wake(at: first))
        }
        effects += outbox
        outbox.removeAll(keepingCapacity: true)
    }

    mutating func tell(_ notice: PeerNotice) {
        outbox.append(.notice(notice))
    }

    mutating func markDirty(_ number: ConnectionNumber) {
        guard connections[number]?.isDirty == false else { return }
        connections[number]?.isDirty = true
        dirty.append(number)
    }

    /// Sends what a connection may send now, and counts what it holds.
    private mutating func send(_ number: ConnectionNumber, at now: Instant) {
        guard connections[number] != nil else { return }
        connections[number]?.isDirty = false
        while connections[number]?.mustSend == true {
            let sent = connections[number]?.sentSinceDrained ?? 0
            let room = max(1, limits.inFlightBytes - sent)
            let bytes = connections[number]?.session.takeOutput(limit: room) ?? []
            if bytes.isEmpty { break }
            outbox.append(.send(number, bytes))
            connections[number]?.traffic.add(out: bytes.count, at: now)
            connections[number]?.sentSinceDrained = sent + bytes.count
            if sent + bytes.count >= limits.inFlightBytes {
                outbox.append(.awaitDrain(number))
                let deadline = now.advanced(byMilliseconds: limits.stallMilliseconds)
                connections[number]?.drainDeadline = deadline
                deadlines.insert(.session(number), at: deadline)
            }
            continueDrained(number, at: now)
        }
        endFinished(number, at: now)
        count(number)
        schedule(number)
    }

    /// Brings the memory count up to date.
    private mutating func count(_ number: ConnectionNumber) {
        guard let held = connections[number]?.heldBytes,
            let counted = connections[number]?.countedBytes
        else { return }
        let bytes = limits.connectionBytes + held
        memoryUsed += bytes - counted
        connections[number]?.countedBytes = bytes
    }

    /// Sees to it that the session is looked at when its next deadline comes.
    private mutating func schedule(_ number: ConnectionNumber) {
        guard let next = connections[number]?.session.nextDeadline else { return }
        if let scheduled = connections[number]?.scheduled, scheduled <= next { return }
        connections[number]?.scheduled = next
        deadlines.insert(.session(number), at: next)
    }
}
