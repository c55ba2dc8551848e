// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Reading: from a type's name and a message's bytes.
///
/// Specified in Protocol/21-staking.md#messages.
extension StakingMessage {
    /// The most bytes that evidence may have.
    public static let evidenceMax = 65_536

    /// Reads a message of staking; nil for a type that is not one.
    ///
    /// - Throws: for bytes, addresses or coins that cannot be meant.
    public init?(
        typeURL: String, value: [UInt8], rules: StakingRules
    ) throws(StakingFault) {
        guard let type = StakingMessageType(rawValue: typeURL) else { return nil }
        let fields = try StakingFields(value, type: type)
        let reader = FieldReader(fields: fields, rules: rules)
        switch type {
        case .createValidator: self = .createValidator(try reader.newValidator())
        case .editValidator: self = .editValidator(try reader.edit())
        case .delegate: self = .delegate(try reader.move())
        case .undelegate: self = .undelegate(try reader.move())
        case .beginRedelegate:
            self = .redelegate(
                try reader.move(coin: 4), destination: try reader.operatorAddress(3))
        case .cancelUnbonding:
            self = .cancelUnbonding(try reader.move(), height: fields.number(4))
        case .setWithdrawAddress:
            self = .setWithdrawAddress(
                account: try reader.account(1), to: try reader.account(2))
        case .withdrawReward:
            self = .withdrawReward(
                delegator: try reader.account(1), validator: try reader.operatorAddress(2))
        case .withdrawCommission:
            self = .withdrawCommission(validator: try reader.operatorAddress(1))
        case .unjail: self = .unjail(validator: try reader.operatorAddress(1))
        case .rotateKey:
            self = .rotateKey(
                validator: try reader.operatorAddress(1), key: try reader.key(2))
        case .submitEvidence:
            self = .submitEvidence(
                submitter: try reader.account(1), evidence: fields.bytes(2))
        case .selfReportLoss:
            self = .reportLoss(
                validator: try reader.operatorAddress(1), first: fields.number(2),
                last: fields.number(3))
        case .challenge: self = .challenge(try reader.challenge())
        case .answerChallenge:
            self = .answerChallenge(
                validator: try reader.operatorAddress(1), id: fields.number(2),
                cells: try reader.cells(3))
        case .auditResponse:
            self = .answerAudits(
                validator: try reader.operatorAddress(1), epoch: fields.number(2),
                answers: try reader.answers(3))
        }
    }
}

/// The types of messages, by their names on the wire.
public enum StakingMessageType: String, CaseIterable, Sendable {
    /// Begins to validate.
    case createValidator = "/cosmos.staking.v1beta1.MsgCreateValidator"
    /// Changes a validator.
    case editValidator = "/cosmos.staking.v1beta1.MsgEditValidator"
    /// Stakes.
    case delegate = "/cosmos.staking.v1beta1.MsgDelegate"
    /// Leaves.
    case undelegate = "/cosmos.staking.v1beta1.MsgUndelegate"
    /// Goes to another validator.
    case beginRedelegate = "/cosmos.staking.v1beta1.MsgBeginRedelegate"
    /// Stays after all.
    case cancelUnbonding = "/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation"
    /// Votes with another key.
    case rotateKey = "/cosmos.staking.v1beta1.MsgRotateConsPubKey"
    /// Names the account that rewards go to.
    case setWithdrawAddress = "/cosmos.distribution.v1beta1.MsgSetWithdrawAddress"
    /// Takes what a delegation has earned.
    case withdrawReward = "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward"
    /// Takes what an operator has kept.
    case withdrawCommission = "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission"
    /// Comes back from jail.
    case unjail = "/cosmos.slashing.v1beta1.MsgUnjail"
    /// Tells of a fault.
    case submitEvidence = "/quadrat.staking.v1.MsgSubmitEvidence"
    /// Says that data was lost.
    case selfReportLoss = "/quadrat.staking.v1.MsgSelfReportLoss"
    /// Demands data.
    case challenge = "/quadrat.staking.v1.MsgChallenge"
    /// Shows what a challenge asks for.
    case answerChallenge = "/quadrat.staking.v1.MsgAnswerChallenge"
    /// Shows what audits ask for.
    case auditResponse = "/quadrat.staking.v1.MsgAuditResponse"

