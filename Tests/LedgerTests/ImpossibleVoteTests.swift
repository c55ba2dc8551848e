// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Staking
import Testing

/// Votes for headers that nobody honest could have certified, before a chain that slashes for them.
@Suite struct ImpossibleVoteTests {
    /// A chain of 12 blocks, in its third epoch, whose block 7 has a real header.
    struct Ground {
        var ledger: StakedLedger
        let chain: BlockHeader
        let set: ValidatorSet

        init() throws {
            ledger = try StakedLedger()
            set = ledger.genesis.validatorSet
            for _ in 0..<6 { _ = try ledger.block() }
            chain = BlockHeader(
                appVersion: 9, chainID: "staked", height: Height(7),
                time: try #require(Timestamp(seconds: 1_700_000_007)),
                lastBlockID: BlockID(
                    hash: ledger.parentHash, partSetTotal: 1, partSetHash: Bytes32()),
                lastCommitHash: Bytes32(), dataHash: Bytes32(repeating: 3),
                validatorsHash: set.hash, nextValidatorsHash: set.hash,
                consensusHash: Bytes32(), appHash: Bytes32(repeating: 4).array,
                lastResultsHash: Bytes32(repeating: 5), evidenceHash: Bytes32(),
                proposerAddress: set.validators[0].address)
            _ = try ledger.block()
            ledger.parentHash = chain.hash
            for _ in 0..<5 { _ = try ledger.block() }
        }

        /// A deciding vote of a validator for a header.
        func vote(
            _ header: BlockHeader, by signer: Int = 2, blockID: BlockID? = nil,
            epoch: UInt64 = 1, chain: BlockHeader?? = nil
        ) throws -> ImpossibleVote {
            let key = ledger.validatorKeys[signer]
            let name = blockID ?? BlockID(header: header)
            let vote = Vote(
                kind: .precommit, height: header.height, round: 3, blockID: name,
                timestamp: header.time)
            return try #require(
                ImpossibleVote(
                    header: header, blockID: name, round: 3,
                    vote: CommitSignature(
                        flag: .commit,
                        validatorAddress: ValidatorKey.ed25519(key.publicKey).address,
                        timestamp: header.time,
                        signature: key.sign(vote.signBytes(chainID: "staked"))),
                    chainHeader: chain ?? self.chain, epoch: Epoch(epoch)))
        }

        func refusal(_ vote: ImpossibleVote) -> String? {
            ledger.transition.refusal(of: vote.protobuf, on: ledger.state).map { "\($0)" }
        }

