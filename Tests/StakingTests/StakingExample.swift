// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Staking
import Testing

/// Accounts in memory.
struct ExampleAccounts: StakingAccounts, Hashable {
    var balances: [Bytes20: UInt64] = [:]

    func balance(of account: Bytes20) -> UInt64 { balances[account] ?? 0 }
    mutating func debit(_ amount: UInt64, from account: Bytes20) {
        balances[account] = balance(of: account) - amount
    }
    mutating func credit(_ amount: UInt64, to account: Bytes20) {
        balances[account] = balance(of: account) + amount
    }
    var total: UInt64 { balances.values.reduce(0, +) }
}

/// Everybody holds every row; evidence is a finding written out.
struct ExampleWitness: StakingWitness {
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
        _ address: Bytes20, _ kind: EvidenceFinding.Kind, height: UInt64, epoch: UInt64
    ) -> [UInt8] {
        var bytes = address.array + [kind.rawValue]
        bytes.append(bigEndian: height)
        bytes.append(bigEndian: epoch)
        return bytes
    }
}

/// Numbers from a seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
    mutating func below(_ bound: UInt64) -> UInt64 { next() % max(1, bound) }
}

/// A chain of blocks that only staking looks at.
struct StakingExample {
    typealias State = StakingState<MemoryStakingStore, ExampleAccounts>

    static let million: UInt64 = 1_000_000
    static let rates = CommissionRates(
        rate: Decimal18(basisPoints: 1000), maximum: Decimal18(basisPoints: 6000),
        rise: Decimal18(basisPoints: 100))

    var state: State
    let witness = ExampleWitness()
    var dataRoot = Bytes32()
    var width: UInt16 = 4
    /// Milliseconds from block to block.
    var pace: UInt64 = 1000
    /// Operators whose votes do not come.
    var absent: Set<Bytes20> = []
    var outcomes: [EpochOutcome] = []

    static func account(_ number: UInt8) -> Bytes20 { Bytes20(repeating: number) }
    static func key(_ number: UInt8, _ turn: UInt8 = 0) -> Bytes32 {
        SHA256.hash([number, turn])
    }
    static func address(ofKey key: Bytes32) -> Bytes20 {
        ValidatorKey.ed25519(Ed25519PublicKey(key)).address
    }

    static func newValidator(
        _ number: UInt8, amount: UInt64, key: Bytes32? = nil
    ) -> NewValidator {
        NewValidator(
            operatorAddress: account(number), key: key ?? Self.key(number),
            description: ValidatorDescription(moniker: "v\(number)"), rates: rates,
            selfMinimum: StakingRules.selfBondMin, amount: amount)
    }

    /// Validators 1, 2, … with stakes of their own; everybody up to 200 has coins besides.
    init(
        stakes: [UInt64], epochBlocks: UInt64 = 20, balance: UInt64 = 1_000_000_000_000
    ) throws {
        var accounts = ExampleAccounts()
        for number in 1...200 as ClosedRange<UInt8> {
            accounts.balances[Self.account(number)] = balance
        }
        var validators: [GenesisStake] = []
        for (index, stake) in stakes.enumerated() {
            let new = Self.newValidator(UInt8(index + 1), amount: stake)
            accounts.credit(stake, to: new.operatorAddress)
            validators.append(GenesisStake(new))
        }
        state = State(
            rules: StakingRules(epochBlocks: epochBlocks), store: MemoryStakingStore(),
            accounts: accounts)
        try state.begin(
            validators, supply: accounts.total, time: 1_700_000_000_000, seed: Bytes32())
        state.begin(BasePrices(floor: Decimal18(raw: 1_000_000_000_000), target: 1_000_000))
    }

    /// One block with the votes for the one before; at an epoch's end, the end.
    mutating func block(_ messages: [StakingMessage] = []) throws {
        try open()
        for message in messages { try state.execute(message, witness) }
        try close()
    }

