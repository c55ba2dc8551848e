// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import Machinery

/// The states that one honest member can be in, and where each step leads.
///
/// A state is met once and numbered; what a step leads to is worked out by the machine once.
struct ExploredMembers {
    enum Role: Hashable { case firstLeader, secondLeader, follower }

    /// What may reach a member.
    enum Action: Hashable {
        case expire
        case proposal(Int)
        case certificate(Int)
        case leaderNullify(View)
    }

    private struct Local {
        let machine: AgreementMachine
        let said: UInt64
        let statements: [Statement]
        let fault: String?
    }

    private struct Key: Hashable {
        let role: Role
        let words: [UInt64]
        let said: UInt64
    }

    private struct StepKey: Hashable {
        let local: Int
        let action: Action
    }

    /// The honest members, leaders first.
    let roles: [Role]
    private let faulty: CommitteeExplorer.Faulty
    private let lastView: View
    private let set: ValidatorSet
    private let leaders: [View: Int]
    private let mutant: AgreementMutant?
    private var places: [Role: Int] = [:]
    private var blocks = MockBlocks()
    private var locals: [Local] = []
    private var numbers: [Key: Int] = [:]
    private var steps: [StepKey: Int] = [:]
    private var firsts: [Role: Int] = [:]
    /// What honest members have said, each a bit; and what was proposed, by whom.
    private var statements: [Statement] = []
    private var statementBits: [Statement: Int] = [:]
    private(set) var proposals: [ExploredProposal] = []
    private var built: [Statement: Proposal] = [:]

    init(faulty: CommitteeExplorer.Faulty, views: UInt64, mutant: AgreementMutant?) {
        precondition((1...4).contains(views), "a few views can be explored")
        self.faulty = faulty
        self.mutant = mutant
        lastView = View(views) ?? .first
        let keys = (0..<4).map { MockSignature.key(of: $0, seed: 0) }
        do {
            set = try ValidatorSet(keys.map { Validator(key: $0, votingPower: 1) })
        } catch {
            preconditionFailure("four members are a set: \(error)")
        }
        var schedule = LeaderSchedule(set, seed: Bytes32(repeating: 7))
        var leaders: [View: Int] = [:]
        for number in 1...views {
            if let view = View(number) { leaders[view] = schedule.leader(of: view) }
        }
        self.leaders = leaders
        let first = schedule.leader(of: .first) ?? 0
        let second = schedule.leader(of: View.first.next) ?? 0
        let rest = (0..<4).filter { $0 != first && $0 != second }
        places = [.firstLeader: first, .secondLeader: second, .follower: rest[0]]
        switch faulty {
        case .firstLeader: roles = [.secondLeader, .follower, .follower]
        case .secondLeader: roles = [.firstLeader, .follower, .follower]
        case .follower: roles = [.firstLeader, .secondLeader, .follower]
        }
        for role in Set(roles).sorted(by: { places[$0, default: 0] < places[$1, default: 0] }) {
            begin(role)
        }
    }

    var count: Int { locals.count }

    func first(of role: Role) -> Int { firsts[role] ?? 0 }
    func said(by local: Int) -> UInt64 { locals[local].said }
    func fault(of local: Int) -> String? { locals[local].fault }

    // MARK: Steps

    private mutating func begin(_ role: Role) {
        let rules = ProposalRules(
            chainID: MockBlocks.chainID, consensusParameters: MockBlocks.parameters,
            epochLength: 1_000)
        let place = places[role, default: 0]
        var configuration = AgreementConfiguration(
            rules: rules, ownAddress: set.validators[place].address)
        configuration.mutant = mutant
        let start = EpochStart(
            genesis: CommitteeWorld.timestamp(0), validatorSet: set, seed: Bytes32(repeating: 7))
        let machine = AgreementMachine(configuration, AgreementStart(epoch: start))
        firsts[role] = run(machine, [.began], role, [])
    }

    /// Where a step leads; to the same number when it changes nothing.
    mutating func step(_ local: Int, _ action: Action, role: Role) -> Int {
        let key = StepKey(local: local, action: action)
        if let known = steps[key] { return known }
        let before = locals[local]
        let event: AgreementMachine.Event =
            switch action {
            case .expire: .woke
            case .proposal(let index):
                .received(
                    .proposal(proposals[index].proposal),
                    from: set.validators[proposals[index].leader].address)
            case .certificate(let bit):
                .received(
                    .certificate(certificate(statements[bit])), from: set.validators[0].address)
            case .leaderNullify(let view):
                .received(
                    .vote(signed(.nullify(Epoch(0), view), by: leaders[view] ?? 0)),
                    from: set.validators[leaders[view] ?? 0].address)
            }
        let after = run(before.machine, [event], role, before.statements)
        steps[key] = after
        return after
    }

