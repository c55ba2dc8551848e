// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// What staking must know of a block before its transactions.
public struct StakingBlock: Hashable, Sendable {
    /// Votes for one earlier block that this one includes.
    public struct Votes: Hashable, Sendable {
        /// The earlier block's height.
        public let height: UInt64
        /// Who voted, by their places in that block's committee.
        public let places: [Int]

        /// Names the voters; their signatures were verified.
        public init(height: UInt64, places: [Int]) {
            self.height = height
            self.places = places
        }
    }

    /// Its height, one above the last.
    public let height: UInt64
    /// Its time in milliseconds since 1970.
    public let time: UInt64
    /// The address of the key that proposed it.
    public let proposer: Bytes20
    /// The hash of the block before it; zero for the first.
    public let parentHash: Bytes32
    /// Its data root.
    public let dataRoot: Bytes32
    /// Shares along one side of its extended square.
    public let width: UInt16
    /// The votes that it includes, of at most the eight blocks before it.
    public let votes: [Votes]

    /// Takes the parts.
    public init(
        height: UInt64, time: UInt64, proposer: Bytes20, parentHash: Bytes32, dataRoot: Bytes32,
        width: UInt16, votes: [Votes]
    ) {
        self.height = height
        self.time = time
        self.proposer = proposer
        self.parentHash = parentHash
        self.dataRoot = dataRoot
        self.width = width
        self.votes = votes
    }
}

/// What the end of an epoch has brought.
public struct EpochOutcome: Hashable, Sendable {
    /// Coins that came into the world.
    public let issued: UInt64
    /// Who was jailed for absence or failed audits.
    public let jailed: [Bytes20]
    /// Whether so many were absent that nobody was jailed.
    public let isBraked: Bool
    /// The committee of the epoch after the next.
    public let committee: CommitteeRecord
}

/// Somebody who validates from the beginning.
public struct GenesisStake: Hashable, Sendable {
    /// The validator; its amount comes out of its operator's account.
    public let validator: NewValidator

    /// Names the validator.
    public init(_ validator: NewValidator) {
        self.validator = validator
    }
}

/// The order of a block.
extension StakingState {
    /// Puts the beginning into effect: who is staked, and the committees of the first two epochs.
    ///
    /// - Parameters:
    ///   - stakes: who validates from the beginning.
    ///   - supply: all coins of the genesis, those that are now staked included.
    ///   - time: the genesis's, in milliseconds since 1970.
    ///   - seed: what audits of the first epoch are drawn from.
    /// - Throws: for nobody, too many, or more than is there; the state is then useless.
    public mutating func begin(
        _ stakes: [GenesisStake], supply: UInt64, time: UInt64, seed: Bytes32
    ) throws(StakingFault) {
        guard supply <= StakingRules.supplyMax, !stakes.isEmpty,
            stakes.count <= CommitteeRecord.membersMax
        else { throw .invalidRequest("a genesis with nobody, too many or too much staked") }
        var totals = StakingTotals()
        totals.supply = supply
        totals.validators = UInt64(stakes.count)
        save(totals, StakingKey.totals)
        var clock = StakingClock()
        clock.time = time
        clock.genesisTime = time
        clock.epochStartTime = time
        clock.seed = seed
        save(clock, StakingKey.clock)
        var members: [CommitteeMember] = []
        for stake in stakes {
            let new = stake.validator
            guard try validator(new.operatorAddress) == nil else { throw .validatorExists }
            enter(new)
            try delegate(new.amount, of: new.operatorAddress, to: new.operatorAddress)
            var validator = try required(new.operatorAddress)
            validator.lastSeat = 2
            save(validator)
            members.append(
                CommitteeMember(
                    operatorAddress: new.operatorAddress, key: new.key, weight: new.amount))
        }
        for epoch: UInt64 in 0..<2 {
            var committee = CommitteeRecord(epoch: epoch, members: members)
            if epoch == 0 {
                committee.firstHeight = 1
                committee.start = time
            }
            save(committee, StakingKey.committee(epoch))
        }
    }

