// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering

/// Peer hosts joined by pipes of a fixed delay, on one virtual clock.
struct HostNetwork {

    private struct Pipe {
        let ends: [(host: Int, number: ConnectionNumber)]
        var isOpen = true
    }

    static let delayNanoseconds: UInt64 = 5_000_000

    var hosts: [PeerHost] = []
    var notices: [[PeerNotice]] = []
    var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    /// Everything that happened, for comparison of two runs.
    var trace: [String] = []
    /// Hosts that take no connection.
    var deaf: Set<Int> = []

    private var pipes: [Pipe] = []
    private var pipeOf: [Int: [ConnectionNumber: Int]] = [:]
    private var accepted: [UInt64] = []
    private var wakes: [Instant?] = []
    private var inFlight: [(moment: Instant, order: Int, host: Int, event: PeerEvent)] = []
    private var order = 0

    /// Hosts at 10.0.0.1, 10.0.0.2 and so on, each listening at port 2121.
    init(count: Int, _ change: (Int, inout PeerHost.Configuration) -> Void = { _, _ in }) {
        for index in 0..<count {
            var configuration = PeerHost.Configuration(
                key: Self.key(index), seed: Bytes32(repeating: UInt8(index + 100)))
            configuration.agentVersion = "host \(index)"
            configuration.listenAddresses = [Multiaddress(Self.address(index))]
            change(index, &configuration)
            hosts.append(PeerHost(configuration))
            notices.append([])
            accepted.append(0)
            wakes.append(nil)
        }
    }

    static func key(_ index: Int) -> IdentityPrivateKey {
        IdentityPrivateKey(seed: Bytes32(repeating: UInt8(index + 1)))
    }

    static func address(_ index: Int) -> SocketAddress {
        let bytes: [UInt8] = [10, 0, 0, UInt8(index + 1)]
        guard let ip = IPAddress(bytes: bytes) else { preconditionFailure("four bytes") }
        return SocketAddress(ip: ip, port: 2121)
    }

    func peer(_ index: Int) -> PeerIdentifier { hosts[index].localPeer }

    /// Lets a host be changed by its role.
    mutating func change<Result>(
        _ index: Int, _ body: (inout PeerHost, Instant) throws -> Result
    ) rethrows -> Result {
        let result = try body(&hosts[index], now)
        var effects: [PeerEffect] = []
        hosts[index].flush(at: now, into: &effects)
        perform(effects, of: index)
        return result
    }

    mutating func dial(_ from: Int, _ to: Int) {
        let address = Multiaddress(Self.address(to)).appending(peer(to))
        change(from) { host, now in host.dial(address, at: now) }
    }

    /// Runs until nothing is left to happen within `milliseconds`.
    mutating func run(milliseconds: UInt64) {
        let end = now.advanced(byMilliseconds: milliseconds)
        while let next = nextMoment, next <= end {
            now = max(now, next)
            for index in hosts.indices where wakes[index].map({ $0 <= now }) == true {
                wakes[index] = nil
                handle(.woke, by: index)
            }
            while let first = inFlight.indices.min(by: { precedes($0, $1) }),
                inFlight[first].moment <= now
            {
                let delivery = inFlight.remove(at: first)
                handle(delivery.event, by: delivery.host)
            }
        }
        now = end
    }

    /// Cuts the connections of a host, as a broken cable does.
    mutating func cut(_ index: Int) {
        for (number, pipe) in (pipeOf[index] ?? [:]).sorted(by: { $0.key < $1.key })
        where pipes[pipe].isOpen {
            pipes[pipe].isOpen = false
            handle(.disconnected(number), by: index)
            for end in pipes[pipe].ends where end.host != index {
                send(.disconnected(end.number), to: end.host)
            }
        }
    }

    mutating func take(_ index: Int) -> [PeerNotice] {
        defer { notices[index] = [] }
        return notices[index]
    }

    private var nextMoment: Instant? {
        (inFlight.map { $0.moment } + wakes.compactMap { $0 }).min()
    }

    private func precedes(_ lhs: Int, _ rhs: Int) -> Bool {
        (inFlight[lhs].moment, inFlight[lhs].order) < (inFlight[rhs].moment, inFlight[rhs].order)
    }

    private mutating func handle(_ event: PeerEvent, by index: Int) {
        var effects: [PeerEffect] = []
        hosts[index].handle(event, at: now, into: &effects)
        perform(effects, of: index)
    }

    private mutating func send(_ event: PeerEvent, to host: Int) {
        let moment = Instant(nanoseconds: now.nanoseconds + Self.delayNanoseconds)
        inFlight.append((moment, order, host, event))
        order += 1
    }

    private mutating func perform(_ effects: [PeerEffect], of index: Int) {
        for effect in effects {
            trace.append("\(now) host \(index): \(effect)")
            switch effect {
            case .send(let number, let bytes):
                if let end = otherEnd(index, number) { send(.received(end.1, bytes), to: end.0) }
            case .awaitDrain(let number): send(.drained(number), to: index)
            case .hangUp(let number):
                if let end = otherEnd(index, number) {
                    pipes[pipeOf[index]?[number] ?? 0].isOpen = false
                    send(.disconnected(end.1), to: end.0)
                }
            case .wake(let moment): wakes[index] = moment
            case .notice(let notice): notices[index].append(notice)
            case .dial(let number, let address): connect(index, number, address)
            }
        }
    }

    private func otherEnd(
        _ index: Int, _ number: ConnectionNumber
    ) -> (Int, ConnectionNumber)? {
        guard let pipe = pipeOf[index]?[number], pipes[pipe].isOpen else { return nil }
        let end = pipes[pipe].ends.first { $0.host != index || $0.number != number }
        return end.map { ($0.host, $0.number) }
    }

    private mutating func connect(
        _ index: Int, _ number: ConnectionNumber, _ address: SocketAddress
    ) {
        guard let target = hosts.indices.first(where: { Self.address($0) == address }),
            !deaf.contains(target)
        else { return send(.disconnected(number), to: index) }
        let theirs = ConnectionNumber.accepted(accepted[target])
        accepted[target] += 1
        pipeOf[index, default: [:]][number] = pipes.count
        pipeOf[target, default: [:]][theirs] = pipes.count
        pipes.append(Pipe(ends: [(index, number), (target, theirs)]))
        let port = UInt16(truncatingIfNeeded: 40_000 + pipes.count)
        send(.connected(number, remote: address), to: index)
        send(
            .connected(theirs, remote: SocketAddress(ip: Self.address(index).ip, port: port)),
            to: target)
    }
}
