// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import Staking

/// Staking as a chain runs it, with stake that moves by chance.
struct Elections {
    private typealias State = StakingState<MemoryStakingStore, EndlessAccounts>

    private(set) var keys: [Ed25519PrivateKey] = []
    private let plan: ElectedChain.Plan
    private var state: State
    private var draw: LightDraw
    /// Who validates, those longest there first.
    private var staked: [Int] = []
    private var known: (epoch: UInt64, set: ValidatorSet)?

    init(_ plan: ElectedChain.Plan) throws(StakingFault) {
        self.plan = plan
        draw = LightDraw(seed: plan.seed)
        state = State(
            rules: StakingRules(epochBlocks: plan.epochBlocks), store: MemoryStakingStore(),
            accounts: EndlessAccounts())
        var stakes: [GenesisStake] = []
        for _ in 0..<plan.validatorCount { stakes.append(GenesisStake(newValidator())) }
        try state.begin(
            stakes, supply: 1 << 60, time: ElectedChain.start, seed: Bytes32())
        state.begin(BasePrices(floor: Decimal18(basisPoints: 1), target: 1_000_000))
    }

    /// The set of the epoch of a height.
    mutating func set(at height: UInt64) throws(StakingFault) -> ValidatorSet {
        let epoch = (height - 1) / plan.epochBlocks
        if let known, known.epoch == epoch { return known.set }
        do {
            guard let record = try state.committee(of: epoch) else {
                preconditionFailure("committees are known two epochs ahead")
            }
            let set = try record.validatorSet()
            known = (epoch, set)
            return set
        } catch {
            preconditionFailure("who was elected is a set: \(error)")
        }
    }

    /// The members of an epoch's committee.
    func members(of epoch: UInt64) throws(StakingFault) -> [ElectedChain.Member] {
        guard let record = try state.committee(of: epoch) else { return [] }
        return zip(record.members, record.powers).compactMap { member, power in
            guard let number = keys.firstIndex(where: { $0.publicKey.bytes == member.key }) else {
                return nil
            }
            return ElectedChain.Member(validator: number, power: Int64(power))
        }
    }

    /// Whose votes came in time: all but some, as long as there is a quorum.
    mutating func present(
        _ signers: [Ed25519PrivateKey], of set: ValidatorSet
    ) -> [Ed25519PrivateKey] {
        var present = signers
        var power = set.totalVotingPower
        for signer in signers where draw.chance(percent: 15) {
            let address = ValidatorKey.ed25519(signer.publicKey).address
            guard let place = set.place(of: address) else { continue }
            let left = power - set.validators[place].votingPower
            guard VotingFraction.twoThirds.isExceeded(by: left, of: set.totalVotingPower) else {
                continue
            }
            power = left
            present.removeAll { $0.publicKey == signer.publicKey }
        }
        return present
    }

    /// Puts a block into effect in whose epoch's first block stake moves.
    mutating func execute(_ header: BlockHeader) throws(StakingFault) {
        try state.beginBlock(
            StakingBlock(
                height: header.height.value,
                time: ElectedChain.start + header.height.value * plan.pace,
                proposer: header.proposerAddress ?? Bytes20(),
                parentHash: header.lastBlockID.hash ?? Bytes32(),
                dataRoot: header.dataHash ?? Bytes32(), width: 2, votes: []))
        if (header.height.value - 1) % plan.epochBlocks == 0 { try moveStake() }
        try state.endBlock(gasUsed: 0)
        guard try state.isEpochEnd() else { return }
        _ = try state.endEpoch(blockHash: header.hash, NobodyAsked())
    }

    /// Who was there longest leaves for somebody new, or somebody gets more.
    private mutating func moveStake() throws(StakingFault) {
        guard draw.chance(percent: plan.replacedPercent) else {
            let number = staked[draw.index(below: staked.count)]
            let name = Self.account(number)
            guard try state.validator(name)?.isJailed == false else { return }
            try state.execute(
                .delegate(
                    StakeMove(
                        delegator: name, validator: name, amount: 1 + draw.next(below: 40_000_000))),
                NobodyAsked())
            return
        }
        let name = Self.account(staked.removeFirst())
        let worth = try state.validator(name)?.tokens ?? 0
        if worth > 0 {
            try state.execute(
                .undelegate(StakeMove(delegator: name, validator: name, amount: worth)),
                NobodyAsked())
        }
        try state.execute(.createValidator(newValidator()), NobodyAsked())
    }

    private mutating func newValidator() -> NewValidator {
        let number = keys.count
        keys.append(
            Ed25519PrivateKey(
                seed: SHA256.hash(Array("validator \(plan.seed) \(number)".utf8))))
        staked.append(number)
        return NewValidator(
            operatorAddress: Self.account(number), key: keys[number].publicKey.bytes,
            description: ValidatorDescription(moniker: "v\(number)"),
            rates: CommissionRates(
                rate: Decimal18(basisPoints: 1000), maximum: Decimal18(basisPoints: 2000),
                rise: Decimal18(basisPoints: 100)),
            selfMinimum: StakingRules.selfBondMin, amount: 90_000_000 + draw.next(below: 20_000_000)
        )
    }

    private static func account(_ number: Int) -> Bytes20 {
        var bytes: [UInt8] = [UInt8](repeating: 0, count: 12)
        bytes.append(bigEndian: UInt64(number) + 1)
        return Bytes20(bytes) ?? Bytes20()
    }
}

/// Accounts that always have enough.
struct EndlessAccounts: StakingAccounts, Sendable {
    func balance(of account: Bytes20) -> UInt64 { 1 << 50 }
    mutating func debit(_ amount: UInt64, from account: Bytes20) {}
    mutating func credit(_ amount: UInt64, to account: Bytes20) {}
}

/// Nobody has to hold anything, so that nobody is audited; and nobody is accused.
struct NobodyAsked: StakingWitness {
    func holders(
        ofRow row: Int, width: Int, height: UInt64, parentHash: Bytes32,
        committee: CommitteeRecord
    ) -> [Int] { [] }

    func finding(
        in evidence: [UInt8], blockHash: (UInt64) -> Bytes32?,
        committee: (UInt64) throws(StakingFault) -> CommitteeRecord?
    ) throws(StakingFault) -> EvidenceFinding {
        throw .evidence("nobody is accused here")
    }
}

/// Numbers of a world, the same for the same seed: splitmix64.
struct LightDraw: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func next(below bound: UInt64) -> UInt64 {
        next().multipliedFullWidth(by: max(1, bound)).high
    }

    mutating func index(below bound: Int) -> Int { Int(next(below: UInt64(bound))) }

    mutating func chance(percent: UInt64) -> Bool { next(below: 100) < percent }
}
