// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain

/// A header with its votes and its validators, as documents that are checked offline carry it.
///
/// ```text
/// {"header":{…},"commit":{…},"validators":[{"pub_key":{…},"voting_power":"…"}]}
/// ```
/// Header and commit are CometBFT's. Of a validator only what the header's hash covers is there:
/// addresses follow from keys, and priorities prove nothing.
package enum LightBlockJSON {
    /// Writes a block as the three members of an object.
    package static func writeMembers(_ block: LightBlock, to writer: inout JSONWriter) {
        writer.member("header") { HeaderJSON.write(block.header, .cometBFT, to: &$0) }
        writer.member("commit") { HeaderJSON.write(block.signedHeader.commit, to: &$0) }
        writer.member("validators") { writer in
            writer.array(block.validatorSet.validators) { write($1, to: &$0) }
        }
    }

    /// Reads the three members of an object; nothing is verified but their form.
    package static func decode(_ value: JSONNode) throws(ParameterFault) -> LightBlock {
        let object = JSONObject(value, "light block")
        return LightBlock(
            signedHeader: SignedHeader(
                header: try HeaderJSON.blockHeader(try object.require("header")),
                commit: try HeaderJSON.commit(try object.require("commit"))),
            validatorSet: try validators(object))
    }

    private static func validators(_ object: JSONObject) throws(ParameterFault) -> ValidatorSet {
        var members: [Validator] = []
        for element in try object.array("validators", limit: ValidatorSet.limit) {
            let validator = JSONObject(element, "validator")
            members.append(
                Validator(
                    key: try HeaderJSON.validatorKey(try validator.require("pub_key")),
                    votingPower: try validator.integer("voting_power", Int64.self)))
        }
        do throws(ValidatorSetFault) {
            return try ValidatorSet(members)
        } catch {
            throw ParameterFault("no validator set: \(error)")
        }
    }

    private static func write(_ validator: Validator, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pub_key") { HeaderJSON.write(validator.key, to: &$0) }
            writer.member("voting_power", validator.votingPower, .cometBFT)
        }
    }
}

extension JSONObject {
    /// Bytes in base64 of a known count that must be there.
    func digest(base64 name: String) throws(ParameterFault) -> Bytes32 {
        let bytes = try JSONBytes.base64(try require(name), type: "[]uint8")
        guard let digest = Bytes32(bytes) else {
            throw ParameterFault("\(name) has \(bytes.count) bytes, not 32")
        }
        return digest
    }

    /// A digest in hexadecimal that must be there.
    func requiredDigest(_ name: String) throws(ParameterFault) -> Bytes32 {
        guard let digest = try digest(name) else { throw ParameterFault("\(type) lacks \(name)") }
        return digest
    }

    /// Refuses a document of another kind or of a newer form.
    func requireFormat(_ name: String, version: Int) throws(ParameterFault) {
        guard try text("format") == name else { throw ParameterFault("it is no \(name)") }
        let found = try integer("version", Int.self)
        guard found == version else {
            throw ParameterFault("\(name) of version \(found); version \(version) is known")
        }
    }
}
