// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Staking
import TestSupport
import Testing

/// States, roots and proofs that another implementation of the chapters reckoned.
@Suite struct LedgerVectorTests {
    /// Each state has its root and its one form, and proves each account, or that there is none, with
    /// the bytes that are expected.
    @Test func states() throws {
        let cases = try Vectors.family("ledger").cases
        var kinds: Set<UInt8> = []
        for item in cases {
            let bytes = try item["state"].hex
            let name = try item["name"].string
            let state = try LedgerState.decode(bytes)
            for entry in state.entries { kinds.insert(entry.key[0]) }
            #expect(state.encode() == bytes, "\(name)")
            #expect(state.hash.array == (try item["app_hash"].hex), "\(name)")
            for account in try item["accounts"].array {
                let address = AccountAddress(try Bytes20(decoding: try account["address"].hex))
                let wire = try account["proof"].hex
                let proof = try AccountProof(protobuf: wire)
                #expect(state.proof(of: address) == proof && proof.protobuf == wire)
                let leaf = try account["account"].hex
                let expected: AccountProof.Verdict =
                    leaf.isEmpty ? .absent : .account(try Account.decode(leaf[...]))
                #expect(proof.verify(address, appHash: state.hash) == expected, "\(name)")
            }
        }
        #expect(Vectors.isWhole(cases.count, own: 5))
        // All kinds of staking, accounts and totals.
        #expect(kinds.count == 25)
    }

    /// Votes as a block includes them: what each signs, the message, and the transaction around it.
    @Test func votes() throws {
        let cases = try Vectors.family("staking").cases.filter { try $0["op"].string == "votes" }
        #expect(cases.count == 3)
        for item in cases {
            let chainID = try item["chain_id"].string
            let votes = try IncludedVotes(protobuf: try item["message"].hex)
            let heights = try item["heights"].array
            #expect(votes.heights.count == heights.count)
            for (read, height) in zip(votes.heights, heights) {
                let block = BlockReference(
                    height: Height(try height["height"].unsigned),
                    hash: try Bytes32(decoding: try height["hash"].hex),
                    dataRoot: try Bytes32(decoding: try height["data_root"].hex))
                #expect(read.height == block.height.value)
                for (vote, said) in zip(read.votes, try height["votes"].array) {
                    #expect(vote.place == Int(try said["place"].unsigned))
                    let bytes = Vote(
                        kind: .precommit, height: block.height, round: vote.round,
                        blockID: block.blockID, timestamp: vote.timestamp
                    ).signBytes(chainID: chainID)
                    #expect(bytes == (try said["sign_bytes"].hex))
                    #expect(vote.signature.array == (try said["signature"].hex))
                    let key = Ed25519PublicKey(try Bytes32(decoding: try said["key"].hex))
                    #expect(key.isValid(vote.signature, for: bytes))
                }
            }
            let transaction = try item["transaction"].hex
            let transition = LedgerTransition(
                rules: LedgerRules(chainID: chainID, staking: StakingRules()))
            #expect(try transition.read(block: [transaction]).votes == votes)
            #expect(SHA256.hash(transaction).array == (try item["transaction_hash"].hex))
            // A chain without staking has nothing of the kind.
            let plain = LedgerTransition(rules: LedgerRules(chainID: chainID))
            #expect(throws: LedgerFault.noSignatures) {
                try plain.read(block: [transaction])
            }
        }
    }
}
