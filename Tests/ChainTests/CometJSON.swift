// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import TestSupport

/// CometBFT's JSON, as recorded files have it, into our types.
enum CometJSON {
    static func extendedHeader(_ tree: JSONTree) throws -> ExtendedHeader {
        ExtendedHeader(
            header: try header(try tree["header"]), commit: try commit(try tree["commit"]),
            validatorSet: try validatorSet(try tree["validator_set"]),
            dataAvailabilityHeader: try availabilityHeader(try tree["dah"]))
    }

    static func lightBlock(_ tree: JSONTree) throws -> LightBlock {
        let signed = try tree["signed_header"]
        return LightBlock(
            signedHeader: SignedHeader(
                header: try header(try signed["header"]), commit: try commit(try signed["commit"])),
            validatorSet: try validatorSet(try tree["validator_set"]),
            nextValidatorSet: try tree.optional("next_validator_set").map { try validatorSet($0) })
    }

    static func header(_ tree: JSONTree) throws -> BlockHeader {
        BlockHeader(
            blockVersion: try tree["version"]["block"].unsigned,
            appVersion: try tree["version"].optional("app")?.unsigned ?? 0,
            chainID: try tree["chain_id"].string, height: Height(try tree["height"].unsigned),
            time: try Timestamp(text: try tree["time"].string),
            lastBlockID: try tree.optional("last_block_id").map { try blockID($0) } ?? .none,
            lastCommitHash: try digest(try tree["last_commit_hash"]),
            dataHash: try digest(try tree["data_hash"]),
            validatorsHash: try digest(try tree["validators_hash"]),
            nextValidatorsHash: try digest(try tree["next_validators_hash"]),
            consensusHash: try digest(try tree["consensus_hash"]),
            appHash: try bytes(try tree["app_hash"]),
            lastResultsHash: try digest(try tree["last_results_hash"]),
            evidenceHash: try digest(try tree["evidence_hash"]),
            proposerAddress: try address(try tree["proposer_address"]))
    }

    static func commit(_ tree: JSONTree) throws -> Commit {
        Commit(
            height: Height(try tree["height"].unsigned),
            round: Int32(try tree["round"].integer), blockID: try blockID(try tree["block_id"]),
            signatures: try tree["signatures"].array.map { try signature($0) })
    }

    static func signature(_ tree: JSONTree) throws -> CommitSignature {
        let names = [
            "BLOCK_ID_FLAG_ABSENT": 1, "BLOCK_ID_FLAG_COMMIT": 2, "BLOCK_ID_FLAG_NIL": 3,
        ]
        let flag = try tree["block_id_flag"]
        let number = try (flag.value as? String).flatMap { names[$0] } ?? flag.integer
        guard let flag = CommitSignature.Flag(rawValue: UInt8(clamping: number)) else {
            throw RecordFault(what: "\(tree.path): flag \(number)")
        }
        let signature = try tree.optional("signature")?.base64 ?? []
        return CommitSignature(
            flag: flag,
            validatorAddress: try tree.optional("validator_address").flatMap { try address($0) },
            timestamp: try tree.optional("timestamp").map { try Timestamp(text: try $0.string) }
                ?? .zero,
            signature: signature.isEmpty ? nil : try Bytes64(decoding: signature))
    }

    static func blockID(_ tree: JSONTree) throws -> BlockID {
        guard let parts = tree.optional("parts") ?? tree.optional("part_set_header") else {
            throw RecordFault(what: "\(tree.path): no parts")
        }
        return BlockID(
            hash: try digest(try tree["hash"]),
            partSetTotal: UInt32(try parts["total"].integer),
            partSetHash: try digest(try parts["hash"]))
    }

    static func validatorSet(_ tree: JSONTree) throws -> ValidatorSet {
        try ValidatorSet(
            try tree["validators"].array.map { tree in
                let key = try Bytes32(decoding: try tree["pub_key"]["value"].base64)
                let validator = Validator(
                    key: .ed25519(Ed25519PublicKey(key)),
                    votingPower: Int64(try tree["voting_power"].integer),
                    proposerPriority: Int64(
                        try tree.optional("proposer_priority")?.integer ?? 0))
                guard validator.address == (try address(try tree["address"])) else {
                    throw RecordFault(what: "\(tree.path): another key's address")
                }
                return validator
            },
            proposer: try tree.optional("proposer").flatMap { try address(try $0["address"]) })
    }

    static func availabilityHeader(_ tree: JSONTree) throws -> DataAvailabilityHeader {
        func roots(_ name: String) throws -> [NamespacedHash] {
            try tree[name].array.map {
                NamespacedHash(try FixedBytes<90>(decoding: try $0.base64))
            }
        }
        return try DataAvailabilityHeader(
            rowRoots: try roots("row_roots"), columnRoots: try roots("column_roots"))
    }

    /// Hexadecimal, or base64 as block 408's file has it; a digest's length tells which.
    static func bytes(_ tree: JSONTree) throws -> [UInt8] {
        let text = try tree.string
        return text.hasSuffix("=") ? try tree.base64 : try tree.hex
    }

    static func digest(_ tree: JSONTree) throws -> Bytes32? {
        let bytes = try bytes(tree)
        return bytes.isEmpty ? nil : try Bytes32(decoding: bytes)
    }

    static func address(_ tree: JSONTree) throws -> Bytes20? {
        let bytes = try bytes(tree)
        return bytes.isEmpty ? nil : try Bytes20(decoding: bytes)
    }
}

/// A recorded file that is not as it should be.
struct RecordFault: Error {
    let what: String
}
