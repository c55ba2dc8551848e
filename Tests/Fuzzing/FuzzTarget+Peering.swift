// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Machinery
internal import Peering

extension FuzzTarget {
    /// Names, agreements, frames and whole connections of the peer layer.
    static let peering: [FuzzTarget] = names + messages + lightClients + machines

    private static let names: [FuzzTarget] = [
        .roundTrip(
            "multiaddress", isCanonical: true,
            decode: { input throws(DecodeFault) in try Multiaddress(decoding: input[...]) },
            encode: { $0.encode() }),
        .roundTrip(
            "multiaddress-text",
            decode: { input throws(DecodeFault) in
                try Multiaddress(String(decoding: input, as: UTF8.self))
            },
            encode: { Array($0.description.utf8) }),
        .roundTrip(
            "peer-identifier", isCanonical: true,
            decode: { input throws(DecodeFault) in try PeerIdentifier(decoding: input[...]) },
            encode: { $0.bytes }),
        .roundTrip(
            "peer-identifier-text",
            decode: { input throws(DecodeFault) in
                try PeerIdentifier(String(decoding: input, as: UTF8.self))
            },
            encode: { Array($0.text.utf8) }),
        .roundTrip(
            "identity-key",
            decode: { input throws(DecodeFault) in try IdentityPublicKey(protobuf: input[...]) },
            encode: { $0.protobuf }),
    ]

