// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Two sessions joined by a pipe that cuts bytes anywhere, as a seed says.
struct SessionPair {
    enum Side: Int, CaseIterable {
        case dialer
        case listener
    }

    var sessions: [SessionMachine]
    var events: [[SessionMachine.Event]] = [[], []]
    var served: [Set<String>] = [[], []]
    var inFlight: [[UInt8]] = [[], []]
    var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    var random: SeededGenerator
    let keys = [
        IdentityPrivateKey(seed: Bytes32(repeating: 1)),
        IdentityPrivateKey(seed: Bytes32(repeating: 2)),
    ]

    init(
        seed: UInt8, muxers: [[String]] = [["/yamux/1.0.0"], ["/yamux/1.0.0"]],
        expecting peer: PeerIdentifier? = nil, limits: SessionLimits = SessionLimits()
    ) {
        random = SeededGenerator(seed: Bytes32(repeating: seed))
        let cipher = BulkCipher()
        sessions = []
        for side in 0..<2 {
            let identity = NoiseIdentity(
                key: keys[side], staticPrivateKey: Bytes32(repeating: UInt8(side + 3)),
                muxers: muxers[side])
            sessions.append(
                SessionMachine(
                    isDialer: side == 0, identity: identity,
                    expecting: side == 0 ? peer : nil,
                    ephemeralKey: Bytes32(repeating: UInt8(side + 5)), cipher: cipher,
                    limits: limits, at: now))
        }
    }

    /// Moves bytes until neither side has any to send.
    mutating func settle() {
        var isMoving = true
        while isMoving {
            isMoving = false
            for side in 0..<2 {
                if sessions[side].hasOutput {
                    inFlight[side] += sessions[side].takeOutput(limit: 1 << 18)
                }
                if inFlight[side].isEmpty { continue }
                isMoving = true
                let most = min(inFlight[side].count, 1 << (1 + random.next(below: 18)))
                let count = 1 + random.next(below: most)
                let piece = Array(inFlight[side].prefix(count))
                inFlight[side].removeFirst(count)
                sessions[1 - side].receive(
                    piece, at: now, serving: served[1 - side], into: &events[1 - side])
            }
        }
    }

    subscript(side: Side) -> SessionMachine {
        get { sessions[side.rawValue] }
        set { sessions[side.rawValue] = newValue }
    }

    /// Opens a stream of the dialer's.
    mutating func open(_ name: String) throws -> UInt32 {
        let stream = self[.dialer].open(name, at: now)
        return try #require(stream)
    }

    /// Takes the events of a side.
    mutating func take(_ side: Side) -> [SessionMachine.Event] {
        defer { events[side.rawValue] = [] }
        return events[side.rawValue]
    }
}

extension [SessionMachine.Event] {
    /// All data of one stream.
    func bytes(of stream: UInt32) -> [UInt8] {
        flatMap { event -> [UInt8] in
            if case .received(stream, let bytes) = event { Array<UInt8>(bytes) } else { [] }
        }
    }
}