    mutating func open() throws {
        let clock = try state.clock()
        var votes: [StakingBlock.Votes] = []
        if clock.height > 0, let earlier = try state.block(at: clock.height),
            let committee = try state.committee(of: earlier.epoch)
        {
            let places = committee.members.indices.filter {
                !absent.contains(committee.members[$0].operatorAddress)
            }
            votes.append(StakingBlock.Votes(height: clock.height, places: places))
        }
        let committee = try #require(try state.committee(of: clock.epoch))
        let proposer = committee.members[Int(clock.height) % committee.members.count]
        try state.beginBlock(
            StakingBlock(
                height: clock.height + 1, time: clock.time + pace, proposer: proposer.address,
                parentHash: SHA256.hash(StakingKey.bytes(clock.height)), dataRoot: dataRoot,
                width: width, votes: votes))
    }

    mutating func close() throws {
        try state.endBlock(gasUsed: 0)
        if try state.isEpochEnd() {
            let height = try state.clock().height
            outcomes.append(
                try state.endEpoch(
                    blockHash: SHA256.hash(StakingKey.bytes(height)), witness))
        }
    }

    mutating func blocks(_ count: Int) throws {
        for _ in 0..<count { try block() }
    }

    mutating func epochs(_ count: UInt64) throws {
        let end = try state.clock().epoch + count
        while try state.clock().epoch < end { try block() }
    }

    /// The refusal of a message, or nil when it has had effect.
    mutating func refusal(of message: StakingMessage) -> StakingFault? {
        do throws(StakingFault) {
            try state.execute(message, witness)
            return nil
        } catch {
            return error
        }
    }

    func validator(_ number: UInt8) throws -> StakedValidator {
        try #require(try state.validator(Self.account(number)))
    }

    static func move(_ delegator: UInt8, _ validator: UInt8, _ amount: UInt64) -> StakeMove {
        StakeMove(delegator: account(delegator), validator: account(validator), amount: amount)
    }
}

/// What must hold of every state.
extension StakingExample.State {
    /// Every promise that is broken, in words; nothing when all hold.
    func contradictions() throws -> [String] {
        var found: [String] = []
        let totals = try totals()
        var bonded: UInt64 = 0
        var rewards: UInt64 = 0
        var unbonding: UInt64 = 0
        for validator in try validators() {
            bonded += validator.tokens
            rewards += validator.rewards + validator.commission
            var shares: UInt64 = 0
            var owed: UInt64 = 0
            var worth: UInt64 = 0
            let name = validator.operatorAddress
            for entry in store.entries(prefix: StakingKey.delegations(to: name)) {
                let delegation: Delegation = try read(entry.value)
                shares += delegation.shares
                owed += try reward(of: delegation, with: validator)
                worth += try validator.worth(of: delegation.shares)
            }
            if shares != validator.shares { found.append("shares of \(name)") }
            if owed > validator.rewards { found.append("rewards of \(name) promised twice") }
            if worth > validator.tokens { found.append("stake of \(name) promised twice") }
            var entries: UInt32 = 0
            for entry in store.entries(prefix: StakingKey.unbonding(from: name)) {
                let left: UnbondingEntry = try read(entry.value)
                unbonding += left.balance
                entries += 1
            }
            if entries != validator.unbondingEntries { found.append("entries of \(name)") }
            if validator.shares == 0, validator.tokens > 0 { found.append("nobody's stake") }
        }
        var bonds: UInt64 = 0
        for entry in store.entries(prefix: StakingKey.challenges) {
            let challenge: Challenge = try read(entry.value)
            let answered = UInt64(challenge.targets.count { $0.hasAnswered })
            bonds += challenge.bond - answered * challenge.answerPrice
        }
        if bonded != totals.bonded { found.append("bonded") }
        if rewards != totals.rewards { found.append("rewards") }
        if unbonding != totals.unbonding { found.append("unbonding") }
        if bonds != totals.bonds { found.append("bonds") }
        let placed =
            accounts.total + totals.bonded + totals.unbonding + totals.rewards + totals.pool
            + totals.fund + totals.fees + totals.bonds
        if placed != totals.supply { found.append("supply \(totals.supply), found \(placed)") }
        return found
    }

    /// The coins of the genesis, as issuance and burning leave them to be reckoned.
    var genesisSupply: UInt64 {
        get throws {
            let totals = try totals()
            return totals.supply - totals.issued + totals.burned
        }
    }
}