    /// Does all that a machine asks for at once: what is awaited is there, what is signed is durable.
    private mutating func run(
        _ before: AgreementMachine, _ events: [AgreementMachine.Event], _ role: Role,
        _ earlier: [Statement]
    ) -> Int {
        var machine = before
        var said = earlier
        var fault: String?
        var pending = events
        var next = 0
        while next < pending.count {
            var effects: [AgreementMachine.Effect] = []
            let isWaking = if case .woke = pending[next] { true } else { false }
            // Deadlines count from one moment, and every wait ends at another.
            let now = CommitteeWorld.origin + (isWaking ? 86_400_000_000_000 : 1_000_000_000)
            machine.handle(pending[next], at: Instant(nanoseconds: now), into: &effects)
            next += 1
            for effect in effects {
                if case .sign(let intent) = effect, !said.contains(intent.statement) {
                    for one in said where one.fault(with: intent.statement) != nil {
                        fault = "I4: an honest member says \(one) and \(intent)"
                    }
                    said.append(intent.statement)
                }
                if let answer = answer(to: effect, place: places[role, default: 0]) {
                    pending.append(answer)
                }
            }
        }
        return number(machine, said, role, fault)
    }

    private mutating func answer(
        to effect: AgreementMachine.Effect, place: Int
    ) -> AgreementMachine.Event? {
        switch effect {
        case .sign(let intent):
            let signed = signed(intent.statement, by: place)
            return .signed(intent, timestamp: signed.timestamp, signature: signed.signature)
        case .verify(let id, let claims): return .verified(id, claims.map { _ in true })
        case .buildBlock(let request):
            return .built(
                request.epoch, request.view,
                built(request, by: place, variant: 0))
        case .awaitRows(let proposal): return .rowsHeld(proposal.block)
        case .startCertify(let proposal): return certified(proposal.block)
        case .recertify(let block): return certified(block)
        case .broadcast(.proposal(let proposal)):
            if proposal.view <= lastView { publish(proposal, isFaulty: false) }
            return nil
        default: return nil
        }
    }

    private func certified(_ block: BlockReference) -> AgreementMachine.Event? {
        guard case .certified(let certified) = blocks.certify(block.hash) else { return nil }
        return .certified(certified)
    }

    private mutating func number(
        _ machine: AgreementMachine, _ said: [Statement], _ role: Role, _ fault: String?
    ) -> Int {
        var bits: UInt64 = 0
        for statement in said where statement.kind != .commit && statement.view <= lastView {
            bits |= 1 << UInt64(bit(of: statement))
        }
        let key = Key(role: role, words: machine.essence(upTo: lastView), said: bits)
        if fault == nil, let known = numbers[key] { return known }
        locals.append(Local(machine: machine, said: bits, statements: said, fault: fault))
        precondition(locals.count < 1 << 20, "a member's states have numbers of 20 bits")
        numbers[key] = locals.count - 1
        return locals.count - 1
    }

    private mutating func bit(of statement: Statement) -> Int {
        if let bit = statementBits[statement] { return bit }
        precondition(statements.count < 64, "what is said in a few views has 64 bits")
        statements.append(statement)
        statementBits[statement] = statements.count - 1
        return statements.count - 1
    }
}

/// A proposal that may reach members.
struct ExploredProposal {
    let proposal: Proposal
    let leader: Int
    let isFaulty: Bool
    /// What must be certified before a faulty leader can make it.
    let needs: [Statement]
}

// MARK: What is there to reach a member

extension ExploredMembers {
    /// What can reach anybody, by what two honest members said and by what one said.
    mutating func actions(certified: UInt64, said: UInt64) -> [Action] {
        var actions: [Action] = [.expire]
        for bit in statements.indices
        where certified >> UInt64(bit) & 1 == 1 && statements[bit].kind != .propose {
            actions.append(.certificate(bit))
        }
        proposeFaultily(certified)
        for (index, one) in proposals.enumerated() {
            let isThere =
                one.isFaulty
                ? one.needs.allSatisfy { holds($0, in: certified) }
                : holds(one.proposal.statement, in: said)
            if isThere { actions.append(.proposal(index)) }
        }
        for number in 1...lastView.value {
            guard let view = View(number), let leader = leaders[view] else { continue }
            if isFaulty(leader) || holds(.nullify(Epoch(0), view), by: leader, in: said) {
                actions.append(.leaderNullify(view))
            }
        }
        return actions
    }

    private func holds(_ statement: Statement, in bits: UInt64) -> Bool {
        guard let bit = statementBits[statement] else { return false }
        return bits >> UInt64(bit) & 1 == 1
    }

    /// Whether an honest leader may have said it: taken for said as soon as anybody did.
    private func holds(_ statement: Statement, by leader: Int, in said: UInt64) -> Bool {
        holds(statement, in: said)
    }

