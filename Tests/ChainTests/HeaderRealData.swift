// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import TestSupport
import Testing

/// Headers that live networks made and signed.
@Suite(
    .enabled(
        if: ["chain1-block-1", "chain1-block-27", "chain3-blocks-1-to-128"].allSatisfy {
            RealData.has("devnet-headers/\($0).json")
        }))
struct HeaderRealData {
    static func recorded() throws -> (pair: [ExtendedHeader], run: [ExtendedHeader]) {
        let pair = try ["chain1-block-1", "chain1-block-27"].map {
            try CometJSON.extendedHeader(
                try JSONTree(contentsOf: try RealData.url("devnet-headers/\($0).json")))
        }
        let run = try JSONTree(
            contentsOf: try RealData.url("devnet-headers/chain3-blocks-1-to-128.json"))
        return (pair, try run.array.map { try CometJSON.extendedHeader($0) })
    }

    /// Every recorded header holds, its commit's hash too, and it survives the wire.
    @Test func everyHeaderIsValid() throws {
        let (pair, run) = try Self.recorded()
        for header in pair + run {
            #expect(throws: Never.self) { try header.validate() }
            let copy = try ExtendedHeader(protobuf: header.protobuf)
            #expect(copy == header && copy.hash == header.hash)
        }
        for (parent, child) in zip(run, run.dropFirst()) {
            #expect(child.header.lastCommitHash == parent.commit.hash)
            #expect(child.header.lastBlockID == parent.commit.blockID)
        }
        print("real headers: \(pair.count + run.count)")
    }

    /// The chain of 128 verifies step by step, and from any header to any later one.
    @Test func chainsVerify() throws {
        let (pair, run) = try Self.recorded()
        let rules = LightRules.celestia
        var steps = 0
        for (first, second) in [(pair[0], pair[1])] + Array(zip(run, run.dropFirst()))
            + run.dropFirst(2).map({ (run[0], $0) })
        {
            let trusted = try TrustedState(first.lightBlock)
            let reached = try LightVerification.verify(
                trusted: trusted, untrusted: second.lightBlock, now: second.time, rules: rules)
            #expect(reached.header == second.header)
            steps += 1
            #expect(throws: LightFault.expired) {
                try LightVerification.verify(
                    trusted: trusted, untrusted: second.lightBlock,
                    now: first.time.advanced(byNanoseconds: rules.trustingPeriodNanoseconds),
                    rules: rules)
            }
        }
        print("real steps: \(steps)")
    }

    /// The default parameters of the long chain hash to what their headers name.
    @Test func consensusHash() throws {
        let (_, run) = try Self.recorded()
        let parameters = ConsensusParameters(blockMaxBytes: 22_020_096, blockMaxGas: -1)
        for header in run { #expect(header.header.consensusHash == parameters.hash) }
    }

    /// Block 408 of Celestia: its own header's hash is what its votes name, and so on.
    @Test(.enabled(if: RealData.has("celestia-mainnet-block-408.json")))
    func block408() throws {
        let block = try JSONTree(
            contentsOf: try RealData.url("celestia-mainnet-block-408.json"))["block"]
        let header = try CometJSON.header(try block["header"])
        let lastCommit = try CometJSON.commit(try block["last_commit"])
        #expect(header.lastCommitHash == lastCommit.hash)
        #expect(header.lastBlockID == lastCommit.blockID)
        #expect(lastCommit.height == header.height.previous)
        #expect(try BlockHeader(protobuf: header.protobuf) == header)
        #expect(try Commit(protobuf: lastCommit.protobuf) == lastCommit)
        print("block 408: header \(Hex.encode(header.hash.array, uppercase: true))")
    }
}