    private static let messages: [FuzzTarget] = [
        .reader("signed-peer-record") { input throws(DecodeFault) in
            _ = try SignedPeerRecord(protobuf: input[...])
        },
        .reader("identify") { input throws(DecodeFault) in
            // Messages of several parts may not fit one when they are written again.
            let message = try IdentifyMessage(decoding: input)
            let encoded = message.encode()
            if encoded.count > IdentifyMessage.sizeLimit { return }
            let again = try IdentifyMessage(decoding: encoded)
            precondition(again == message, "identify: another value")
        },
        .roundTrip(
            "header-exchange-request",
            decode: { input throws(DecodeFault) in try HeaderExchangeRequest(decoding: input) },
            encode: { $0.encode() }),
        .reader("header-exchange-answer") { input throws(DecodeFault) in
            _ = try HeaderExchange.decodeAnswer(input, amount: HeaderExchange.amountMax)
        },
        .reader("share-exchange-answer", readShareAnswer),
        .roundTrip(
            "gossip-rpc",
            decode: { input throws(DecodeFault) in try GossipRPC(decoding: input[...]) },
            encode: { $0.encode() }),
        .roundTrip(
            "square-announcement",
            decode: { input throws(DecodeFault) in try SquareAnnouncement(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "fraud-request",
            decode: { input throws(DecodeFault) in try FraudExchange.decodeRequest(input) },
            encode: { FraudExchange.encodeRequest(types: $0) }),
        .roundTrip(
            "fraud-answer",
            decode: { input throws(DecodeFault) in try FraudExchange.decodeAnswer(input) },
            encode: { FraudExchange.encodeAnswer($0) }),
        .roundTrip(
            "sidecar-answer",
            decode: { input throws(DecodeFault) in try SidecarExchange.decodeAnswer(input) },
            encode: { SidecarExchange.encodeAnswer($0.encode()) }),
    ]

    /// Questions and answers of light nodes.
    private static let lightClients: [FuzzTarget] = [
        .roundTrip(
            "sampling-header-request", isCanonical: true,
            decode: { input throws(DecodeFault) in try SamplingHeaderRequest(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "divergence-report",
            decode: { input throws(DecodeFault) in try DivergenceReport(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "sample-many-request", isCanonical: true,
            decode: { input throws(DecodeFault) in try SampleManyRequest(decoding: input) },
            encode: { $0.encode() }),
        .reader("sampling-header-answer") { input throws(DecodeFault) in
            let questions: [SamplingHeaderRequest.Subject] = [
                .news, .origin(1, amount: HeaderExchange.amountMax),
                .roots(height: 1, [AxisLine(.row, 0), AxisLine(.column, 1)]),
            ]
            var last: DecodeFault?
            for question in questions {
                do throws(DecodeFault) {
                    let request = SamplingHeaderRequest(question)
                    _ = try SamplingHeaderExchange.decodeAnswer(input, to: request)
                    return
                } catch { last = error }
            }
            if let last { throw last }
        },
        .reader("sample-many-answer") { input throws(DecodeFault) in
            let places = (0..<4).map { Coordinate(row: $0 / 2, column: $0 % 2) }
            _ = try SampleManyExchange.decodeAnswer(
                input, to: SampleManyRequest(height: 1, wantsRoots: true, coordinates: places))
        },
    ]

    private static let machines: [FuzzTarget] = [
        FuzzTarget("multistream") { input in
            var whole = MultistreamMachine(acceptingUpTo: 8)
            var cut = whole
            let atOnce = Result { try whole.receive(input[...]) { $0.hasPrefix("/a") } }
            var output: [UInt8] = []
            var isFaulty = false
            for (place, byte) in input.enumerated() where !isFaulty && cut.outcome == .pending {
                do {
                    output += try cut.receive([byte][...]) { $0.hasPrefix("/a") }.output
                } catch {
                    isFaulty = true
                }
                precondition(place < input.count, "multistream: past its input")
            }
            switch atOnce {
            case .success(let answer):
                precondition(!isFaulty && answer.output == output, "multistream: cuts matter")
            case .failure:
                precondition(isFaulty, "multistream: cuts matter")
            }
        },
        FuzzTarget("noise-handshake") { input in
            let identity = NoiseIdentity(
                key: IdentityPrivateKey(seed: Bytes32(repeating: 1)),
                staticPrivateKey: Bytes32(repeating: 2), muxers: ["/yamux/1.0.0"])
            for isInitiator in [true, false] {
                var machine = NoiseMachine(
                    isInitiator: isInitiator, identity: identity,
                    ephemeralKey: Bytes32(repeating: 3))
                if isInitiator { _ = machine.start() }
                do throws(NoiseFault) {
                    _ = try machine.receive(input[...])
                } catch {
                    precondition(machine.result == nil, "noise: a result in spite of a fault")
                }
            }
        },
        FuzzTarget("yamux", feedYamux),
        FuzzTarget("session", feedSession),
        FuzzTarget("gossip-machine", feedGossip),
    ]

    /// The first byte says what was asked for, the rest is the answer.
    @Sendable private static func readShareAnswer(_ input: [UInt8]) throws(DecodeFault) {
        let kinds = ShareRequest.Kind.allCases
        let kind = kinds[Int(input.first ?? 0) % kinds.count]
        var question = [UInt8](repeating: 0, count: kind.requestSize)
        question[7] = 1
        if kind == .range { question[15] = 1 }
        let request = try ShareRequest(decoding: question, kind: kind)
        _ = try ShareExchange.decodeAnswer(Array(input.dropFirst()), to: request, width: 4)
    }

    /// The same frames, whole and cut into pieces, mean the same.
    @Sendable private static func feedYamux(_ input: [UInt8]) {
        func run(_ size: Int) -> (events: [String], output: [UInt8]) {
            var machine = YamuxMachine(isDialer: false)
            let now = Instant(nanoseconds: 1_700_000_000_000_000_000)
            var data: [UInt32: [UInt8]] = [:]
            var events: [String] = []
            var rest = input[...]
            var isOpen = true
            while isOpen, !rest.isEmpty {
                var batch: [YamuxMachine.Event] = []
                do throws(YamuxFault) {
                    try machine.receive(rest.prefix(size), at: now, into: &batch)
                } catch {
                    isOpen = false
                }
                rest = rest.dropFirst(size)
                for event in batch {
                    if case .data(let stream, let bytes) = event {
                        data[stream, default: []] += bytes
                    } else {
                        events.append("\(event)")
                    }
                }
            }
            events.append("open: \(isOpen)")
            for stream in data.keys.sorted() { events.append("\(stream): \(data[stream] ?? [])") }
            return (events, machine.takeOutput(limit: 1 << 20))
        }
        let whole = run(max(1, input.count))
        let cut = run(5)
        precondition(
            whole.events == cut.events, "yamux: cuts matter: \(whole.events), \(cut.events)")
        precondition(whole.output.count <= 65_536 + 12, "yamux: answers without bound")
    }

    /// A listening session bears any bytes before and inside its handshake.
    @Sendable private static func feedSession(_ input: [UInt8]) {
        let identity = NoiseIdentity(
            key: IdentityPrivateKey(seed: Bytes32(repeating: 1)),
            staticPrivateKey: Bytes32(repeating: 2), muxers: ["/yamux/1.0.0"])
        let now = Instant(nanoseconds: 1_700_000_000_000_000_000)
        let cipher = BulkCipher()
        for isDialer in [true, false] {
            var session = SessionMachine(
                isDialer: isDialer, identity: identity, ephemeralKey: Bytes32(repeating: 3),
                cipher: cipher, at: now)
            var events: [SessionMachine.Event] = []
            session.receive(input, at: now, serving: ["/a"], into: &events)
            _ = session.takeOutput(limit: 1 << 16)
            session.tick(at: now.advanced(byMilliseconds: 60_000), into: &events)
            precondition(!session.isOpen || !events.isEmpty, "session: open unasked")
        }
    }

    /// A machine bears any RPC from any peer, and what it keeps stays within its limits.
    ///
    /// The input is RPCs behind their lengths in one byte; the first byte says how time goes by.
    @Sendable private static func feedGossip(_ input: [UInt8]) {
        let key = IdentityPrivateKey(seed: Bytes32(repeating: 1))
        var machine = GossipMachine(
            GossipMachine.Configuration(
                key: key, seed: Bytes32(repeating: 2),
                topics: [
                    GossipTopicRules("t", naming: .contentHash, scoring: GossipTopicScoring()),
                    GossipTopicRules("/quadrat/test/topic", naming: .committedBlock),
                ]))
        var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
        var effects: [GossipEffect] = []
        machine.handle(.joined("t"), at: now, into: &effects)
        machine.handle(.joined("/quadrat/test/topic"), at: now, into: &effects)
        guard let address = IPAddress(bytes: [10, 0, 0, 1]) else { return }
        let peers = (2..<5).map { IdentityPrivateKey(seed: Bytes32(repeating: $0)).peer }
        for peer in peers {
            machine.handle(.connected(peer, address, isOutbound: false), at: now, into: &effects)
            machine.handle(.writable(peer, .meshDontWant), at: now, into: &effects)
        }
        var rest = input.dropFirst()
        var turn = 0
        while let size = rest.first {
            let body = rest.dropFirst().prefix(Int(size))
            rest = rest.dropFirst(1 + Int(size))
            let peer = peers[turn % peers.count]
            turn += 1
            do throws(DecodeFault) {
                machine.handle(
                    .received(peer, try GossipRPC(decoding: body)), at: now, into: &effects)
            } catch {
                machine.handle(.malformed(peer), at: now, into: &effects)
            }
            for case .deliver(let delivery) in effects {
                let verdict: GossipVerdict = delivery.data.isEmpty ? .reject : .accept
                machine.handle(.judged(delivery.number, verdict), at: now, into: &effects)
            }
            effects = []
            now = now.advanced(byMilliseconds: UInt64(input[0]) * 10)
        }
        precondition(machine.waitingCount <= GossipLimits.validations, "gossip: too many wait")
        for topic in machine.topics {
            precondition(machine.meshPeers(of: topic).count <= 3, "gossip: strangers in the mesh")
        }
    }
}
