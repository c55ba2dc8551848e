// SPDX-License-Identifier: Apache-2.0

import Agreement
import Bytes
import Chain
import Cryptography
import DataSquare
import Machinery
import TestSupport
import Testing

/// One member of a committee of four, told what the three others do; signatures hold unless forged.
struct AgreementBench {
    static let parameters = ConsensusParameters(blockMaxBytes: -1, blockMaxGas: -1)
    static let rules = ProposalRules(
        chainID: "bench", consensusParameters: parameters, epochLength: 4)
    static let origin: UInt64 = 1_700_000_000_000

    let set: ValidatorSet
    let start: EpochStart
    private(set) var machine: AgreementMachine
    private var schedule: LeaderSchedule
    private let square: ReencodedSquare
    private let roots: DataAvailabilityHeader
    private var blocks: [Bytes32: Proposal] = [:]
    private var latest: [UInt64: Proposal] = [:]
    private var intents: [SigningIntent] = []
    private var said: [SignedStatement] = []
    private var now = Instant(nanoseconds: origin * 1_000_000)
    private var forged: Set<Bytes64> = []

    /// The member that does not lead the first three views, so that others propose.
    init() throws {
        set = try LeaderScheduleTests.set([1, 1, 1, 1])
        let time = Timestamp(nanosecondsSince1970: (Self.origin - 1_000) * 1_000_000)
        start = EpochStart(genesis: time, validatorSet: set, seed: Bytes32(repeating: 3))
        schedule = LeaderSchedule(set, seed: start.seed)
        let share = [UInt8](repeating: 0xFF, count: 28) + [0xFE, 1]
        let original = try OriginalDataSquare(
            width: 1, bytes: share + [UInt8](repeating: 0, count: 512 - share.count))
        square = ReencodedSquare(original)
        roots = CommittedSquare(ExtendedDataSquare(extending: original)).header
        machine = AgreementMachine(
            AgreementConfiguration(rules: Self.rules, ownAddress: nil), AgreementStart(epoch: start)
        )
        try restart(said: [])
    }

    private var own: Int {
        var schedule = schedule
        return View(4).flatMap { schedule.leader(of: $0) } ?? 0
    }

    private mutating func restart(said: [SignedStatement]) throws {
        let configuration = AgreementConfiguration(
            rules: Self.rules, ownAddress: set.validators[own].address)
        machine = AgreementMachine(configuration, AgreementStart(epoch: start, said: said))
    }

