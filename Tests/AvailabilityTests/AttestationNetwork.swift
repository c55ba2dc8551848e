// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import Chain
import Cryptography
import DataSquare
import Machinery

/// Attestation machines joined by pipes of one virtual hop; their jobs take no time.
struct AttestationNetwork {
    /// What one member does wrong.
    enum Behavior {
        case honest
        /// It takes part in nothing, whatever it says of that.
        case silent
        /// It passes on and answers false lines and cells.
        case lying
    }

    /// Something on its way.
    private struct Flight {
        let to: Int
        let event: AttestationMachine.Event
    }

    static let hopMilliseconds: UInt64 = 10

    let header: BlockHeader
    let committee: ValidatorSet
    let subject: AttestationSubject
    let rule: AvailabilityRule
    let replicas: Int
    var machines: [AttestationMachine]
    var behaviors: [Behavior]
    /// When each member passed its gates; nil while it has not.
    var rowsHeld: [Instant?]
    var certified: [Instant?]
    /// What members that hold their part only have shown for it.
    var custody: [Int: CheckedCustody] = [:]
    var refused: Set<Int> = []
    var penalties: [(by: Int, of: Int)] = []
    /// Bytes of lines that each member sent, and of whole messages.
    var sentBytes: [Int]
    var sentMessageBytes: [Int]
    var now = Instant(nanoseconds: 1_000_000_000)
    /// Lines that the proposer keeps to itself, and members that it sends nothing.
    var withheld: Set<AxisLine> = []
    var starved: Set<Int> = []
    /// A square whose lines are taken for true without hashing: what is measured then is bytes.
    var known: [AxisLine: VerifiedHalfLine] = [:]

    private var flights: [Instant: [Flight]] = [:]
    private var moments: [Instant] = []

    init(
        square: CommittedSquare, roots: DataAvailabilityHeader? = nil, members: Int,
        powers: [Int64]? = nil, proposer: Int = 0, behaviors: [Int: Behavior] = [:],
        rule: AvailabilityRule = .everySquare, replicas: Int = CustodyAssignment.replicas,
        seed: UInt8 = 5
    ) throws {
        committee = try Self.committee(powers ?? Array(repeating: 10, count: members))
        let roots = roots ?? square.header
        header = BlockHeader(
            appVersion: 9, chainID: "attestation-1", height: Height(7), time: .zero,
            lastBlockID: BlockID(
                hash: SHA256.hash([seed]), partSetTotal: 1, partSetHash: SHA256.hash([seed])),
            lastCommitHash: nil, dataHash: roots.dataRoot, validatorsHash: committee.hash,
            nextValidatorsHash: committee.hash, consensusHash: nil, appHash: [],
            lastResultsHash: nil, evidenceHash: nil,
            proposerAddress: committee.validators[proposer].address)
        let custody = CustodyAssignment(
            seed: CustodyAssignment.seed(parentHash: SHA256.hash([seed]), height: Height(7)),
            lineCount: roots.width, committee: committee, replicas: replicas)
        subject = AttestationSubject(
            block: header.hash, height: 7, roots: roots, custody: custody,
            memberCount: members, proposer: proposer, rule: rule)
        self.rule = rule
        self.replicas = replicas
        machines = (0..<members).map { AttestationMachine(place: $0) }
        self.behaviors = (0..<members).map { behaviors[$0] ?? .honest }
        rowsHeld = Array(repeating: nil, count: members)
        certified = rowsHeld
        sentBytes = Array(repeating: 0, count: members)
        sentMessageBytes = sentBytes
    }

    /// Members of these powers, by place.
    static func committee(_ powers: [Int64]) throws -> ValidatorSet {
        try ValidatorSet(
            powers.enumerated().map { number, power in
                let key = Ed25519PrivateKey(seed: SHA256.hash([UInt8(number), 77]))
                return Validator(key: .ed25519(key.publicKey), votingPower: power)
            })
    }

