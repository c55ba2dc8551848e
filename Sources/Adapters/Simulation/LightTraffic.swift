// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Machinery
internal import Peering

/// What following one full block costs a light node in bytes, counted on its connections.
///
/// Five real peer hosts, one of them the light node's, stand on pipes; what passes the pipes is
/// counted with everything around it: multistream, yamux, Noise and their lengths, both ways. The
/// sessions stand already, and TCP's own headers are not counted. What is asked is what `Node`
/// asks: the newest header's name of three peers, the header of one of them, and the samples of
/// four, the header's giver for one.
package struct LightTraffic {
    /// Bytes of one block.
    package struct Count: Hashable, Sendable {
        /// Sent by the light node.
        package var up = 0
        /// Received by it.
        package var down = 0
        /// Both ways.
        package var total: Int { up + down }
    }

    /// How a block is followed.
    package enum Way: String, CaseIterable, Sendable {
        /// A header with all roots by header-ex, sixteen shares by shrex.
        case foreign = "header-ex, shrex"
        /// A sampling header and sample-many, the committee known.
        case ours = "sampling-header, sample-many"
        /// The same from a committee that is new.
        case oursNewSet = "the same, new committee"
    }

    private static let network = "private"
    private static let servers = 4

    private let square: CommittedSquare
    private let header: ExtendedHeader
    private var hosts: [PeerHost] = []
    private var pending: [(host: Int, event: PeerEvent)] = []
    private var ends: [Int: [ConnectionNumber: (host: Int, number: ConnectionNumber)]] = [:]
    private var now = Instant(nanoseconds: 1_767_225_600_000_000_000)
    /// Answered only after everything else that a host asked for in the same turn is done.
    private var questions: [(host: Int, inbound: InboundNumber, name: String, bytes: [UInt8])] = []
    private var count = Count()
    private var answers = 0
    private var failures: [RequestFault] = []

    /// A chain whose block is a full square of `width` original shares a side, signed by so many.
    package init(width: Int, validators: Int) throws {
        let original = try OriginalDataSquare(width: width, bytes: Self.shares(width * width))
        square = CommittedSquare(ExtendedDataSquare(extending: original))
        let keys = (0..<validators).map {
            Ed25519PrivateKey(seed: SHA256.hash(Array("light traffic \($0)".utf8)))
        }
        let set = try ValidatorSet(
            keys.map { Validator(key: .ed25519($0.publicKey), votingPower: 1_000_000) })
        let building = BlockBuilding(
            chainID: Self.network, appVersion: 9,
            consensusParameters: ConsensusParameters(
                blockMaxBytes: 22_020_096, blockMaxGas: -1))
        let time = Timestamp(nanosecondsSince1970: 1_767_225_600_123_456_789)
        let block = building.header(
            on: .none, dataRoot: square.header.dataRoot, time: time, appHash: Bytes32(),
            validatorSet: set, nextValidatorSet: set, proposer: set.proposer.address,
            extension: HeaderExtension(view: 1, parentView: 0))
        header = building.extendedHeader(
            block, round: 1, signedBy: keys, of: set, roots: square.header)
        for index in 0...Self.servers { hosts.append(Self.host(index)) }
        connect()
    }

    /// Counts one block.
    package mutating func measure(_ way: Way) throws -> Count {
        count = Count()
        answers = 0
        let asked = way == .foreign ? foreignQuestions : ourQuestions(way)
        for question in asked {
            _ = hosts[0].request(
                question.name, to: hosts[question.server].localPeer, question.bytes,
                answerLimit: 1 << 21, deadline: now.advanced(byMilliseconds: 5_000), at: now)
            flush(0)
            run()
        }
        guard answers == asked.count, failures.isEmpty else {
            throw failures.first ?? RequestFault.timedOut
        }
        return count
    }

    // MARK: What is asked

    /// Of a server, by protocol.
    private typealias Question = (server: Int, name: String, bytes: [UInt8])

    private var places: [Coordinate] {
        let width = square.header.width
        return (0..<16).map {
            Coordinate(row: ($0 * 2_654_435_761) % width, column: ($0 * 40_503 + 7) % width)
        }
    }

    private var foreignQuestions: [Question] {
        let header = HeaderExchangeRequest(.origin(0), amount: 1)
        let name = ShareExchange.protocolID(.sample, network: Self.network)
        return [(1, HeaderExchange.protocolID(network: Self.network), header.encode())]
            + places.enumerated().map { index, place in
                let id = SampleID(
                    height: 1, row: UInt16(place.row), column: UInt16(place.column))
                return (1 + index % Self.servers, name, ShareRequest.sample(id).encode())
            }
    }

    private func ourQuestions(_ way: Way) -> [Question] {
        let headers = SamplingHeaderExchange.protocolID(network: Self.network)
        let samples = SampleManyExchange.protocolID(network: Self.network)
        var questions: [Question] = (1...3).map {
            ($0, headers, SamplingHeaderRequest(.news).encode())
        }
        let known = way == .ours ? header.validatorSet.hash : Bytes32(repeating: 1)
        questions.append(
            (1, headers, SamplingHeaderRequest(.origin(1, amount: 1), knownSet: known).encode()))
        let parts = [0..<1, 1..<6, 6..<11, 11..<16]
        for (index, part) in parts.enumerated() {
            let request = SampleManyRequest(
                height: 1, wantsRoots: true, coordinates: Array(places[part]))
            questions.append((1 + index, samples, request.encode()))
        }
        return questions
    }

    // MARK: Who answers

    private mutating func asked(
        _ index: Int, _ inbound: InboundNumber, _ name: String, _ bytes: [UInt8]
    ) {
        let answer = Result { try self.answer(name, bytes) }
        guard case .success(let whole) = answer else {
            return hosts[index].reset(inbound, code: .none)
        }
        for start in stride(from: 0, to: whole.count, by: 65_536) {
            let part = Array(whole[start..<min(start + 65_536, whole.count)])
            hosts[index].answer(inbound, part, isLast: start + part.count == whole.count)
        }
        flush(index)
    }

    private func answer(_ name: String, _ bytes: [UInt8]) throws -> [UInt8] {
        switch name {
        case HeaderExchange.protocolID(network: Self.network):
            return HeaderExchange.encodeAnswer([header])
        case SamplingHeaderExchange.protocolID(network: Self.network):
            let request = try SamplingHeaderRequest(decoding: bytes)
            if case .news = request.subject {
                return SamplingHeaderExchange.encodeNews(
                    height: header.height.value, hash: header.hash)
            }
            return SamplingHeaderExchange.encodeAnswer([header], knownSet: request.knownSet)
        case SampleManyExchange.protocolID(network: Self.network):
            return SampleManyExchange.encodeAnswer(
                to: try SampleManyRequest(decoding: bytes), from: square)
        default:
            return ShareExchange.encodeAnswer(
                to: try ShareRequest(decoding: bytes, kind: .sample), from: square)
        }
    }

    // MARK: Pipes

    private static func host(_ index: Int) -> PeerHost {
        var host = PeerHost(
            PeerHost.Configuration(
                key: IdentityPrivateKey(seed: Bytes32(repeating: UInt8(index + 1))),
                seed: Bytes32(repeating: UInt8(index + 101))))
        if index > 0 {
            host.serve(
                HeaderExchange.protocolID(network: network), HeaderExchange.serviceLimits)
            host.serve(
                SamplingHeaderExchange.protocolID(network: network),
                SamplingHeaderExchange.serviceLimits)
            host.serve(
                SampleManyExchange.protocolID(network: network),
                SampleManyExchange.serviceLimits)
            host.serve(
                ShareExchange.protocolID(.sample, network: network),
                ShareExchange.serviceLimits(.sample))
        }
        return host
    }

    private static func address(_ index: Int) -> SocketAddress {
        var bytes = FixedBytes<4>()
        bytes[0] = 10
        bytes[3] = UInt8(index + 1)
        return SocketAddress(ip: .v4(bytes), port: 2_121)
    }

    private mutating func connect() {
        for index in 1...Self.servers {
            let address = Multiaddress(Self.address(index)).appending(hosts[index].localPeer)
            hosts[0].dial(address, at: now)
        }
        flush(0)
        run()
    }

    private mutating func run() {
        while !pending.isEmpty {
            let (host, event) = pending.removeFirst()
            var effects: [PeerEffect] = []
            hosts[host].handle(event, at: now, into: &effects)
            perform(effects, of: host)
            for question in questions {
                asked(question.host, question.inbound, question.name, question.bytes)
            }
            questions = []
        }
    }

    private mutating func flush(_ index: Int) {
        var effects: [PeerEffect] = []
        hosts[index].flush(at: now, into: &effects)
        perform(effects, of: index)
    }

    private mutating func perform(_ effects: [PeerEffect], of index: Int) {
        for effect in effects {
            switch effect {
            case .send(let number, let bytes):
                guard let end = ends[index]?[number] else { continue }
                if index == 0 { count.up += bytes.count } else { count.down += bytes.count }
                pending.append((end.host, .received(end.number, bytes)))
            case .awaitDrain(let number): pending.append((index, .drained(number)))
            case .dial(let number, let address): open(number, address)
            case .notice(.asked(let inbound, let name, _, let bytes)):
                questions.append((index, inbound, name, bytes))
            case .notice(.answered(_, .success)): answers += 1
            case .notice(.answered(_, .failure(let fault))): failures.append(fault)
            case .hangUp, .wake, .notice: break
            }
        }
    }

    private mutating func open(_ number: ConnectionNumber, _ address: SocketAddress) {
        for index in 1...Self.servers where Self.address(index) == address {
            let theirs = ConnectionNumber.accepted(0)
            ends[0, default: [:]][number] = (index, theirs)
            ends[index, default: [:]][theirs] = (0, number)
            pending.append((0, .connected(number, remote: address)))
            pending.append((index, .connected(theirs, remote: Self.address(0))))
        }
    }

    /// Shares of one namespace; what is in them makes no difference to sizes.
    private static func shares(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0x5a, count: count * Share.sizeBytes)
        for share in 0..<count {
            let start = share * Share.sizeBytes
            for offset in 0..<Namespace.sizeBytes { bytes[start + offset] = 0 }
            bytes[start + Namespace.sizeBytes - 1] = 200
            bytes[start + 18] = 1
        }
        return bytes
    }
}