    /// What the fields are, by number from 1.
    var form: [StakingFields.Form] {
        switch self {
        case .createValidator: [.bytes, .bytes, .text, .text, .text, .bytes, .bytes]
        case .editValidator: [.bytes, .text, .text, .text]
        case .delegate, .undelegate: [.text, .text, .bytes]
        case .beginRedelegate: [.text, .text, .text, .bytes]
        case .cancelUnbonding: [.text, .text, .bytes, .number]
        case .rotateKey: [.text, .bytes]
        case .setWithdrawAddress, .withdrawReward: [.text, .text]
        case .withdrawCommission, .unjail: [.text]
        case .submitEvidence: [.text, .bytes]
        case .selfReportLoss: [.text, .number, .number]
        case .challenge: [.text, .number, .number, .numbers, .bytes]
        case .answerChallenge, .auditResponse: [.text, .number, .list]
        }
    }
}

/// The fields of a message as they came, each of the form that its type gives it.
struct StakingFields {
    /// What a field is.
    enum Form {
        case text, bytes, number, numbers, list
    }

    private var texts: [Int: String] = [:]
    private var parts: [Int: [ArraySlice<UInt8>]] = [:]
    private var integers: [Int: [UInt64]] = [:]

    init(_ value: [UInt8], type: StakingMessageType) throws(StakingFault) {
        do throws(DecodeFault) {
            var reader = ProtobufReader(value)
            while let field = try reader.next() { try take(field, type) }
        } catch {
            throw .undecodable(error)
        }
    }

    private mutating func take(
        _ field: ProtobufField, _ type: StakingMessageType
    ) throws(DecodeFault) {
        let form = type.form
        guard field.number <= form.count else { throw field.foreign }
        switch form[field.number - 1] {
        case .text: texts[field.number] = try field.string(limit: Bech32.limit)
        case .number: integers[field.number] = [try field.varint()]
        case .numbers:
            try field.appendVarints(
                to: &integers[field.number, default: []], limit: Challenge.columnsMax)
        case .bytes:
            let bytes = try field.bytes()
            guard bytes.count <= StakingMessage.evidenceMax else {
                throw DecodeFault(
                    .overLimit(
                        field: "field \(field.number)", limit: StakingMessage.evidenceMax,
                        actual: bytes.count), at: field.offset)
            }
            parts[field.number] = [bytes]
        case .list:
            guard parts[field.number, default: []].count < Challenge.columnsMax else {
                throw DecodeFault(
                    .overLimit(
                        field: "field \(field.number)", limit: Challenge.columnsMax,
                        actual: Challenge.columnsMax + 1), at: field.offset)
            }
            parts[field.number, default: []].append(try field.bytes())
        }
    }

    func text(_ number: Int) -> String { texts[number] ?? "" }
    func bytes(_ number: Int) -> [UInt8] { [UInt8](parts[number]?.first ?? []) }
    func list(_ number: Int) -> [ArraySlice<UInt8>] { parts[number] ?? [] }
    func number(_ number: Int) -> UInt64 { integers[number]?.first ?? 0 }
    func numbers(_ number: Int) -> [UInt64] { integers[number] ?? [] }
}

/// Makes the parts of messages from fields.
private struct FieldReader {
    let fields: StakingFields
    let rules: StakingRules

    func account(_ number: Int) throws(StakingFault) -> Bytes20 {
        try address(fields.text(number), prefix: rules.addressPrefix)
    }

    func operatorAddress(_ number: Int) throws(StakingFault) -> Bytes20 {
        try address(fields.text(number), prefix: rules.operatorPrefix)
    }