    /// Does one command of a script; returns what the machine asks for, without signatures to verify.
    mutating func perform(_ command: String) throws -> [String] {
        let words = command.split(separator: " ").map(String.init)
        switch words[0] {
        case "begin": return tell(.began)
        case "restart":
            try restart(said: said)
            return tell(.began)
        case "at":
            let milliseconds = try Self.number(words[1])
            now = Instant(nanoseconds: (Self.origin + milliseconds) * 1_000_000)
            return tell(.woke)
        case "propose": return try propose(words)
        case "rows": return tell(.rowsHeld(try block(words[1])))
        case "refuse": return tell(.refused(try block(words[1])))
        case "certify":
            let proposal = latest[try Self.number(words[1])]
            let header = try #require(proposal).header
            let certified = CertifiedAvailable(header, square: square)
            return tell(.certified(try #require(certified)))
        case "sign":
            let waiting = intents
            intents = []
            return waiting.flatMap { sign($0) }
        case "forge", "notarize", "nullify", "finalize": return try vote(words)
        default: throw JSONTreeFault(description: "unknown command \(words[0])")
        }
    }

    private mutating func tell(_ event: AgreementMachine.Event) -> [String] {
        var effects: [AgreementMachine.Effect] = []
        machine.handle(event, at: now, into: &effects)
        var lines: [String] = []
        for effect in effects {
            switch effect {
            case .verify(let id, let claims):
                lines += tell(.verified(id, claims.map { !forged.contains($0.signed.signature) }))
            case .sign(let intent):
                intents.append(intent)
                lines.append(effect.description)
            case .wake(let instant):
                lines.append("wake at \(instant.nanoseconds / 1_000_000 - Self.origin) ms")
            default: lines.append(effect.description)
            }
        }
        return lines
    }

    private mutating func sign(_ intent: SigningIntent) -> [String] {
        let signature = Bytes64(repeating: 0xEE)
        let timestamp = Timestamp(nanosecondsSince1970: now.nanoseconds)
        said.append(
            SignedStatement(
                intent.statement, place: own, timestamp: timestamp, signature: signature))
        return tell(.signed(intent, timestamp: timestamp, signature: signature))
    }

    private static func number(_ text: String) throws -> UInt64 { try #require(UInt64(text)) }

    private static func view(_ text: String) throws -> View {
        let view = View(try number(text))
        return try #require(view)
    }

    private func block(_ view: String) throws -> BlockReference {
        let proposal = latest[try Self.number(view)]
        return try #require(proposal).block
    }

    /// `propose VIEW [on PARENT] [again]`: the leader's block; "again" makes another one.
    private mutating func propose(_ words: [String]) throws -> [String] {
        let view = try Self.view(words[1])
        guard let leader = schedule.leader(of: view) else {
            throw JSONTreeFault(description: "nobody leads \(view)")
        }
        let parentView = words.count > 3 ? try Self.number(words[3]) : 0
        let parent = parentView == 0 ? nil : latest[parentView]
        let certificate = parent.map { parent in
            QuorumCertificate(
                .notarize(parent.block, parent.epoch, parent.view),
                (0..<3).map { signed(.notarize(parent.block, parent.epoch, parent.view), $0) })
        }
        let nullifications = (parentView + 1..<view.value).compactMap { View($0) }.map { view in
            QuorumCertificate(
                .nullify(Epoch(0), view), (0..<3).map { signed(.nullify(Epoch(0), view), $0) })
        }
        let found = HeaderExtension(
            view: view.value, parentView: parentView,
            nullifications: nullifications.map(\.protobuf))
        let time = parent?.header.time ?? start.base.time ?? .zero
        let header = BlockHeader(
            appVersion: 1, chainID: Self.rules.chainID,
            height: (parent?.block.height ?? Height(0)).next,
            time: time.advanced(byNanoseconds: 1_000_000),
            lastBlockID: parent?.block.blockID ?? .none,
            lastCommitHash: certificate?.commit(of: set)?.hash ?? MerkleTree.emptyRoot,
            dataHash: roots.dataRoot, validatorsHash: set.hash, nextValidatorsHash: set.hash,
            consensusHash: found.consensusHash(Self.parameters),
            appHash: words.last == "again" ? [1] : [], lastResultsHash: MerkleTree.emptyRoot,
            evidenceHash: MerkleTree.emptyRoot,
            proposerAddress: set.validators[leader].address)
        let signature = Bytes64(repeating: words.last == "again" ? 0xA1 : 0xA0)
        let made = Proposal(
            epoch: Epoch(0), view: view, header: header, extension: found, roots: roots,
            parent: certificate, signature: signature)
        let proposal = try #require(made)
        if words.last != "again" { latest[view.value] = proposal }
        return tell(.received(.proposal(proposal), from: set.validators[leader].address))
    }

    /// `KIND VIEW PLACES…`, of the block proposed in that view; "forge" is a notarize that is false.
    private mutating func vote(_ words: [String]) throws -> [String] {
        let view = try Self.view(words[1])
        var lines: [String] = []
        for word in words[2...] {
            let others = set.validators.indices.filter { $0 != own }
            let index = ["ada", "bob", "eve"].firstIndex(of: word)
            let place = others[try #require(index)]
            let statement: Statement =
                switch words[0] {
                case "nullify": .nullify(Epoch(0), view)
                case "finalize": .finalize(try block(words[1]), Epoch(0), view)
                default: .notarize(try block(words[1]), Epoch(0), view)
                }
            let vote = signed(statement, place)
            if words[0] == "forge" { forged.insert(vote.signature) }
            lines += tell(.received(.vote(vote), from: set.validators[place].address))
        }
        return lines
    }

    private func signed(_ statement: Statement, _ place: Int) -> SignedStatement {
        SignedStatement(
            statement, place: place, timestamp: Timestamp(nanosecondsSince1970: 1_000_000),
            signature: Bytes64(repeating: UInt8(place) + 16 * statement.kind.rawValue))
    }
}