    /// Takes in a block's header and the votes that it includes.
    ///
    /// - Throws: `invalidRequest` for a block that does not follow the last one, and for votes that
    ///   it may not include; the state is then unchanged.
    public mutating func beginBlock(_ block: StakingBlock) throws(StakingFault) {
        var clock = try clock()
        guard block.height == clock.height + 1, block.time >= clock.time else {
            throw .invalidRequest("a block that does not follow the last one")
        }
        guard let committee = try committee(of: clock.epoch) else {
            throw .state("an epoch without a committee")
        }
        let proposer = committee.members.firstIndex { $0.address == block.proposer }
        var record = BlockRecord(
            epoch: clock.epoch, time: block.time, dataRoot: block.dataRoot, width: block.width,
            proposer: proposer.map { UInt16($0) } ?? .max, members: committee.members.count)
        var noted: [(UInt64, BlockRecord)] = []
        for votes in block.votes {
            noted.append((votes.height, try note(votes, in: block, &record)))
        }
        for (height, earlier) in noted { save(earlier, StakingKey.block(height)) }
        clock.height = block.height
        clock.time = block.time
        save(clock, StakingKey.clock)
        save(record, StakingKey.block(block.height))
        store.set(StakingKey.parent(block.height), to: block.parentHash.array)
        if block.height > StakingRules.inclusionBlocks + 1 {
            try noteMisses(height: block.height - StakingRules.inclusionBlocks - 1)
        }
        try forgetBlocks(clock)
    }

    /// An earlier block's record with further votes, whose power counts for who includes them.
    private func note(
        _ votes: StakingBlock.Votes, in block: StakingBlock, _ record: inout BlockRecord
    ) throws(StakingFault) -> BlockRecord {
        guard votes.height < block.height,
            votes.height + StakingRules.inclusionBlocks >= block.height,
            block.votes.count(where: { $0.height == votes.height }) == 1,
            var earlier = try self.block(at: votes.height),
            let committee = try committee(of: earlier.epoch)
        else { throw .invalidRequest("votes of height \(votes.height) cannot be included") }
        let isLate = block.height - votes.height > StakingRules.promptBlocks
        let powers = committee.powers
        for place in votes.places {
            guard place >= 0, place < powers.count else {
                throw .invalidRequest("a vote of nobody in the committee")
            }
            if earlier.note(place, isLate: isLate) { record.includedPower += powers[place] }
        }
        return earlier
    }

    /// Takes in the fees of a transaction, which the ledger took from its account.
    public mutating func collect(fee: UInt64) throws(StakingFault) {
        try move(fee, from: nil, to: \.fees)
    }

    /// Frees what has unbonded, and moves the price of gas by what the block's blobs used.
    public mutating func endBlock(gasUsed: UInt64) throws(StakingFault) {
        try mature()
        var prices = try prices()
        prices.advance(gasUsed: gasUsed)
        save(prices, StakingKey.prices)
    }

    /// Whether the block that runs is the last of its epoch.
    public func isEpochEnd() throws(StakingFault) -> Bool {
        let clock = try clock()
        return clock.height + 1 >= clock.epochStart + rules.epochBlocks
    }

    /// Ends an epoch after its last block: pays, judges, and fixes the committee after the next.
    public mutating func endEpoch(
        blockHash: Bytes32, _ witness: some StakingWitness
    ) throws(StakingFault) -> EpochOutcome {
        var clock = try clock()
        let tally = try tally()
        let issued = try reward(tally)
        try judgeChallenges(tally)
        try scoreDuties(tally, witness)
        let (jailed, isBraked) = try jailAbsent()
        try takeSecondSteps()
        guard let prior = try committee(of: clock.epoch + 1) else {
            throw .state("an epoch without a committee")
        }
        let elected = try elect(epoch: clock.epoch + 2, after: prior)
        save(elected, StakingKey.committee(elected.epoch))
        clock.epoch += 1
        clock.epochStart = clock.height + 1
        clock.epochStartTime = clock.time
        clock.seed = SHA256.hash(clock.seed.array + blockHash.array)
        (clock.auditLow, clock.auditHigh) = try auditedHeights(clock)
        save(clock, StakingKey.clock)
        var next = prior
        next.firstHeight = clock.epochStart
        next.start = clock.time
        save(next, StakingKey.committee(next.epoch))
        try welcome(next)
        try forgetEpochs(clock)
        try removeEmptyValidators()
        return EpochOutcome(
            issued: issued, jailed: jailed, isBraked: isBraked, committee: elected)
    }
}