        func tokens(_ number: Int) throws -> UInt64 {
            let name = ledger.signers[number].address.bytes
            return try #require(
                try ledger.state.staking(ledger.rules).validator(name)
            ).tokens
        }
    }

    /// Each contradiction is a fault of whoever signed; an ordinary transaction has it slashed once.
    @Test(arguments: ["committee", "nextCommittee", "state", "results", "partSet", "chain"])
    func contradictions(_ what: String) throws {
        var ground = try Ground()
        var header = ground.chain
        var name: BlockID?
        switch what {
        case "committee": header.validatorsHash = Bytes32(repeating: 9)
        case "nextCommittee": header.nextValidatorsHash = Bytes32(repeating: 9)
        case "state": header.appHash = Bytes32(repeating: 9).array
        case "results": header.lastResultsHash = Bytes32(repeating: 9)
        case "chain": header.chainID = "elsewhere"
        default:
            header.consensusHash = Bytes32(repeating: 9)
            name = BlockID(
                hash: header.hash, partSetTotal: 2, partSetHash: Bytes32(repeating: 3))
        }
        let vote = try ground.vote(header, blockID: name)
        #expect(ground.refusal(vote) == nil)
        #expect(try ImpossibleVote(protobuf: vote.protobuf) == vote)
        #expect(try FaultEvidence(protobuf: vote.protobuf) == .vote(vote))
        let results = try ground.ledger.block([
            try ground.ledger.signed(
                [
                    .submitEvidence(
                        submitter: ground.ledger.signers[5].address.bytes,
                        evidence: vote.protobuf)
                ], by: 5)
        ])
        #expect(results[0].code == 0)
        #expect(try ground.tokens(2) == 5_000_000 - 25_000)
        #expect(try ground.tokens(0) == 400_000_000 && ground.tokens(1) == 300_000_000)
        let name2 = ground.ledger.signers[2].address.bytes
        #expect(
            try ground.ledger.state.staking(ground.ledger.rules).validator(name2)?.isJailed == true)
        #expect(try #require(ground.refusal(vote)).contains("slashed already"))
    }

    /// What somebody honest may have signed is no fault, and neither is what is not shown.
    @Test func honestVotesAreNone() throws {
        let ground = try Ground()
        func isHonest(_ vote: ImpossibleVote) throws {
            let text = try #require(ground.refusal(vote))
            #expect(text.contains("somebody honest may have voted so"), "\(text)")
        }
        // Another block of the height, in another view.
        var other = ground.chain
        other.consensusHash = Bytes32(repeating: 8)
        other.dataHash = Bytes32(repeating: 8)
        other.time = other.time.advanced(byNanoseconds: 1)
        try isHonest(try ground.vote(other))
        // On another parent, which leads to another state.
        var fork = other
        fork.lastBlockID.hash = Bytes32(repeating: 7)
        fork.appHash = Bytes32(repeating: 7).array
        fork.lastResultsHash = Bytes32(repeating: 7)
        try isHonest(try ground.vote(fork))
        // The chain's own header.
        try isHonest(try ground.vote(ground.chain, chain: .some(nil)))
        // Another state that is compared with nothing, or with what is not the chain's.
        var lie = ground.chain
        lie.appHash = Bytes32(repeating: 9).array
        try isHonest(try ground.vote(lie, chain: .some(nil)))
        var forged = ground.chain
        forged.evidenceHash = Bytes32(repeating: 6)
        try isHonest(try ground.vote(lie, chain: .some(forged)))
    }

    /// Whose signature does not hold, or who had no part in that epoch, is not named.
    @Test func whoIsNotNamed() throws {
        let ground = try Ground()
        var header = ground.chain
        header.validatorsHash = Bytes32(repeating: 9)
        let vote = try ground.vote(header)
        let stranger = Ed25519PrivateKey(seed: Bytes32(repeating: 77))
        var wrong = vote.vote
        wrong.validatorAddress = ground.set.validators[0].address
        let others = try #require(
            ImpossibleVote(
                header: header, blockID: vote.blockID, round: 3, vote: wrong,
                chainHeader: nil, epoch: Epoch(1)))
        #expect(try #require(ground.refusal(others)).contains("signature does not hold"))
        wrong.validatorAddress = ValidatorKey.ed25519(stranger.publicKey).address
        let strangers = try #require(
            ImpossibleVote(
                header: header, blockID: vote.blockID, round: 3, vote: wrong,
                chainHeader: nil, epoch: Epoch(1)))
        #expect(try #require(ground.refusal(strangers)).contains("nobody who voted"))
        #expect(try #require(ground.refusal(try ground.vote(header, epoch: 2))).contains("nobody"))
        #expect(try #require(ground.refusal(try ground.vote(header, epoch: 900))).contains("known"))
        #expect(ground.refusal(try ground.vote(header, epoch: 0)) == nil, "an earlier seat counts")
        var far = header
        far.height = Height(700)
        #expect(
            try #require(ground.refusal(try ground.vote(far, chain: .some(nil)))).contains(
                "committee of its height"))
    }

    /// Only the one form of a vote for the header that it brings is read.
    @Test func forms() throws {
        let ground = try Ground()
        var header = ground.chain
        header.validatorsHash = Bytes32(repeating: 9)
        let vote = try ground.vote(header)
        let bytes = vote.protobuf
        #expect(bytes.count < 1_300 && bytes.first == 0x22)
        #expect(throws: DecodeFault.self) { try ImpossibleVote(protobuf: bytes + [0x48, 0]) }
        #expect(throws: DecodeFault.self) { try ImpossibleVote(protobuf: [] as [UInt8]) }
        for count in bytes.indices {
            // Without its last fields it is another evidence, and still one.
            guard let cut = try? FaultEvidence(protobuf: Array(bytes[..<count])) else { continue }
            guard case .vote(let vote) = cut else {
                Issue.record("\(count) bytes are a pair")
                continue
            }
            #expect(vote.protobuf.count == count)
        }
        #expect(
            ImpossibleVote(
                header: ground.chain, blockID: vote.blockID, round: 3, vote: vote.vote,
                chainHeader: nil, epoch: Epoch(1)) == nil)
        #expect(
            ImpossibleVote(
                header: header, blockID: vote.blockID, round: 3, vote: .absent,
                chainHeader: nil, epoch: Epoch(1)) == nil)
    }
}