    private func address(_ text: String, prefix: String) throws(StakingFault) -> Bytes20 {
        do throws(DecodeFault) {
            let (found, bytes) = try Bech32.decode(text)
            guard found == prefix else {
                throw .malformed("an address begins with \(prefix), not \(found)")
            }
            return try Bytes20(decoding: bytes, field: "address")
        } catch {
            throw .invalidAddress(error.description)
        }
    }

    /// Coins of the chain's kind, and more than none.
    func coins(_ number: Int) throws(StakingFault) -> UInt64 {
        let coin = try decoded { () throws(DecodeFault) in
            try StakedCoin(protobuf: fields.bytes(number)[...])
        }
        guard coin.denom == rules.denom, coin.amount > 0 else { throw .invalidCoins }
        return coin.amount
    }

    func move(coin: Int = 3) throws(StakingFault) -> StakeMove {
        StakeMove(
            delegator: try account(1), validator: try operatorAddress(2),
            amount: try coins(coin))
    }

    func key(_ number: Int) throws(StakingFault) -> Bytes32 {
        let (key, kind) = try decoded { () throws(DecodeFault) in
            try ConsensusKeyField.decode(fields.bytes(number)[...])
        }
        guard let key else { throw .keyKind(kind) }
        return key
    }

    func newValidator() throws(StakingFault) -> NewValidator {
        let operatorAddress = try operatorAddress(5)
        // The old name of the same account; clients may still write it.
        let delegator = fields.text(4).isEmpty ? operatorAddress : try account(4)
        guard delegator == operatorAddress else {
            throw .invalidRequest("a validator is made by its operator")
        }
        return NewValidator(
            operatorAddress: operatorAddress, key: try key(6),
            description: try decoded { () throws(DecodeFault) in
                try ValidatorDescription(protobuf: fields.bytes(1)[...])
            },
            rates: try decoded { () throws(DecodeFault) in
                try CommissionRates(protobuf: fields.bytes(2)[...])
            },
            selfMinimum: try whole(fields.text(3)), amount: try coins(7))
    }

    func edit() throws(StakingFault) -> ValidatorEdit {
        let rate = fields.text(3)
        let minimum = fields.text(4)
        return ValidatorEdit(
            operatorAddress: try operatorAddress(2),
            description: try decoded { () throws(DecodeFault) in
                try ValidatorDescription(protobuf: fields.bytes(1)[...])
            },
            rate: rate.isEmpty
                ? nil
                : try decoded { () throws(DecodeFault) in try Decimal18(scaledText: rate) },
            selfMinimum: minimum.isEmpty ? nil : try whole(minimum))
    }

    func challenge() throws(StakingFault) -> ChallengeRequest {
        guard let row = UInt16(exactly: fields.number(3)) else {
            throw .invalidRequest("no square has such a row")
        }
        var columns: [UInt16] = []
        for column in fields.numbers(4) {
            guard let column = UInt16(exactly: column) else {
                throw .invalidRequest("no square has such a column")
            }
            columns.append(column)
        }
        return ChallengeRequest(
            challenger: try account(1), height: fields.number(2), row: row, columns: columns,
            bond: try coins(5))
    }

    func cells(_ number: Int) throws(StakingFault) -> [AuditedCell] {
        var cells: [AuditedCell] = []
        for bytes in fields.list(number) {
            cells.append(
                try decoded { () throws(DecodeFault) in try AuditedCell(protobuf: bytes) })
        }
        return cells
    }

    func answers(_ number: Int) throws(StakingFault) -> [AuditAnswer] {
        var answers: [AuditAnswer] = []
        for bytes in fields.list(number) {
            answers.append(
                try decoded { () throws(DecodeFault) in try AuditAnswer(protobuf: bytes) })
        }
        return answers
    }

    private func whole(_ digits: String) throws(StakingFault) -> UInt64 {
        guard let value = UInt64(digits), String(value) == digits else {
            throw .undecodable(.malformed("not a whole number"))
        }
        return value
    }

    private func decoded<Value>(
        _ body: () throws(DecodeFault) -> Value
    ) throws(StakingFault) -> Value {
        do throws(DecodeFault) { return try body() } catch { throw .undecodable(error) }
    }
}
