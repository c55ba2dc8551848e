// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Somebody who wants to validate.
public struct NewValidator: Hashable, Sendable {
    /// The account that runs it.
    public var operatorAddress: Bytes20
    /// The Ed25519 key that it votes with.
    public var key: Bytes32
    /// What it says of itself.
    public var description: ValidatorDescription
    /// What it keeps of rewards.
    public var rates: CommissionRates
    /// What it promises to stake itself.
    public var selfMinimum: UInt64
    /// What it stakes.
    public var amount: UInt64

    /// Takes the parts.
    public init(
        operatorAddress: Bytes20, key: Bytes32, description: ValidatorDescription,
        rates: CommissionRates, selfMinimum: UInt64, amount: UInt64
    ) {
        self.operatorAddress = operatorAddress
        self.key = key
        self.description = description
        self.rates = rates
        self.selfMinimum = selfMinimum
        self.amount = amount
    }
}

/// What a validator changes of what it says.
public struct ValidatorEdit: Hashable, Sendable {
    /// The account that runs it.
    public var operatorAddress: Bytes20
    /// What it says of itself.
    public var description: ValidatorDescription
    /// What it keeps of rewards; nil where that stays.
    public var rate: Decimal18?
    /// What it promises to stake itself; nil where that stays.
    public var selfMinimum: UInt64?

    /// Takes the parts.
    public init(
        operatorAddress: Bytes20, description: ValidatorDescription, rate: Decimal18?,
        selfMinimum: UInt64?
    ) {
        self.operatorAddress = operatorAddress
        self.description = description
        self.rate = rate
        self.selfMinimum = selfMinimum
    }
}

/// Coins that somebody moves into or out of a validator's stake.
public struct StakeMove: Hashable, Sendable {
    /// Whose they are.
    public var delegator: Bytes20
    /// Whose stake it is.
    public var validator: Bytes20
    /// How many.
    public var amount: UInt64

    /// Takes the parts.
    public init(delegator: Bytes20, validator: Bytes20, amount: UInt64) {
        self.delegator = delegator
        self.validator = validator
        self.amount = amount
    }
}

/// A demand to show shares.
public struct ChallengeRequest: Hashable, Sendable {
    /// Who asks.
    public var challenger: Bytes20
    /// The block's height.
    public var height: UInt64
    /// The row of its extended square.
    public var row: UInt16
    /// The shares' places in the row, rising.
    public var columns: [UInt16]
    /// The most that may be laid down.
    public var bond: UInt64

    /// Takes the parts; whether there is such a block, the state says.
    public init(
        challenger: Bytes20, height: UInt64, row: UInt16, columns: [UInt16], bond: UInt64
    ) {
        self.challenger = challenger
        self.height = height
        self.row = row
        self.columns = columns
        self.bond = bond
    }
}

/// A message of staking that reads well; whether it has effect depends on the state.
public enum StakingMessage: Hashable, Sendable {
    /// Begins to validate.
    case createValidator(NewValidator)
    /// Changes a validator.
    case editValidator(ValidatorEdit)
    /// Stakes.
    case delegate(StakeMove)
    /// Leaves.
    case undelegate(StakeMove)
    /// Goes to another validator.
    case redelegate(StakeMove, destination: Bytes20)
    /// Stays after all.
    case cancelUnbonding(StakeMove, height: UInt64)
    /// Names the account that rewards go to.
    case setWithdrawAddress(account: Bytes20, to: Bytes20)
    /// Takes what a delegation has earned.
    case withdrawReward(delegator: Bytes20, validator: Bytes20)
    /// Takes what an operator has kept.
    case withdrawCommission(validator: Bytes20)
    /// Comes back from jail.
    case unjail(validator: Bytes20)
    /// Votes with another key from now on.
    case rotateKey(validator: Bytes20, key: Bytes32)
    /// Tells of a fault.
    case submitEvidence(submitter: Bytes20, evidence: [UInt8])
    /// Says that data was lost.
    case reportLoss(validator: Bytes20, first: UInt64, last: UInt64)
    /// Demands data.
    case challenge(ChallengeRequest)
    /// Shows what a challenge asks for.
    case answerChallenge(validator: Bytes20, id: UInt64, cells: [AuditedCell])
    /// Shows what audits ask for.
    case answerAudits(validator: Bytes20, epoch: UInt64, answers: [AuditAnswer])

    /// The account that must have signed.
    public var signer: Bytes20 {
        switch self {
        case .createValidator(let new): new.operatorAddress
        case .editValidator(let edit): edit.operatorAddress
        case .delegate(let move), .undelegate(let move), .redelegate(let move, _),
            .cancelUnbonding(let move, _):
            move.delegator
        case .setWithdrawAddress(let account, _): account
        case .withdrawReward(let delegator, _): delegator
        case .withdrawCommission(let validator), .unjail(let validator),
            .rotateKey(let validator, _), .reportLoss(let validator, _, _),
            .answerChallenge(let validator, _, _), .answerAudits(let validator, _, _):
            validator
        case .submitEvidence(let submitter, _): submitter
        case .challenge(let request): request.challenger
        }
    }
}

extension StakingState {
    /// Puts a message into effect, whose signer was verified.
    ///
    /// - Throws: why it has none; the state is then unchanged.
    public mutating func execute(
        _ message: StakingMessage, _ witness: some StakingWitness
    ) throws(StakingFault) {
        switch message {
        case .createValidator(let new): try createValidator(new)
        case .editValidator(let edit): try editValidator(edit)
        case .delegate(let move):
            try delegate(move.amount, of: move.delegator, to: move.validator)
        case .undelegate(let move):
            try undelegate(move.amount, of: move.delegator, from: move.validator)
        case .redelegate(let move, let destination):
            try redelegate(
                move.amount, of: move.delegator, from: move.validator, to: destination)
        case .cancelUnbonding(let move, let height):
            try cancelUnbonding(
                move.amount, of: move.delegator, from: move.validator, height: height)
        case .setWithdrawAddress(let account, let address):
            setWithdrawAddress(of: account, to: address)
        case .withdrawReward(let delegator, let validator):
            try withdrawReward(of: delegator, from: validator)
        case .withdrawCommission(let validator): try withdrawCommission(of: validator)
        case .unjail(let validator): try unjail(validator)
        case .rotateKey(let validator, let key): try rotateKey(of: validator, to: key)
        case .submitEvidence(let submitter, let evidence):
            let finding = try witness.finding(in: evidence, blockHash: { blockHash(of: $0) }) {
                epoch throws(StakingFault) in
                try committee(of: epoch)
            }
            try punish(finding, reporter: submitter)
        case .reportLoss(let validator, let first, let last):
            try reportLoss(of: validator, from: first, through: last)
        case .challenge(let request): try challenge(request, witness)
        case .answerChallenge(let validator, let id, let cells):
            try answerChallenge(id, by: validator, cells)
        case .answerAudits(let validator, let epoch, let answers):
            try answerAudits(of: validator, epoch: epoch, answers, witness)
        }
    }
}
