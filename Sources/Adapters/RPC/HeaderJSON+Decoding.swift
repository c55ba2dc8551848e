// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
internal import Cryptography
package import DataSquare

/// Reading what `HeaderJSON` writes, and what older nodes wrote.
///
/// Integers may stand in quotes or not (`commit.height` was a number before celestia-node v0.25),
/// `last_block_id` may be null, and its parts may be called `part_set_header`.
extension HeaderJSON {
    /// Reads an extended header; nothing is verified but its form.
    package static func decode(_ value: JSONNode) throws(ParameterFault) -> ExtendedHeader {
        let object = JSONObject(value, "header.ExtendedHeader")
        return ExtendedHeader(
            header: try blockHeader(try object.require("header")),
            commit: try commit(try object.require("commit")),
            validatorSet: try validatorSet(try object.require("validator_set")),
            dataAvailabilityHeader: try roots(try object.require("dah")))
    }

    /// Reads the roots of a square.
    package static func roots(_ value: JSONNode) throws(ParameterFault) -> DataAvailabilityHeader {
        let object = JSONObject(value, "da.DataAvailabilityHeader")
        let rows = try hashes(object, "row_roots")
        let columns = try hashes(object, "column_roots")
        do throws(DecodeFault) {
            return try DataAvailabilityHeader(rowRoots: rows, columnRoots: columns)
        } catch {
            throw ParameterFault(error.description)
        }
    }

    private static func hashes(
        _ object: JSONObject, _ name: String
    ) throws(ParameterFault) -> [NamespacedHash] {
        let elements = try object.array(name, limit: DataAvailabilityHeader.widthMax)
        var hashes: [NamespacedHash] = []
        for element in elements { hashes.append(try ProofJSON.node(element)) }
        return hashes
    }

    /// Reads a header alone.
    static func blockHeader(_ value: JSONNode) throws(ParameterFault) -> BlockHeader {
        let object = JSONObject(value, "types.Header")
        let version = JSONObject(try object.require("version"), "version.Consensus")
        return BlockHeader(
            blockVersion: try version.integer("block", UInt64.self),
            appVersion: try version.integer("app", UInt64.self, default: 0),
            chainID: try object.text("chain_id"), height: try height(object),
            time: try time(object, "time"), lastBlockID: try blockID(object, "last_block_id"),
            lastCommitHash: try object.digest("last_commit_hash"),
            dataHash: try object.digest("data_hash"),
            validatorsHash: try object.digest("validators_hash"),
            nextValidatorsHash: try object.digest("next_validators_hash"),
            consensusHash: try object.digest("consensus_hash"),
            appHash: try object.hex("app_hash", limit: BlockHeader.appHashLimit),
            lastResultsHash: try object.digest("last_results_hash"),
            evidenceHash: try object.digest("evidence_hash"),
            proposerAddress: try address(object, "proposer_address"))
    }

    /// Reads the votes for a block.
    static func commit(_ value: JSONNode) throws(ParameterFault) -> Commit {
        let object = JSONObject(value, "types.Commit")
        var signatures: [CommitSignature] = []
        for element in try object.array("signatures", limit: Commit.signatureLimit) {
            signatures.append(try signature(element))
        }
        return Commit(
            height: try height(object), round: try object.integer("round", Int32.self),
            blockID: try blockID(object, "block_id"), signatures: signatures)
    }

    private static func signature(_ value: JSONNode) throws(ParameterFault) -> CommitSignature {
        let object = JSONObject(value, "types.CommitSig")
        guard
            let flag = CommitSignature.Flag(
                rawValue: try object.integer("block_id_flag", UInt8.self))
        else { throw ParameterFault("unknown block_id_flag") }
        var signature: Bytes64?
        if let value = object.optional("signature") {
            let bytes = try JSONBytes.base64(value, type: "[]uint8")
            signature = Bytes64(bytes)
            guard signature != nil || bytes.isEmpty else {
                throw ParameterFault("a signature has 64 bytes, not \(bytes.count)")
            }
        }
        return CommitSignature(
            flag: flag, validatorAddress: try address(object, "validator_address"),
            timestamp: try time(object, "timestamp"), signature: signature)
    }

    private static func validatorSet(_ value: JSONNode) throws(ParameterFault) -> ValidatorSet {
        let object = JSONObject(value, "types.ValidatorSet")
        var members: [Validator] = []
        for element in try object.array("validators", limit: ValidatorSet.limit) {
            members.append(try validator(element))
        }
        var proposer: Bytes20?
        if let value = object.optional("proposer") { proposer = try validator(value).address }
        do throws(ValidatorSetFault) {
            return try ValidatorSet(members, proposer: proposer)
        } catch {
            throw ParameterFault("no validator set: \(error)")
        }
    }

    private static func validator(_ value: JSONNode) throws(ParameterFault) -> Validator {
        let object = JSONObject(value, "types.Validator")
        let validator = Validator(
            key: try validatorKey(try object.require("pub_key")),
            votingPower: try object.integer("voting_power", Int64.self),
            proposerPriority: try object.integer(
                "proposer_priority", Int64.self, default: 0))
        guard try address(object, "address") == validator.address else {
            throw ParameterFault("a validator's address is not its key's")
        }
        return validator
    }

    /// Reads a validator's public key.
    static func validatorKey(_ value: JSONNode) throws(ParameterFault) -> ValidatorKey {
        let object = JSONObject(value, "crypto.PubKey")
        let bytes = try JSONBytes.base64(try object.require("value"), type: "crypto.PubKey")
        let type = try object.text("type")
        if type == "tendermint/PubKeyEd25519", let key = Bytes32(bytes) {
            return .ed25519(Ed25519PublicKey(key))
        }
        if type == "tendermint/PubKeySecp256k1", let key = FixedBytes<33>(bytes) {
            return .secp256k1(Secp256k1PublicKey(key))
        }
        throw ParameterFault("no key of a known kind: \(type), \(bytes.count) bytes")
    }

    private static func blockID(
        _ object: JSONObject, _ name: String
    ) throws(ParameterFault) -> BlockID {
        guard let value = object.optional(name) else { return .none }
        let block = JSONObject(value, "types.BlockID")
        var id = BlockID(
            hash: try block.digest("hash"), partSetTotal: 0, partSetHash: nil)
        if let parts = block.optional("parts") ?? block.optional("part_set_header") {
            let parts = JSONObject(parts, "types.PartSetHeader")
            id.partSetTotal = try parts.integer("total", UInt32.self)
            id.partSetHash = try parts.digest("hash")
        }
        return id
    }

    private static func height(_ object: JSONObject) throws(ParameterFault) -> Height {
        let number = try object.integer("height", Int64.self)
        guard number >= 0 else { throw ParameterFault("height \(number) is negative") }
        return Height(UInt64(number))
    }

    private static func time(
        _ object: JSONObject, _ name: String
    ) throws(ParameterFault) -> Timestamp {
        do throws(DecodeFault) {
            return try Timestamp(text: try objectText(object, name))
        } catch {
            throw ParameterFault("\(name): \(error.description)")
        }
    }

    private static func objectText(
        _ object: JSONObject, _ name: String
    ) throws(DecodeFault) -> String {
        guard let text = object.optional(name)?.text else { throw .malformed("no text") }
        return text
    }

    private static func address(
        _ object: JSONObject, _ name: String
    ) throws(ParameterFault) -> Bytes20? {
        let bytes = try object.hex(name, limit: 20)
        if bytes.isEmpty { return nil }
        guard let address = Bytes20(bytes) else {
            throw ParameterFault("\(name): an address has 20 bytes")
        }
        return address
    }
}
