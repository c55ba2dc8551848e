// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// The other end of one connection to a peer host, free to send anything at any layer.
struct Attacker {
    static let address = SocketAddress("127.0.0.1:4000")

    /// What a host under attack was made to do.
    struct Victim {
        var host: PeerHost
        var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
        var notices: [PeerNotice] = []
        var wake: Instant?
        var hungUp: Set<ConnectionNumber> = []
        var sent: [ConnectionNumber: [UInt8]] = [:]
        var awaited: Set<ConnectionNumber> = []
        /// Whether the host's bytes are taken.
        var isReading = true
        var acceptedCount: UInt64 = 0

        init(_ change: (inout PeerHost.Configuration) -> Void = { _ in }) {
            var configuration = PeerHost.Configuration(
                key: IdentityPrivateKey(seed: Bytes32(repeating: 1)),
                seed: Bytes32(repeating: 2))
            configuration.isPerfServed = true
            change(&configuration)
            host = PeerHost(configuration)
        }

        mutating func handle(_ event: PeerEvent) {
            var effects: [PeerEffect] = []
            host.handle(event, at: now, into: &effects)
            perform(effects)
        }

        mutating func perform(_ effects: [PeerEffect]) {
            for effect in effects {
                switch effect {
                case .send(let number, let bytes): sent[number, default: []] += bytes
                case .awaitDrain(let number):
                    awaited.insert(number)
                case .hangUp(let number): hungUp.insert(number)
                case .wake(let moment): wake = moment
                case .notice(let notice): notices.append(notice)
                case .dial: break
                }
            }
            if isReading {
                for number in awaited.sorted() {
                    awaited.remove(number)
                    handle(.drained(number))
                }
            }
        }

        /// Lets time pass, waking the host when it asked for it.
        mutating func pass(milliseconds: UInt64) {
            let end = now.advanced(byMilliseconds: milliseconds)
            while let moment = wake, moment <= end {
                now = max(now, moment)
                wake = nil
                handle(.woke)
            }
            now = end
        }

        /// A connection from `remote` that the host may refuse.
        mutating func accept(from remote: SocketAddress?) -> ConnectionNumber {
            let number = ConnectionNumber.accepted(acceptedCount)
            acceptedCount += 1
            if let remote { handle(.connected(number, remote: remote)) }
            return number
        }

        mutating func change(_ body: (inout PeerHost, Instant) -> Void) {
            body(&host, now)
            var effects: [PeerEffect] = []
            host.flush(at: now, into: &effects)
            perform(effects)
        }

        var sessionEnds: [SessionEnd] {
            notices.compactMap {
                if case .observed(.sessionEnded(_, _, let end)) = $0 { end } else { nil }
            }
        }

        var refusals: [AdmissionFault] {
            notices.compactMap {
                if case .observed(.refused(_, let fault)) = $0 { fault } else { nil }
            }
        }

        var questions: [(InboundNumber, [UInt8])] {
            notices.compactMap {
                if case .asked(let number, _, _, let bytes) = $0 { (number, bytes) } else { nil }
            }
        }
    }

    let number: ConnectionNumber
    let key: IdentityPrivateKey
    private var transport: NoiseTransport?
    private var plain: [UInt8] = []
    /// Frames that the host sent, with their data.
    var frames: [(frame: YamuxFrame, data: [UInt8])] = []

    /// A connection on which nothing was said yet.
    init(_ victim: inout Victim, from remote: SocketAddress? = address, seed: UInt8 = 50) {
        number = victim.accept(from: remote)
        key = IdentityPrivateKey(seed: Bytes32(repeating: seed))
    }

