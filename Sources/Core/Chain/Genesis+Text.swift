// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// The text of a genesis: CometBFT's document, with what is ours under `app_state`.
///
/// Integers of 64 bits are strings and addresses of validators upper-case hexadecimal, as there.
extension Genesis {
    /// The text, always the same for the same genesis.
    public func encode() -> [UInt8] {
        var state: JSONValue = [
            "denom": .string(denom),
            "bech32_prefix": .string(addressPrefix),
            "max_square_size": .string(String(squareSizeMax)),
            "minimum_gas_price": .string(minimumGasPrice.description),
            "accounts": .array(
                accounts.map {
                    [
                        "address": .string(
                            Bech32.encode(prefix: addressPrefix, $0.address.array)),
                        "balance": .string(String($0.balance)),
                    ]
                }),
        ]
        if let staking, case .object(let members) = state {
            state = .object(
                members + [
                    JSONMember("staking", staking.document(prefix: addressPrefix))
                ])
        }
        let document: JSONValue = [
            "genesis_time": .string(time.description),
            "chain_id": .string(chainID),
            "initial_height": "1",
            "consensus_params": [
                "block": [
                    "max_bytes": .string(String(consensusParameters.blockMaxBytes)),
                    "max_gas": .string(String(consensusParameters.blockMaxGas)),
                ],
                "version": ["app": .string(String(appVersion))],
            ],
            "validators": .array(validatorSet.validators.map { Self.encode($0) }),
            "app_hash": "",
            "app_state": state,
        ]
        return document.encode(indented: true)
    }

    /// Reads the text; what is missing from `app_state` has Celestia's value.
    public static func decode(_ text: [UInt8]) throws(DecodeFault) -> Genesis {
        let root = try JSONValue.decode(text, limit: sizeLimit)
        let state = root["app_state"] ?? .null
        let prefix = state["bech32_prefix"]?.text ?? "celestia"
        var validators: [Validator] = []
        for value in root["validators"]?.elements ?? [] {
            validators.append(try validator(value))
        }
        var accounts: [GenesisAccount] = []
        for value in state["accounts"]?.elements ?? [] {
            accounts.append(try account(value, prefix: prefix))
        }
        let genesis = Genesis(
            chainID: try required(root["chain_id"]?.text, "chain_id"),
            time: try Timestamp(text: try required(root["genesis_time"]?.text, "genesis_time")),
            appVersion: try appVersion(root["consensus_params"]),
            consensusParameters: try parameters(root["consensus_params"]),
            validatorSet: try set(validators),
            squareSizeMax: try optional(state["max_square_size"], 256, "max_square_size"),
            denom: state["denom"]?.text ?? "utia", addressPrefix: prefix,
            minimumGasPrice: try state["minimum_gas_price"]?.text.map {
                (text) throws(DecodeFault) in try GasPrice(text: text)
            } ?? .networkMinimum,
            accounts: accounts,
            staking: try state["staking"].map { (value) throws(DecodeFault) in
                try GenesisStaking(value, prefix: prefix)
            })
        if let fault = genesis.fault { throw fault }
        guard try optional(root["initial_height"], 1, "initial_height") == 1 else {
            throw .malformed("genesis: initial_height other than 1")
        }
        return genesis
    }

    private static func encode(_ validator: Validator) -> JSONValue {
        let (type, key) =
            switch validator.key {
            case .ed25519(let key): ("tendermint/PubKeyEd25519", key.bytes.array)
            case .secp256k1(let key): ("tendermint/PubKeySecp256k1", key.bytes.array)
            }
        return [
            "address": .string(Hex.encode(validator.address.array, uppercase: true)),
            "pub_key": ["type": .string(type), "value": .string(Base64.encode(key))],
            "power": .string(String(validator.votingPower)),
            "name": "",
        ]
    }

    private static func validator(_ value: JSONValue) throws(DecodeFault) -> Validator {
        let bytes = try Base64.decode(
            try required(value["pub_key"]?["value"]?.text, "pub_key"))
        let key: ValidatorKey
        switch value["pub_key"]?["type"]?.text {
        case "tendermint/PubKeyEd25519":
            key = .ed25519(Ed25519PublicKey(try Bytes32(decoding: bytes, field: "pub_key")))
        case "tendermint/PubKeySecp256k1":
            key = .secp256k1(
                Secp256k1PublicKey(try FixedBytes<33>(decoding: bytes, field: "pub_key")))
        default: throw .malformed("genesis: type of pub_key")
        }
        let validator = Validator(
            key: key, votingPower: try required(value["power"]?.integer(), "power"))
        if let address = value["address"]?.text, !address.isEmpty {
            guard try Hex.decode(address) == validator.address.array else {
                throw .malformed("genesis: a validator's address is not its key's")
            }
        }
        return validator
    }

    private static func account(
        _ value: JSONValue, prefix: String
    ) throws(DecodeFault) -> GenesisAccount {
        let text = try required(value["address"]?.text, "address")
        let (found, bytes) = try Bech32.decode(text)
        guard found == prefix else { throw .malformed("genesis: prefix of \(text)") }
        return GenesisAccount(
            address: try Bytes20(decoding: bytes, field: "address"),
            balance: try required(value["balance"]?.integer(), "balance"))
    }

    private static func set(_ members: [Validator]) throws(DecodeFault) -> ValidatorSet {
        do throws(ValidatorSetFault) {
            return try ValidatorSet(members)
        } catch {
            throw .malformed("genesis: validators: \(error)")
        }
    }

    private static func parameters(
        _ value: JSONValue?
    ) throws(DecodeFault) -> ConsensusParameters {
        ConsensusParameters(
            blockMaxBytes: try optional(value?["block"]?["max_bytes"], 32 << 20, "max_bytes"),
            blockMaxGas: try optional(value?["block"]?["max_gas"], -1, "max_gas"))
    }

    private static func appVersion(_ value: JSONValue?) throws(DecodeFault) -> UInt64 {
        let version = value?["version"]?["app"] ?? value?["version"]?["app_version"]
        return try optional(version, 9, "app version")
    }

    static func required<Value>(
        _ value: Value?, _ name: String
    ) throws(DecodeFault) -> Value {
        guard let value else { throw .malformed("genesis: no \(name)") }
        return value
    }

    /// A number that may be missing, but not malformed.
    private static func optional<Number: FixedWidthInteger>(
        _ value: JSONValue?, _ fallback: Number, _ name: String
    ) throws(DecodeFault) -> Number {
        guard let value else { return fallback }
        return try required(value.integer(), name)
    }
}