    /// Everybody hears the proposal after one hop; the proposer has its lines at once.
    mutating func propose(_ square: ExtendedDataSquare) {
        let own =
            subject.profile == .whole
            ? VerifiedHalfLine.rows(of: square) : VerifiedHalfLine.all(of: square)
        give(.proposed(subject, own: own), to: subject.proposer)
        for member in machines.indices where member != subject.proposer {
            send(.proposed(subject, own: nil), to: member, hops: 1)
        }
    }

    /// Everybody learns that the block is notarized, and draws.
    mutating func notarize(draw: UInt8 = 0) {
        for member in machines.indices {
            give(
                .notarized(subject.block, entropy: SHA256.hash([draw, UInt8(member), 3])),
                to: member)
        }
    }

    mutating func run(milliseconds: UInt64) {
        let end = now.advanced(byMilliseconds: milliseconds)
        while let moment = moments.first, moment <= end {
            moments.removeFirst()
            now = max(now, moment)
            for flight in flights.removeValue(forKey: moment) ?? [] {
                give(flight.event, to: flight.to)
            }
        }
        now = end
    }

    mutating func send(_ event: AttestationMachine.Event, to member: Int, hops: UInt64) {
        put(event, to: member, at: now.advanced(byMilliseconds: hops * Self.hopMilliseconds))
    }

    private mutating func put(
        _ event: AttestationMachine.Event, to member: Int, at moment: Instant
    ) {
        if flights[moment] == nil {
            moments.insert(moment, at: moments.firstIndex { $0 > moment } ?? moments.endIndex)
        }
        flights[moment, default: []].append(Flight(to: member, event: event))
    }

    mutating func give(_ event: AttestationMachine.Event, to member: Int) {
        if case .silent = behaviors[member] { return }
        var effects: [AttestationMachine.Effect] = []
        machines[member].handle(event, at: now, into: &effects)
        for effect in effects { perform(effect, of: member) }
    }

    private mutating func perform(_ effect: AttestationMachine.Effect, of member: Int) {
        switch effect {
        case .verify(let block, let roots, let lines, let from):
            let good = verified(lines, roots)
            give(
                .verified(block, good, lied: good.count < lines.count, from: from), to: member)
        case .rebuild(let block, let roots, let rows):
            give(.rebuilt(block, rebuilt(rows, roots)), to: member)
        case .verifyCells(let block, let roots, let cells, let from):
            let good = Self.verified(cells, roots)
            give(
                .cellsVerified(block, good, lied: good.count < cells.count, from: from),
                to: member)
        case .checkCustody(let block, let evidence):
            let checked = check(evidence, of: member)
            custody[member] = checked
            give(.custodyChecked(block, isWhole: checked != nil), to: member)
        case .open(let block, let roots, let openings, let other):
            give(.opened(block, Self.cells(openings, roots), to: other), to: member)
        case .send(let message, let members):
            let message = behaviors[member] == .lying ? Self.falsified(message) : message
            deliver(message, from: member, to: members)
        case .rowsHeld: rowsHeld[member] = now
        case .certified: certified[member] = now
        case .refused: refused.insert(member)
        case .penalize(let other, _): penalties.append((member, other))
        case .wake(let moment): put(.woke, to: member, at: moment)
        }
    }

    private mutating func deliver(_ message: RowMessage, from: Int, to members: [Int]) {
        let members = from == subject.proposer ? members.filter { !starved.contains($0) } : members
        var message = message
        if case .push(let block, let lines) = message {
            let kept =
                from == subject.proposer ? lines.filter { !withheld.contains($0.line) } : lines
            if kept.isEmpty { return }
            message = .push(block: block, kept)
            sentBytes[from] += members.count * kept.reduce(0) { $0 + $1.bytes.count }
        }
        sentMessageBytes[from] += members.count * message.protobuf.count
        for other in members { send(.received(message, from: from), to: other, hops: 1) }
    }
}
