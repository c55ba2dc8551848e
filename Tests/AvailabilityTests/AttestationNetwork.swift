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
        /// It takes part in nothing.
        case silent
        /// It passes on and answers false rows.
        case lying
    }

    static let hopMilliseconds: UInt64 = 10

    let subject: AttestationSubject
    var machines: [AttestationMachine]
    var behaviors: [Behavior]
    /// When each member passed its gates; nil while it has not.
    var rowsHeld: [Instant?]
    var certified: [Instant?]
    var refused: Set<Int> = []
    var penalties: [(by: Int, of: Int)] = []
    /// Bytes of rows that each member sent.
    var sentBytes: [Int]
    var now = Instant(nanoseconds: 1_000_000_000)
    /// Rows that the proposer keeps to itself.
    var withheld: Set<Int> = []

    private var flights: [(at: Instant, order: Int, to: Int, event: AttestationMachine.Event)] = []
    private var order = 0

    init(
        square: CommittedSquare, roots: DataAvailabilityHeader? = nil, members: Int,
        proposer: Int = 0, behaviors: [Int: Behavior] = [:]
    ) throws {
        let committee = try ValidatorSet(
            (0..<members).map { number in
                let key = Ed25519PrivateKey(seed: SHA256.hash([UInt8(number), 77]))
                return Validator(key: .ed25519(key.publicKey), votingPower: 10)
            })
        let roots = roots ?? square.header
        let custody = CustodyAssignment(
            seed: SHA256.hash([5]), lineCount: roots.width, committee: committee)
        subject = AttestationSubject(
            block: SHA256.hash(roots.dataRoot.array), height: 7, roots: roots, custody: custody,
            memberCount: members, proposer: proposer)
        machines = (0..<members).map { AttestationMachine(place: $0) }
        self.behaviors = (0..<members).map { behaviors[$0] ?? .honest }
        rowsHeld = Array(repeating: nil, count: members)
        certified = rowsHeld
        sentBytes = Array(repeating: 0, count: members)
    }

    /// Everybody hears the proposal after one hop; the proposer has its rows at once.
    mutating func propose(_ rows: [VerifiedHalfRow]) {
        give(.proposed(subject, own: rows), to: subject.proposer)
        for member in machines.indices where member != subject.proposer {
            send(.proposed(subject, own: nil), to: member, hops: 1)
        }
    }

    /// Everybody learns that the block is notarized.
    mutating func notarize() {
        for member in machines.indices { give(.notarized(subject.block), to: member) }
    }

    mutating func run(milliseconds: UInt64) {
        let end = now.advanced(byMilliseconds: milliseconds)
        while let next = flights.indices.min(by: {
            (flights[$0].at, flights[$0].order) < (flights[$1].at, flights[$1].order)
        }), flights[next].at <= end {
            let flight = flights.remove(at: next)
            now = max(now, flight.at)
            give(flight.event, to: flight.to)
        }
        now = end
    }

    mutating func send(_ event: AttestationMachine.Event, to member: Int, hops: UInt64) {
        order += 1
        let at = now.advanced(byMilliseconds: hops * Self.hopMilliseconds)
        flights.append((at, order, member, event))
    }

    mutating func give(_ event: AttestationMachine.Event, to member: Int) {
        if case .silent = behaviors[member] { return }
        var effects: [AttestationMachine.Effect] = []
        machines[member].handle(event, at: now, into: &effects)
        for effect in effects { perform(effect, of: member) }
    }

    private mutating func perform(_ effect: AttestationMachine.Effect, of member: Int) {
        switch effect {
        case .verify(let block, let roots, let rows, let from):
            var good: [VerifiedHalfRow] = []
            for row in rows {
                do throws(VerificationFault) {
                    good.append(try row.verify(against: roots))
                } catch {
                    continue
                }
            }
            give(
                .verified(block, good, lied: good.count < rows.count, from: from), to: member)
        case .rebuild(let block, let roots, let rows):
            give(.rebuilt(block, Self.rebuild(rows, roots)), to: member)
        case .send(let message, let members):
            let message = behaviors[member] == .lying ? Self.falsified(message) : message
            for other in members { deliver(message, from: member, to: other) }
        case .rowsHeld: rowsHeld[member] = now
        case .certified: certified[member] = now
        case .refused: refused.insert(member)
        case .penalize(let other, _): penalties.append((member, other))
        case .wake(let moment):
            order += 1
            flights.append((moment, order, member, .woke))
        }
    }

    private mutating func deliver(_ message: RowMessage, from: Int, to: Int) {
        var message = message
        if case .push(let block, let rows) = message {
            let kept =
                from == subject.proposer ? rows.filter { !withheld.contains($0.index) } : rows
            if kept.isEmpty { return }
            message = .push(block: block, kept)
            sentBytes[from] += kept.reduce(0) { $0 + $1.bytes.count }
        }
        send(.received(message, from: from), to: to, hops: 1)
    }

    private static func falsified(_ message: RowMessage) -> RowMessage {
        guard case .push(let block, let rows) = message else { return message }
        return .push(
            block: block,
            rows.map { row in
                var bytes = row.bytes
                bytes[bytes.count - 1] ^= 1
                return HalfRow(index: row.index, bytes: bytes)
            })
    }

    /// The data rows of the square that k rows make, if it extends to the roots.
    static func rebuild(
        _ rows: [VerifiedHalfRow], _ roots: DataAvailabilityHeader
    ) -> [VerifiedHalfRow]? {
        let width = roots.width
        var bytes = [UInt8](repeating: 0, count: width * width * Share.sizeBytes)
        var isKnown = [Bool](repeating: false, count: width * width)
        for row in rows {
            let start = row.index * width
            bytes.replaceSubrange(
                start * Share.sizeBytes..<start * Share.sizeBytes + row.bytes.count,
                with: row.bytes)
            for column in 0..<width / 2 { isKnown[start + column] = true }
        }
        do throws(RepairFault) {
            let square = try ExtendedDataSquare.repair(
                width: width, bytes: bytes, isKnown: isKnown, header: roots)
            guard CommittedSquare(square).header == roots else { return nil }
            return Array(VerifiedHalfRow.all(of: square).prefix(width / 2))
        } catch {
            return nil
        }
    }
}
