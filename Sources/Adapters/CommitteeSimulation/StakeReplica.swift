// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import Staking

/// The stakes as one member of a simulated committee has them from its own final blocks.
///
/// What a block does follows from its hash alone: delegations that come, go and move, rewards that
/// are drawn, keys that change, evidence against anybody. So all members must have the same state
/// after the same height (I17), and no coin may appear, vanish or be promised twice (I9).
struct StakeReplica {
    typealias State = StakingState<MemoryStakingStore, ReplicaAccounts>

    private static let accountCount: UInt64 = 12
    private static let balance: UInt64 = 1_000_000_000_000
    private static let rates = CommissionRates(
        rate: Decimal18(basisPoints: 1_000), maximum: Decimal18(basisPoints: 6_000),
        rise: Decimal18(basisPoints: 100))

    private var state: State
    private let witness = ReplicaWitness()
    private let genesisSupply: UInt64
    /// The last height that had its effect.
    private(set) var height: UInt64 = 0
    /// How many messages had an effect, for who wants to know that there were any.
    private(set) var effects = 0

    init(memberCount: Int, seed: UInt64) {
        var accounts = ReplicaAccounts()
        for number in 0..<Self.accountCount {
            accounts.credit(Self.balance, to: Self.account(number))
        }
        var stakes: [GenesisStake] = []
        for member in 0..<UInt64(memberCount) {
            let stake = 1_000_000 * (100 + Draw.mix(seed ^ member) % 400)
            accounts.credit(stake, to: Self.account(member))
            stakes.append(GenesisStake(Self.validator(member, stake: stake)))
        }
        state = State(
            rules: StakingRules(epochBlocks: 4), store: MemoryStakingStore(), accounts: accounts)
        genesisSupply = accounts.total
        do throws(StakingFault) {
            try state.begin(
                stakes, supply: genesisSupply, time: CommitteeWorld.origin / 1_000_000,
                seed: Bytes32())
            state.begin(BasePrices(floor: Decimal18(raw: 1_000_000_000_000), target: 1_000_000))
        } catch {
            preconditionFailure("members with stakes are a genesis: \(error)")
        }
    }

    private static func account(_ number: UInt64) -> Bytes20 {
        Bytes20(repeating: UInt8(1 + number))
    }

    private static func key(_ number: UInt64, turn: UInt8 = 0) -> Bytes32 {
        SHA256.hash([UInt8(number), turn])
    }

    private static func validator(_ number: UInt64, stake: UInt64) -> NewValidator {
        NewValidator(
            operatorAddress: account(number), key: key(number),
            description: ValidatorDescription(moniker: "member \(number)"), rates: rates,
            selfMinimum: StakingRules.selfBondMin, amount: stake)
    }

    // MARK: Blocks

    /// Puts one final block into effect; `order` is the bug of going through it backwards, `mints`
    /// that of paying a fee twice.
    mutating func apply(
        _ block: BlockReference, isReversed: Bool = false, mints: Bool = false
    ) throws(StakingFault) {
        var draw = Draw(seed: MockSignature.word(block.hash))
        try open(block, &draw)
        if draw.index(below: 4) == 0 {
            let payer = Self.account(draw.next(below: Self.accountCount))
            let fee = min(1 + draw.next(below: 1_000_000), state.accounts.balance(of: payer))
            state.accounts.debit(fee, from: payer)
            try state.collect(fee: fee)
            if mints { state.accounts.credit(fee, to: payer) }
        }
        var messages: [StakingMessage] = []
        for _ in 0..<3 { messages.append(try message(&draw)) }
        if isReversed { messages.reverse() }
        for message in messages {
            do throws(StakingFault) {
                try state.execute(message, witness)
                effects += 1
            } catch {
                if case .state = error { throw error }
            }
        }
        try state.endBlock(gasUsed: 0)
        if try state.isEpochEnd() { _ = try state.endEpoch(blockHash: block.hash, witness) }
        height = block.height.value
    }

    private mutating func open(_ block: BlockReference, _ draw: inout Draw) throws(StakingFault) {
        let clock = try state.clock()
        var votes: [StakingBlock.Votes] = []
        if clock.height > 0, let earlier = try state.block(at: clock.height),
            let committee = try state.committee(of: earlier.epoch)
        {
            let places = committee.members.indices.filter { _ in draw.index(below: 8) != 0 }
            votes.append(StakingBlock.Votes(height: clock.height, places: places))
        }
        guard let committee = try state.committee(of: clock.epoch) else {
            throw .state("an epoch without a committee")
        }
        let proposer = committee.members[draw.index(below: committee.members.count)]
        // Now and then days pass, so that what is on its way out comes out.
        let pace = draw.index(below: 6) == 0 ? draw.next(below: 8 * 86_400_000) : 2_000
        try state.beginBlock(
            StakingBlock(
                height: clock.height + 1, time: clock.time + pace, proposer: proposer.address,
                parentHash: SHA256.hash(block.hash.array), dataRoot: block.dataRoot, width: 4,
                votes: votes))
    }