    private func isFaulty(_ place: Int) -> Bool {
        switch faulty {
        case .firstLeader: place == places[.firstLeader]
        case .secondLeader: place == places[.secondLeader]
        case .follower: !places.values.contains(place)
        }
    }

    /// The faulty leader's blocks of its views: two on each parent that is possible.
    private mutating func proposeFaultily(_ certified: UInt64) {
        for number in 1...lastView.value {
            guard let view = View(number), let leader = leaders[view], isFaulty(leader) else {
                continue
            }
            var parents: [(Proposal?, View)] = []
            if isPassed(from: .base, to: view, in: certified) { parents.append((nil, .base)) }
            for one in proposals where one.proposal.view < view {
                let proposal = one.proposal
                let notarize = Statement.notarize(proposal.block, Epoch(0), proposal.view)
                if holds(notarize, in: certified),
                    isPassed(from: proposal.view, to: view, in: certified)
                {
                    parents.append((proposal, proposal.view))
                }
            }
            for (parent, parentView) in parents {
                for variant in 1...2 {
                    propose(in: view, by: leader, on: parent, of: parentView, variant: variant)
                }
            }
        }
    }

    private func isPassed(from lower: View, to upper: View, in certified: UInt64) -> Bool {
        var between = lower.next
        while between < upper {
            guard holds(.nullify(Epoch(0), between), in: certified) else { return false }
            between = between.next
        }
        return true
    }

    private mutating func propose(
        in view: View, by leader: Int, on parent: Proposal?, of parentView: View, variant: Int
    ) {
        var nullifications: [QuorumCertificate] = []
        var between = parentView.next
        while between < view {
            nullifications.append(certificate(.nullify(Epoch(0), between)))
            between = between.next
        }
        let parentCertificate = parent.map {
            certificate(.notarize($0.block, Epoch(0), $0.view))
        }
        let time = parent?.header.time ?? CommitteeWorld.timestamp(0)
        let request = BlockRequest(
            epoch: Epoch(0), view: view,
            parent: ChainPoint(block: parent?.block, time: time, certificate: parentCertificate),
            parentView: parentView, parentSet: set, validatorSet: set,
            nullifications: nullifications)
        let block = built(request, by: leader, variant: variant)
        guard
            let proposal = Proposal(
                epoch: Epoch(0), view: view, header: block.header, extension: block.extension,
                roots: block.roots, parent: parentCertificate, signature: Bytes64())
        else { preconditionFailure("a built block is a proposal") }
        publish(proposal, isFaulty: true)
    }

    private mutating func publish(_ proposal: Proposal, isFaulty: Bool) {
        guard !proposals.contains(where: { $0.proposal.statement == proposal.statement }),
            let leader = leaders[proposal.view]
        else { return }
        var needs = proposal.parent.map { [$0.statement] } ?? []
        var between = proposal.parentView.next
        while between < proposal.view {
            needs.append(.nullify(Epoch(0), between))
            between = between.next
        }
        let signed = proposal.signed(signed(proposal.statement, by: leader).signature)
        proposals.append(
            ExploredProposal(proposal: signed, leader: leader, isFaulty: isFaulty, needs: needs))
    }

    /// The same block for the same request: its number is what it was made of.
    private mutating func built(
        _ request: BlockRequest, by place: Int, variant: Int
    ) -> BuiltBlock {
        let parent = request.parent.block.map { MockSignature.word($0.hash) } ?? 0
        let number = Draw.mix(
            Draw.mix(parent ^ request.view.value << 8 ^ UInt64(variant)) ^ request.parentView.value)
        return blocks.build(
            request, by: set.validators[place].address, at: 0, number: number)
    }

    /// Everybody's signatures; who signed decides nothing.
    private func certificate(_ statement: Statement) -> QuorumCertificate {
        QuorumCertificate(statement, (0..<4).map { signed(statement, by: $0) })
    }

    private func signed(_ statement: Statement, by place: Int) -> SignedStatement {
        SignedStatement(
            statement, place: place, timestamp: CommitteeWorld.timestamp(1),
            signature: Bytes64(repeating: UInt8(place + 1)))
    }
}

// MARK: What can be final

extension ExploredMembers {
    func finalBlocks(_ certified: UInt64) -> [BlockReference] {
        var found: [BlockReference] = []
        for bit in statements.indices
        where certified >> UInt64(bit) & 1 == 1 && statements[bit].kind == .finalize {
            if let block = statements[bit].block, !found.contains(block) { found.append(block) }
        }
        return found
    }

    /// Whether neither block stands on the other.
    func conflict(_ one: BlockReference, _ other: BlockReference) -> Bool {
        one != other && !blocks.ancestors(of: one, above: 0).contains(other)
            && !blocks.ancestors(of: other, above: 0).contains(one)
    }
}
