// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Writing, for those who make transactions.
extension StakingMessage {
    /// The type's name.
    public var type: StakingMessageType {
        switch self {
        case .createValidator: .createValidator
        case .editValidator: .editValidator
        case .delegate: .delegate
        case .undelegate: .undelegate
        case .redelegate: .beginRedelegate
        case .cancelUnbonding: .cancelUnbonding
        case .setWithdrawAddress: .setWithdrawAddress
        case .withdrawReward: .withdrawReward
        case .withdrawCommission: .withdrawCommission
        case .unjail: .unjail
        case .rotateKey: .rotateKey
        case .submitEvidence: .submitEvidence
        case .reportLoss: .selfReportLoss
        case .challenge: .challenge
        case .answerChallenge: .answerChallenge
        case .answerAudits: .auditResponse
        }
    }

    /// The wire form.
    public func protobuf(rules: StakingRules) -> [UInt8] {
        var writer = FieldWriter(rules: rules)
        switch self {
        case .createValidator(let new): writer.write(new)
        case .editValidator(let edit): writer.write(edit)
        case .delegate(let move), .undelegate(let move): writer.write(move, coin: 3)
        case .redelegate(let move, let destination):
            writer.account(1, move.delegator)
            writer.validator(2, move.validator)
            writer.validator(3, destination)
            writer.coin(4, move.amount)
        case .cancelUnbonding(let move, let height):
            writer.write(move, coin: 3)
            writer.fields.varint(4, height)
        case .setWithdrawAddress(let account, let address):
            writer.account(1, account)
            writer.account(2, address)
        case .withdrawReward(let delegator, let validator):
            writer.account(1, delegator)
            writer.validator(2, validator)
        case .withdrawCommission(let validator), .unjail(let validator):
            writer.validator(1, validator)
        case .rotateKey(let validator, let key):
            writer.validator(1, validator)
            writer.fields.presentBytes(2, ConsensusKeyField.encode(key))
        case .submitEvidence(let submitter, let evidence):
            writer.account(1, submitter)
            writer.fields.bytes(2, evidence)
        case .reportLoss(let validator, let first, let last):
            writer.validator(1, validator)
            writer.fields.varint(2, first)
            writer.fields.varint(3, last)
        case .challenge(let request): writer.write(request)
        case .answerChallenge(let validator, let id, let cells):
            writer.validator(1, validator)
            writer.fields.varint(2, id)
            for cell in cells { writer.fields.presentBytes(3, cell.protobuf) }
        case .answerAudits(let validator, let epoch, let answers):
            writer.validator(1, validator)
            writer.fields.varint(2, epoch)
            for answer in answers { writer.fields.presentBytes(3, answer.protobuf) }
        }
        return writer.fields.bytes
    }
}

/// Writes the parts of messages.
private struct FieldWriter {
    let rules: StakingRules
    var fields = ProtobufWriter()

    mutating func account(_ field: Int, _ address: Bytes20) {
        fields.string(field, Bech32.encode(prefix: rules.addressPrefix, address.array))
    }

    mutating func validator(_ field: Int, _ address: Bytes20) {
        fields.string(field, Bech32.encode(prefix: rules.operatorPrefix, address.array))
    }

    mutating func coin(_ field: Int, _ amount: UInt64) {
        fields.presentBytes(field, StakedCoin(denom: rules.denom, amount: amount).protobuf)
    }

    mutating func write(_ move: StakeMove, coin field: Int) {
        account(1, move.delegator)
        validator(2, move.validator)
        coin(field, move.amount)
    }

    mutating func write(_ new: NewValidator) {
        fields.presentBytes(1, new.description.protobuf)
        fields.presentBytes(2, new.rates.protobuf)
        fields.string(3, String(new.selfMinimum))
        validator(5, new.operatorAddress)
        fields.presentBytes(6, ConsensusKeyField.encode(new.key))
        coin(7, new.amount)
    }

    mutating func write(_ edit: ValidatorEdit) {
        fields.presentBytes(1, edit.description.protobuf)
        validator(2, edit.operatorAddress)
        if let rate = edit.rate { fields.string(3, rate.scaledText) }
        if let minimum = edit.selfMinimum { fields.string(4, String(minimum)) }
    }

    mutating func write(_ request: ChallengeRequest) {
        account(1, request.challenger)
        fields.varint(2, request.height)
        fields.varint(3, UInt64(request.row))
        fields.packed(4, request.columns.map { UInt64($0) })
        coin(5, request.bond)
    }
}
