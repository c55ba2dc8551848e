// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import DataSquare
package import EventLoop
internal import Machinery
package import Peering

/// Many peers in one process that ask one node for samples: what a node bears, on real sockets.
///
/// Each peer has a name and a connection of its own. Questions go out evenly at the rate that was
/// asked for, to coordinates drawn from a seed; an answer counts when it decodes.
package final class PeerLoad {
    /// What is asked, of whom, by how many.
    package struct Plan: Sendable {
        /// The node that is asked.
        package var address: Multiaddress
        /// The network's id.
        package var network: String
        /// Peers, each with a connection.
        package var connections: Int
        /// Questions a second, all peers together.
        package var rate: Int
        /// How long questions are asked, in seconds.
        package var seconds: Int
        /// The block that is asked about.
        package var height: UInt64
        /// Its extended square's side.
        package var width: Int

        /// Takes all of it.
        package init(
            address: Multiaddress, network: String, connections: Int, rate: Int, seconds: Int,
            height: UInt64, width: Int
        ) {
            self.address = address
            self.network = network
            self.connections = connections
            self.rate = rate
            self.seconds = seconds
            self.height = height
            self.width = width
        }
    }

    /// What was seen.
    package struct Outcome: Sendable {
        /// Connections that were open at once.
        package var connected = 0
        /// Nanoseconds from the first dial until all were open.
        package var connectingNanoseconds: UInt64 = 0
        /// Questions asked.
        package var asked = 0
        /// Answers that decoded.
        package var answered = 0
        /// Questions refused as overload.
        package var overloaded = 0
        /// Questions that failed otherwise.
        package var failed = 0
        /// Bytes of the answers, without framing.
        package var bytes = 0
        /// Times from question to answer, in microseconds, ascending.
        package var microseconds: [UInt64] = []
        /// Connections lost while questions were asked.
        package var lost = 0
    }

    private let plan: Plan
    private let eventLoop: EventLoop
    private var clients: [PeerTransport] = []
    private var asked: [Int: [RequestNumber: (ShareRequest, UInt64)]] = [:]
    private var random = SeededGenerator(seed: Bytes32(repeating: 77))
    private var peer: PeerIdentifier?
    private var outcome = Outcome()
    private var turn = 0

    /// Prepares peers whose names come from a fixed seed.
    package init(_ plan: Plan, on eventLoop: EventLoop) throws(LoopFailure) {
        self.plan = plan
        self.eventLoop = eventLoop
        for index in 0..<plan.connections {
            var seed = [UInt8]("quadrat load".utf8)
            seed.append(bigEndian: UInt64(index))
            let configuration = PeerHost.Configuration(
                key: IdentityPrivateKey(seed: SHA256.hash(seed)), seed: SHA256.hash(seed + [1]))
            let client = try PeerTransport(PeerHost(configuration), on: eventLoop)
            client.onNotice = { [weak self] in self?.hear($0, index) }
            clients.append(client)
        }
    }

    /// Connects all; false when some are not connected within a minute.
    package func connect() -> Bool {
        let start = eventLoop.monotonicNanoseconds
        var next = 0
        while outcome.connected < plan.connections {
            // A node takes so many handshakes at once; more at a time would be hung up on.
            while next < plan.connections, next < outcome.connected + 64 {
                clients[next].perform { host, now in host.dial(plan.address, at: now) }
                next += 1
            }
            eventLoop.runOnce()
            if eventLoop.monotonicNanoseconds - start > 60_000_000_000 { return false }
        }
        outcome.connectingNanoseconds = eventLoop.monotonicNanoseconds - start
        return true
    }

    /// Asks at the planned rate for the planned time, and tells what came of it.
    package func ask() -> Outcome {
        let start = eventLoop.monotonicNanoseconds
        let end = start + UInt64(plan.seconds) * 1_000_000_000
        let ticker = try? LoopTimer.reusable(on: eventLoop) {}
        while true {
            let now = eventLoop.monotonicNanoseconds
            if now > end + 5_000_000_000 || (now > end && waiting == 0) { break }
            let due = Int(min(now, end) - start) * plan.rate / 1_000_000_000
            while outcome.asked < due { askOne(now) }
            ticker?.start(afterMilliseconds: 1)
            eventLoop.runOnce()
        }
        ticker?.close()
        outcome.microseconds.sort()
        return outcome
    }

    /// Hangs up.
    package func close() {
        clients.forEach { $0.close() }
    }

    private var waiting: Int {
        outcome.asked - outcome.answered - outcome.failed - outcome.overloaded
    }

    private func askOne(_ now: UInt64) {
        outcome.asked += 1
        guard let peer else { return outcome.failed += 1 }
        let index = turn % clients.count
        turn += 1
        let place = Coordinate(
            row: random.next(below: plan.width), column: random.next(below: plan.width))
        let question = ShareRequest.sample(
            SampleID(
                height: plan.height, row: UInt16(place.row), column: UInt16(place.column)))
        let number = clients[index].perform { host, now in
            host.request(
                ShareExchange.protocolID(.sample, network: plan.network), to: peer,
                question.encode(),
                answerLimit: ShareExchange.answerLimit(.sample, width: plan.width),
                deadline: now.advanced(byMilliseconds: 5_000), at: now)
        }
        asked[index, default: [:]][number] = (question, now)
    }

    private func hear(_ notice: PeerNotice, _ index: Int) {
        switch notice {
        case .peerConnected(let peer, _, _):
            self.peer = peer
            outcome.connected += 1
        case .peerDisconnected: outcome.lost += 1
        case .answered(let number, let result): settle(number, result, index)
        default: break
        }
    }

    private func settle(
        _ number: RequestNumber, _ result: Result<[UInt8], RequestFault>, _ index: Int
    ) {
        guard let (question, start) = asked[index]?.removeValue(forKey: number) else {
            return outcome.failed += 1
        }
        switch result {
        case .success(let bytes):
            guard
                let answer = try? ShareExchange.decodeAnswer(
                    bytes, to: question, width: plan.width), case .sample = answer
            else { return outcome.failed += 1 }
            outcome.answered += 1
            outcome.bytes += bytes.count
            outcome.microseconds.append((eventLoop.monotonicNanoseconds - start) / 1_000)
        case .failure(let fault):
            if fault.isOverload { outcome.overloaded += 1 } else { outcome.failed += 1 }
        }
    }
}
