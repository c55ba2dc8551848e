// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Machinery
internal import Peering

/// A host that serves one square and a host that asks it, joined by memory, with a clock on the first.
struct HostPair {
    private static let network = "measure"

    private let square: CommittedSquare
    private var server: PeerHost
    private var client: PeerHost
    private var toServer: [PeerEvent] = []
    private var toClient: [PeerEvent] = []
    private var clientNumber: ConnectionNumber?
    private var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    private var asked = 0
    /// What the serving side's thread has run for it.
    private(set) var serverNanoseconds = 0.0
    /// Bytes that the serving side has sent.
    private(set) var serverBytes = 0
    /// How many questions were answered with a sample.
    private(set) var answeredCount = 0

    init(_ square: CommittedSquare) {
        self.square = square
        server = PeerHost(Self.configuration(1))
        client = PeerHost(Self.configuration(2))
        var limits = ShareExchange.serviceLimits(.sample)
        limits.streamsPerPeer = 1_024
        server.serve(ShareExchange.protocolID(.sample, network: Self.network), limits)
    }

    private static func configuration(_ number: UInt8) -> PeerHost.Configuration {
        PeerHost.Configuration(
            key: IdentityPrivateKey(seed: Bytes32(repeating: number)),
            seed: Bytes32(repeating: number + 100))
    }

    /// The question with that number: places all over the square.
    static func question(_ number: Int, width: Int) -> SampleID {
        SampleID(
            height: 1, row: UInt16(number * 97 % width), column: UInt16(number * 61 % width))
    }

    /// Shakes hands; loopback, as rates by address would be counted and refused otherwise.
    mutating func connect() {
        guard let ip = IPAddress(bytes: [127, 0, 0, 1]) else { preconditionFailure("four bytes") }
        client.dial(
            Multiaddress(SocketAddress(ip: ip, port: 2_121)).appending(server.localPeer), at: now)
        flushClient()
        pump()
        precondition(client.isConnected(server.localPeer), "the hosts are connected")
        serverBytes = 0
        serverNanoseconds = 0
    }

    /// Asks for `count` samples at once and lets both sides finish; gives how many came.
    mutating func serve(_ count: Int) -> Int {
        let before = answeredCount
        now = now.advanced(byMilliseconds: 5)
        for _ in 0..<count {
            let id = Self.question(asked, width: square.header.width)
            asked += 1
            _ = client.request(
                ShareExchange.protocolID(.sample, network: Self.network), to: server.localPeer,
                ShareRequest.sample(id).encode(), answerLimit: 1 << 20,
                deadline: now.advanced(byMilliseconds: 60_000), at: now)
        }
        flushClient()
        pump()
        return answeredCount - before
    }

    /// Carries bytes to and fro until nobody has anything to say.
    private mutating func pump() {
        while !toServer.isEmpty || !toClient.isEmpty {
            let forServer = toServer
            toServer = []
            let start = ProcessorClock.threadNanoseconds
            for event in forServer { handleAtServer(event) }
            serverNanoseconds += ProcessorClock.threadNanoseconds - start
            let forClient = toClient
            toClient = []
            for event in forClient {
                var effects: [PeerEffect] = []
                client.handle(event, at: now, into: &effects)
                performAtClient(effects)
            }
            flushClient()
        }
    }

    private mutating func handleAtServer(_ event: PeerEvent) {
        var effects: [PeerEffect] = []
        server.handle(event, at: now, into: &effects)
        while !effects.isEmpty {
            for effect in effects { performAtServer(effect) }
            effects = []
            server.flush(at: now, into: &effects)
        }
    }

    private mutating func performAtServer(_ effect: PeerEffect) {
        switch effect {
        case .send(_, let bytes):
            serverBytes += bytes.count
            if let clientNumber { toClient.append(.received(clientNumber, bytes)) }
        case .awaitDrain(let number): toServer.append(.drained(number))
        case .notice(.asked(let inbound, _, _, let bytes)):
            do throws(DecodeFault) {
                let request = try ShareRequest(decoding: bytes, kind: .sample)
                server.answer(
                    inbound, ShareExchange.encodeAnswer(to: request, from: square), isLast: true)
            } catch {
                preconditionFailure("an honest question: \(error)")
            }
        default: break
        }
    }

    private mutating func flushClient() {
        while true {
            var effects: [PeerEffect] = []
            client.flush(at: now, into: &effects)
            if effects.isEmpty { return }
            performAtClient(effects)
        }
    }

    private mutating func performAtClient(_ effects: [PeerEffect]) {
        for effect in effects {
            switch effect {
            case .send(_, let bytes): toServer.append(.received(.accepted(0), bytes))
            case .awaitDrain(let number): toClient.append(.drained(number))
            case .dial(let number, let address):
                clientNumber = number
                toServer.append(.connected(.accepted(0), remote: address))
                toClient.append(.connected(number, remote: address))
            case .notice(.answered(_, .success(let bytes))):
                if bytes.starts(with: ShareExchange.found) { answeredCount += 1 }
            default: break
            }
        }
    }
}