    /// Whether the host hung up.
    func isHungUp(_ victim: Victim) -> Bool { victim.hungUp.contains(number) }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8], to victim: inout Victim) {
        victim.handle(.received(number, bytes))
    }

    /// What the host sent since the last call, as it is.
    func take(_ victim: inout Victim) -> [UInt8] {
        victim.sent.removeValue(forKey: number) ?? []
    }

    static func token(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(varint: UInt64(text.utf8.count + 1))
        return bytes + Array(text.utf8) + [10]
    }

    static let hello = token("/multistream/1.0.0")

    /// An honest handshake; afterwards frames can be sent.
    mutating func open(_ victim: inout Victim) throws {
        send(Self.hello + Self.token("/noise"), to: &victim)
        #expect(take(&victim) == Self.hello + Self.token("/noise"))
        let identity = NoiseIdentity(
            key: key, staticPrivateKey: Bytes32(repeating: 77), muxers: ["/yamux/1.0.0"])
        var noise = NoiseMachine(
            isInitiator: true, identity: identity, ephemeralKey: Bytes32(repeating: 78))
        send(noise.start(), to: &victim)
        let (third, _) = try noise.receive(take(&victim)[...])
        send(third, to: &victim)
        let result = try #require(noise.result)
        transport = NoiseTransport(
            sendingKey: result.sendingKey, receivingKey: result.receivingKey,
            cipher: BulkCipher())
        read(&victim)
    }

    /// Sends frames with their data, sealed.
    mutating func send(
        _ parts: [(YamuxFrame, [UInt8])], to victim: inout Victim
    ) throws {
        var plaintext: [UInt8] = []
        for (frame, data) in parts { plaintext += frame.encode() + data }
        let sealed = try transport?.seal(plaintext) ?? []
        send(sealed, to: &victim)
        read(&victim)
    }

    mutating func send(
        _ kind: YamuxFrame.Kind, _ flags: YamuxFrame.Flags, _ stream: UInt32, length: Int,
        _ data: [UInt8] = [], to victim: inout Victim
    ) throws {
        let frame = YamuxFrame(kind, flags, stream: stream, length: UInt32(length))
        try send([(frame, data)], to: &victim)
    }

    /// Sends bytes, sealed.
    mutating func sendPlain(_ bytes: [UInt8], to victim: inout Victim) throws {
        send(try transport?.seal(bytes) ?? [], to: &victim)
        read(&victim)
    }

    /// Opens a stream for a protocol and sends bytes on it.
    mutating func openStream(
        _ stream: UInt32, _ name: String, _ bytes: [UInt8] = [], isLast: Bool = false,
        to victim: inout Victim
    ) throws {
        let data = Self.hello + Self.token(name) + bytes
        try send(
            .data, isLast ? [.syn, .fin] : .syn, stream, length: data.count, data, to: &victim)
    }

    /// Reads the frames that the host has sent.
    mutating func read(_ victim: inout Victim) {
        let bytes = take(&victim)
        do {
            plain += try transport?.open(bytes[...]) ?? []
        } catch {
            Issue.record("the host sent a frame that does not open: \(error)")
        }
        while plain.count >= YamuxFrame.sizeBytes {
            guard let frame = try? YamuxFrame(decoding: plain[..<YamuxFrame.sizeBytes]) else {
                Issue.record("the host sent a bad header")
                return
            }
            let size = frame.kind == .data ? Int(frame.length) : 0
            guard plain.count >= YamuxFrame.sizeBytes + size else { return }
            frames.append((frame, Array(plain[YamuxFrame.sizeBytes...].prefix(size))))
            plain.removeFirst(YamuxFrame.sizeBytes + size)
        }
    }

    /// The code that the host reset a stream with, if it did.
    func resetCode(of stream: UInt32) -> ResetCode? {
        frames.last { $0.frame.stream == stream && $0.frame.flags.contains(.rst) }
            .map { ResetCode(rawValue: $0.frame.length) }
    }

    /// The code that the host went away with, if it did.
    var goAwayCode: GoAwayCode? {
        frames.last { $0.frame.kind == .goAway }.map { GoAwayCode(rawValue: $0.frame.length) }
    }

    /// The data that the host sent on a stream.
    func data(of stream: UInt32) -> [UInt8] {
        frames.filter { $0.frame.stream == stream }.flatMap { $0.data }
    }

    func count(_ isMeant: (YamuxFrame) -> Bool) -> Int {
        frames.filter { isMeant($0.frame) }.count
    }
}
