// SPDX-License-Identifier: Apache-2.0

import Bytes
import Ledger
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
}