    private func message(_ draw: inout Draw) throws(StakingFault) -> StakingMessage {
        let members = try state.validators()
        let validator = members[draw.index(below: members.count)].operatorAddress
        let delegator = Self.account(draw.next(below: Self.accountCount))
        let held = try held(&draw)
        switch draw.index(below: 12) {
        case 0, 1, 2, 3:
            return .delegate(
                StakeMove(
                    delegator: delegator, validator: validator,
                    amount: 1 + draw.next(below: 1_000_000_000)))
        case 4, 5: return .undelegate(held)
        case 6, 7: return .redelegate(held, destination: validator)
        case 8: return .withdrawReward(delegator: held.delegator, validator: held.validator)
        case 9: return .withdrawCommission(validator: validator)
        case 10: return .unjail(validator: validator)
        default:
            let clock = try state.clock()
            let kinds = EvidenceFinding.Kind.allCases
            return .submitEvidence(
                submitter: delegator,
                evidence: ReplicaWitness.evidence(
                    members[draw.index(below: members.count)].consensusKey,
                    kinds[draw.index(below: kinds.count)], height: clock.height,
                    epoch: clock.epoch - min(clock.epoch, draw.next(below: 3))))
        }
    }

    /// Some of a delegation that there is.
    private func held(_ draw: inout Draw) throws(StakingFault) -> StakeMove {
        let entries = state.store.entries(prefix: [0x13])
        guard !entries.isEmpty else { throw .state("nobody has any stake") }
        let (key, value) = entries[draw.index(below: entries.count)]
        let delegation: Delegation = try state.read(value)
        guard let name = Bytes20(key[1..<21]), let delegator = Bytes20(key[21..<41]),
            let validator = try state.validator(name)
        else { throw .state("a delegation to nobody") }
        let worth: UInt64
        do throws(ArithmeticFault) {
            worth = try validator.worth(of: delegation.shares)
        } catch {
            throw .state("shares of \(name) that are worth too much")
        }
        return StakeMove(
            delegator: delegator, validator: name, amount: 1 + draw.next(below: max(worth, 1)))
    }

    // MARK: What must hold

    /// A digest of everything: equal for equal states.
    var digest: Bytes32 {
        var bytes: [UInt8] = []
        for entry in state.store.entries(prefix: []) {
            bytes.append(bigEndian: UInt64(entry.key.count))
            bytes += entry.key
            bytes.append(bigEndian: UInt64(entry.value.count))
            bytes += entry.value
        }
        for (account, balance) in state.accounts.sorted {
            bytes.append(account)
            bytes.append(bigEndian: balance)
        }
        return SHA256.hash(bytes)
    }

    /// Where the coins are not what they must be; nil when all is well.
    var contradiction: String? {
        do throws(StakingFault) {
            let totals = try state.totals()
            let placed =
                state.accounts.total + totals.bonded + totals.unbonding + totals.rewards
                + totals.pool + totals.fund + totals.fees + totals.bonds
            guard placed == totals.supply else {
                return "\(totals.supply) coins, and \(placed) are somewhere"
            }
            guard totals.supply == genesisSupply + totals.issued - totals.burned else {
                return "\(totals.supply) coins of \(genesisSupply)"
            }
            let bonded = try state.validators().reduce(0) { $0 + $1.tokens }
            return bonded == totals.bonded ? nil : "\(bonded) staked, \(totals.bonded) said"
        } catch {
            return "\(error)"
        }
    }
}

/// Accounts of a replica.
struct ReplicaAccounts: StakingAccounts {
    private var balances: [Bytes20: UInt64] = [:]

    func balance(of account: Bytes20) -> UInt64 { balances[account] ?? 0 }
    mutating func debit(_ amount: UInt64, from account: Bytes20) {
        balances[account] = balance(of: account) - amount
    }
    mutating func credit(_ amount: UInt64, to account: Bytes20) {
        balances[account] = balance(of: account) + amount
    }

    var total: UInt64 { balances.values.reduce(0, +) }
    var sorted: [(Bytes20, UInt64)] {
        balances.sorted { $0.key.array.lexicographicallyPrecedes($1.key.array) }
            .map { ($0.key, $0.value) }
    }
}

/// Everybody holds every row; evidence is a finding written out.
private struct ReplicaWitness: StakingWitness {
    func holders(
        ofRow row: Int, width: Int, height: UInt64, parentHash: Bytes32,
        committee: CommitteeRecord
    ) -> [Int] {
        Array(committee.members.indices)
    }

    func finding(
        in evidence: [UInt8], blockHash: (UInt64) -> Bytes32?,
        committee: (UInt64) throws(StakingFault) -> CommitteeRecord?
    ) throws(StakingFault) -> EvidenceFinding {
        guard evidence.count == 37, let address = Bytes20(evidence[0..<20]),
            let kind = EvidenceFinding.Kind(rawValue: evidence[20])
        else { throw .evidence("it shows nothing") }
        func number(_ range: Range<Int>) -> UInt64 {
            range.reduce(0) { $0 << 8 | UInt64(evidence[$1]) }
        }
        return EvidenceFinding(
            validator: address, kind: kind, height: number(21..<29), epoch: number(29..<37),
            id: SHA256.hash(evidence))
    }

    static func evidence(
        _ key: Bytes32, _ kind: EvidenceFinding.Kind, height: UInt64, epoch: UInt64
    ) -> [UInt8] {
        var bytes = ValidatorKey.ed25519(Ed25519PublicKey(key)).address.array + [kind.rawValue]
        bytes.append(bigEndian: height)
        bytes.append(bigEndian: epoch)
        return bytes
    }
}
