// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// Who validates from the beginning, and what it has staked.
public struct GenesisValidator: Hashable, Sendable {
    /// The account that runs it; the stake comes out of its balance.
    public var operatorAddress: Bytes20
    /// The Ed25519 key that it votes with.
    public var key: Bytes32
    /// What it is called.
    public var moniker: String
    /// What it has staked, in the smallest coin.
    public var stake: UInt64
    /// What it promises to stake itself at least.
    public var selfMinimum: UInt64
    /// What it keeps of rewards, in ten-thousandths.
    public var commissionRate: UInt64
    /// The most that it may ever keep, in ten-thousandths.
    public var commissionMax: UInt64
    /// The most by which that may rise in a day, in ten-thousandths.
    public var commissionRise: UInt64

    /// Takes the parts; a commission of a tenth where nothing is said.
    public init(
        operatorAddress: Bytes20, key: Bytes32, moniker: String = "", stake: UInt64,
        selfMinimum: UInt64, commissionRate: UInt64 = 1000, commissionMax: UInt64 = 2000,
        commissionRise: UInt64 = 100
    ) {
        self.operatorAddress = operatorAddress
        self.key = key
        self.moniker = moniker
        self.stake = stake
        self.selfMinimum = selfMinimum
        self.commissionRate = commissionRate
        self.commissionMax = commissionMax
        self.commissionRise = commissionRise
    }
}

/// How a chain with staking begins; a chain without has the same committee for ever.
///
/// Specified in Protocol/10-chain-and-ledger.md#genesis-staking.
public struct GenesisStaking: Hashable, Sendable {
    /// The most validators that a chain can begin with.
    public static let validatorLimit = 100
    /// The longest name of a validator, in bytes.
    public static let monikerLimit = 70

    /// Blocks of an epoch.
    public var epochBlocks: UInt64
    /// The validators of the first two epochs.
    public var validators: [GenesisValidator]

    /// Takes the parts.
    public init(epochBlocks: UInt64 = 600, validators: [GenesisValidator]) {
        self.epochBlocks = epochBlocks
        self.validators = validators
    }

    /// The first rule that this breaks with the accounts and the committee of its genesis, or nil.
    func fault(in genesis: Genesis) -> String? {
        var left: [Bytes20: UInt64] = [:]
        for account in genesis.accounts { left[account.address] = account.balance }
        let operators = Set(validators.map(\.operatorAddress))
        let keys = Set(validators.map(\.key))
        let members = Set(genesis.validatorSet.validators.map(\.key))
        let rules: [(Bool, String)] = [
            ((1...Epoch.lengthMax).contains(epochBlocks), "epoch_blocks"),
            ((1...Self.validatorLimit).contains(validators.count), "number of validators"),
            (operators.count == validators.count, "an operator with two validators"),
            (keys.count == validators.count, "a key of two validators"),
            (
                keys.count == members.count
                    && keys.allSatisfy { members.contains(.ed25519(Ed25519PublicKey($0))) },
                "validators are not those who have staked"
            ),
            (
                validators.allSatisfy { $0.moniker.utf8.count <= Self.monikerLimit },
                "moniker"
            ),
            (
                validators.allSatisfy { $0.selfMinimum > 0 && $0.stake >= $0.selfMinimum },
                "a stake below its promise"
            ),
            (
                validators.allSatisfy {
                    $0.commissionRate <= $0.commissionMax && $0.commissionMax <= 10_000
                        && $0.commissionRise <= $0.commissionMax
                }, "commission"
            ),
            (
                validators.allSatisfy { left[$0.operatorAddress, default: 0] >= $0.stake },
                "a stake that its operator does not have"
            ),
        ]
        return rules.first { !$0.0 }?.1
    }
}

/// The text, as `app_state.staking`.
extension GenesisStaking {
    func document(prefix: String) -> JSONValue {
        [
            "epoch_blocks": .string(String(epochBlocks)),
            "validators": .array(
                validators.map { validator in
                    [
                        "operator_address": .string(
                            Bech32.encode(
                                prefix: prefix + "valoper", validator.operatorAddress.array)),
                        "consensus_pubkey": [
                            "@type": "/cosmos.crypto.ed25519.PubKey",
                            "key": .string(Base64.encode(validator.key.array)),
                        ],
                        "moniker": .string(validator.moniker),
                        "tokens": .string(String(validator.stake)),
                        "min_self_delegation": .string(String(validator.selfMinimum)),
                        "commission_basis_points": [
                            "rate": .string(String(validator.commissionRate)),
                            "max_rate": .string(String(validator.commissionMax)),
                            "max_change_rate": .string(String(validator.commissionRise)),
                        ],
                    ]
                }),
        ]
    }

    init(_ document: JSONValue, prefix: String) throws(DecodeFault) {
        epochBlocks = try Genesis.required(document["epoch_blocks"]?.integer(), "epoch_blocks")
        validators = []
        for value in document["validators"]?.elements ?? [] {
            guard validators.count < Self.validatorLimit else {
                throw DecodeFault(
                    .overLimit(
                        field: "validators", limit: Self.validatorLimit,
                        actual: validators.count + 1))
            }
            validators.append(try Self.validator(value, prefix: prefix))
        }
    }

    private static func validator(
        _ value: JSONValue, prefix: String
    ) throws(DecodeFault) -> GenesisValidator {
        let text = try Genesis.required(value["operator_address"]?.text, "operator_address")
        let (found, address) = try Bech32.decode(text)
        guard found == prefix + "valoper" else {
            throw .malformed("genesis: prefix of \(text)")
        }
        guard value["consensus_pubkey"]?["@type"]?.text == "/cosmos.crypto.ed25519.PubKey" else {
            throw .malformed("genesis: type of consensus_pubkey")
        }
        let key = try Base64.decode(
            try Genesis.required(value["consensus_pubkey"]?["key"]?.text, "consensus_pubkey"))
        let commission = value["commission_basis_points"]
        return GenesisValidator(
            operatorAddress: try Bytes20(decoding: address, field: "operator_address"),
            key: try Bytes32(decoding: key, field: "consensus_pubkey"),
            moniker: value["moniker"]?.text ?? "",
            stake: try Genesis.required(value["tokens"]?.integer(), "tokens"),
            selfMinimum: try Genesis.required(
                value["min_self_delegation"]?.integer(), "min_self_delegation"),
            commissionRate: try Genesis.required(commission?["rate"]?.integer(), "rate"),
            commissionMax: try Genesis.required(commission?["max_rate"]?.integer(), "max_rate"),
            commissionRise: try Genesis.required(
                commission?["max_change_rate"]?.integer(), "max_change_rate"))
    }
}
