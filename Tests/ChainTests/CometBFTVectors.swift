// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Testing

/// Answers that CometBFT's own tests publish (types/vote_test.go and types/block_test.go).
@Suite struct CometBFTVectors {
    /// Sign bytes of votes that are hardly filled.
    @Test func voteSignBytes() throws {
        let time = "2a0b088092b8c398feffffff01"
        let height = "110100000000000000", round = "190100000000000000"
        let known: [(kind: Vote.Kind, number: UInt64, chainID: String, bytes: String)] = [
            (.precommit, 1, "", "21" + "0802" + height + round + time),
            (.prevote, 1, "", "21" + "0801" + height + round + time),
            (
                .prevote, 1, "test_chain_id",
                "30" + "0801" + height + round + time + "320d746573745f636861696e5f6964"
            ),
            (.precommit, 0, "", "0f" + "0802" + time),
        ]
        for test in known {
            let vote = Vote(
                kind: test.kind, height: Height(test.number), round: Int32(test.number),
                blockID: .none, timestamp: .zero)
            #expect(Hex.encode(vote.signBytes(chainID: test.chainID)) == test.bytes)
        }
        print("CometBFT: \(known.count) votes")
    }

    /// The hash of a header with every field filled.
    @Test func headerHash() throws {
        func digest(_ name: String) -> Bytes32 { SHA256.hash(Array(name.utf8)) }
        let header = BlockHeader(
            blockVersion: 1, appVersion: 2, chainID: "chainId", height: Height(3),
            time: try Timestamp(text: "2019-10-13T16:14:44Z"),
            lastBlockID: BlockID(hash: Bytes32(), partSetTotal: 6, partSetHash: Bytes32()),
            lastCommitHash: digest("last_commit_hash"), dataHash: digest("data_hash"),
            validatorsHash: digest("validators_hash"),
            nextValidatorsHash: digest("next_validators_hash"),
            consensusHash: digest("consensus_hash"), appHash: digest("app_hash").array,
            lastResultsHash: digest("last_results_hash"),
            evidenceHash: digest("evidence_hash"),
            proposerAddress: Bytes20(digest("proposer_address").array.prefix(20)))
        #expect(
            header.hash.hex.uppercased()
                == "F740121F553B5418C3EFBD343C2DBFE9E007BB67B0D020A0741374BAB65242A4")
        #expect(try BlockHeader(protobuf: header.protobuf) == header)
    }
}