/// What is forgotten.
extension StakingState {
    private mutating func forgetBlocks(_ clock: StakingClock) throws(StakingFault) {
        let oldest = store.entries(
            prefix: StakingKey.blocks, from: [], limit: StakingRules.prunedAtOnce)
        for entry in oldest {
            let block: BlockRecord = try read(entry.value)
            guard block.time + StakingRules.blockMilliseconds < clock.time,
                block.epoch + 2 <= clock.epoch
            else { return }
            store.remove(entry.key)
            // The height stands behind the kind in both keys.
            store.remove(StakingKey.parents + entry.key.dropFirst())
        }
    }

    private mutating func forgetEpochs(_ clock: StakingClock) throws(StakingFault) {
        let committees = store.entries(
            prefix: StakingKey.committees, from: [], limit: StakingRules.prunedAtOnce)
        let memory = StakingRules.unbondingMilliseconds + StakingRules.day
        for entry in committees {
            let committee: CommitteeRecord = try read(entry.value)
            guard committee.epoch + 2 < clock.epoch, committee.start + memory < clock.time else {
                break
            }
            store.remove(entry.key)
        }
        let faults = store.entries(
            prefix: StakingKey.faults, from: [], limit: StakingRules.prunedAtOnce)
        for entry in faults {
            let fault: FaultRecord = try read(entry.value)
            guard fault.isDone, fault.time + StakingRules.withholdingMemory < clock.time else {
                break
            }
            store.remove(entry.key)
        }
    }

    /// Frees entries whose time has come; those that a fault may still cut wait another while.
    private mutating func mature() throws(StakingFault) {
        let clock = try clock()
        let due = store.entries(
            prefix: StakingKey.unbondingQueue, from: [], limit: StakingRules.maturitiesMax)
        for entry in due {
            let (time, name, delegator, height) = try parts(ofUnbonding: entry.key)
            guard time <= clock.time else { break }
            store.remove(entry.key)
            let key = StakingKey.unbonding(from: name, by: delegator, height: height)
            guard var left: UnbondingEntry = try load(key), var validator = try validator(name)
            else { throw .state("a due entry that is not there") }
            if validator.openFaults > 0 {
                left.due = clock.time + StakingRules.faultHold
                save(left, key)
                store.set(
                    StakingKey.unbondingDue(
                        left.due, operator: name, delegator: delegator, height: height), to: [])
                continue
            }
            try pay(left.balance, from: \.unbonding, to: delegator)
            drop(key, left, of: delegator, height: height, from: &validator)
            save(validator)
        }
        try matureRedelegations(clock)
    }

    private mutating func matureRedelegations(_ clock: StakingClock) throws(StakingFault) {
        let due = store.entries(
            prefix: StakingKey.redelegationQueue, from: [], limit: StakingRules.maturitiesMax)
        for entry in due {
            let (time, source, delegator) = try parts(ofRedelegation: entry.key)
            guard time <= clock.time else { break }
            store.remove(entry.key)
            let key = StakingKey.redelegation(from: source, by: delegator)
            guard var moved: Redelegation = try load(key) else {
                throw .state("a due redelegation that is not there")
            }
            if let validator = try validator(source), validator.openFaults > 0 {
                moved.due = clock.time + StakingRules.faultHold
                save(moved, key)
                store.set(
                    StakingKey.redelegationDue(moved.due, source: source, delegator: delegator),
                    to: [])
                continue
            }
            store.remove(key)
            store.remove(
                StakingKey.arrivals(at: moved.destination, of: delegator) + source.array)
        }
    }

    private func parts(
        ofUnbonding key: [UInt8]
    ) throws(StakingFault) -> (UInt64, Bytes20, Bytes20, UInt64) {
        do throws(DecodeFault) {
            var reader = ByteReader(key.dropFirst())
            return (
                try reader.bigEndian(), try reader.fixed(), try reader.fixed(),
                try reader.bigEndian()
            )
        } catch {
            throw .state("a key of the unbonding queue: \(error)")
        }
    }

    private func parts(
        ofRedelegation key: [UInt8]
    ) throws(StakingFault) -> (UInt64, Bytes20, Bytes20) {
        do throws(DecodeFault) {
            var reader = ByteReader(key.dropFirst())
            return (try reader.bigEndian(), try reader.fixed(), try reader.fixed())
        } catch {
            throw .state("a key of the redelegation queue: \(error)")
        }
    }
}
