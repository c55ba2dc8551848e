// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
internal import Cryptography
package import DataSquare

/// How Go writes an integer of 64 bits, which depends on the encoder that a method happens to use.
package enum JSONDialect: Sendable {
    /// CometBFT's encoder: 64-bit integers in quotes (`header.*`).
    case cometBFT
    /// Go's own: plain numbers (the header inside `blob.Subscribe`'s events).
    case plain
}

/// Headers as CometBFT and celestia-node write them.
///
/// ```text
/// {"header":{…},"validator_set":{…},"commit":{…},"dah":{"row_roots":[…],"column_roots":[…]}}
/// ```
package enum HeaderJSON {
    /// An extended header, in CometBFT's dialect.
    package static func write(_ header: ExtendedHeader, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("header") { write(header.header, .cometBFT, to: &$0) }
            writer.member("validator_set") { write(header.validatorSet, to: &$0) }
            writer.member("commit") { write(header.commit, to: &$0) }
            writer.member("dah") { write(header.dataAvailabilityHeader, to: &$0) }
        }
    }

    /// A header in either dialect.
    package static func write(
        _ header: BlockHeader, _ dialect: JSONDialect, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("version") { writer in
                writer.object { writer in
                    writer.member("block", header.blockVersion, dialect)
                    if header.appVersion != 0 { writer.member("app", header.appVersion, dialect) }
                }
            }
            writer.member("chain_id", header.chainID)
            writer.member("height", header.height.value, dialect)
            writer.member("time", header.time.description)
            writer.member("last_block_id") { write(header.lastBlockID, to: &$0) }
            writer.member("last_commit_hash", hex: header.lastCommitHash?.array ?? [])
            writer.member("data_hash", hex: header.dataHash?.array ?? [])
            writer.member("validators_hash", hex: header.validatorsHash?.array ?? [])
            writer.member("next_validators_hash", hex: header.nextValidatorsHash?.array ?? [])
            writer.member("consensus_hash", hex: header.consensusHash?.array ?? [])
            writer.member("app_hash", hex: header.appHash)
            writer.member("last_results_hash", hex: header.lastResultsHash?.array ?? [])
            writer.member("evidence_hash", hex: header.evidenceHash?.array ?? [])
            writer.member("proposer_address", hex: header.proposerAddress?.array ?? [])
        }
    }

    /// The roots of a square.
    package static func write(_ roots: DataAvailabilityHeader, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("row_roots") { writer in
                writer.array(roots.rowRoots) { $0.base64($1.bytes.array) }
            }
            writer.member("column_roots") { writer in
                writer.array(roots.columnRoots) { $0.base64($1.bytes.array) }
            }
        }
    }

    private static func write(_ block: BlockID, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("hash", hex: block.hash?.array ?? [])
            writer.member("parts") { writer in
                writer.object { writer in
                    writer.member("total", block.partSetTotal)
                    writer.member("hash", hex: block.partSetHash?.array ?? [])
                }
            }
        }
    }

    private static func write(_ set: ValidatorSet, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("validators") { writer in
                writer.array(set.validators) { write($1, to: &$0) }
            }
            writer.member("proposer") { write(set.proposer, to: &$0) }
        }
    }

    private static func write(_ validator: Validator, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("address", hex: validator.address.array)
            writer.member("pub_key") { write(validator.key, to: &$0) }
            writer.member("voting_power", validator.votingPower, .cometBFT)
            writer.member("proposer_priority", validator.proposerPriority, .cometBFT)
        }
    }

    /// A validator's public key.
    static func write(_ key: ValidatorKey, to writer: inout JSONWriter) {
        writer.object { writer in
            switch key {
            case .ed25519(let key):
                writer.member("type", "tendermint/PubKeyEd25519")
                writer.member("value", base64: key.bytes.array)
            case .secp256k1(let key):
                writer.member("type", "tendermint/PubKeySecp256k1")
                writer.member("value", base64: key.bytes.array)
            }
        }
    }

    /// The votes for a block.
    static func write(_ commit: Commit, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("height", commit.height.value, .cometBFT)
            writer.member("round", commit.round)
            writer.member("block_id") { write(commit.blockID, to: &$0) }
            writer.member("signatures") { writer in
                writer.array(commit.signatures) { writer, signature in
                    writer.object { writer in
                        writer.member("block_id_flag", signature.flag.rawValue)
                        writer.member(
                            "validator_address", hex: signature.validatorAddress?.array ?? [])
                        writer.member("timestamp", signature.timestamp.description)
                        writer.member("signature") { writer in
                            guard let bytes = signature.signature else { return writer.null() }
                            writer.base64(bytes.array)
                        }
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    /// A member that is an integer of 64 bits.
    mutating func member(_ name: String, _ value: some FixedWidthInteger, _ dialect: JSONDialect) {
        self.name(name)
        dialect == .cometBFT ? quoted(value) : number(value)
    }
}
