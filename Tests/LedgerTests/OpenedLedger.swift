// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Ledger
import Staking
import Testing

/// A staked ledger whose blocks have headers, so that votes for them can be made and included.
struct OpenedLedger {
    var ledger: StakedLedger
    private(set) var headers: [BlockHeader] = []
    var transition: LedgerTransition { ledger.transition }
    var chainID: String { ledger.genesis.chainID }

    init() throws {
        ledger = try StakedLedger()
    }

    /// The committee of a height, in the set's order.
    func set(at height: UInt64) throws -> ValidatorSet {
        let epoch = (height - 1) / StakedLedger.epochBlocks
        let record = try #require(try ledger.state.staking(ledger.rules).committee(of: epoch))
        return try record.validatorSet()
    }

    func key(of place: Int, at height: UInt64) throws -> Ed25519PrivateKey {
        let key = try set(at: height).validators[place].key
        return try #require(
            ledger.validatorKeys.first { .ed25519($0.publicKey) == key })
    }

    /// The header of the next block; what names its square is made up.
    func nextHeader() throws -> BlockHeader {
        let height = UInt64(headers.count) + 1
        let set = try set(at: height)
        var header = BlockBuilding(ledger.genesis).header(
            on: .none, dataRoot: SHA256.hash([UInt8(truncatingIfNeeded: height)]),
            time: try #require(Timestamp(seconds: 1_700_000_000 + Int64(height))),
            appHash: ledger.state.hash, validatorSet: set, nextValidatorSet: set,
            proposer: set.validators[Int(height) % set.count].address,
            extension: HeaderExtension(view: height, parentView: height - 1))
        header.height = Height(height)
        header.lastBlockID = headers.last.map { BlockID(header: $0) } ?? .none
        return header
    }

    /// A vote of a member for a block of the chain, or for another block.
    func vote(
        of place: Int, at height: UInt64, round: Int32 = 7, header: BlockHeader? = nil
    ) throws -> IncludedVotes.Vote {
        let header = header ?? headers[Int(height) - 1]
        let time = try #require(Timestamp(seconds: 1_700_000_100 + Int64(place)))
        let bytes = Vote(
            kind: .precommit, height: header.height, round: round,
            blockID: BlockID(header: header), timestamp: time
        ).signBytes(chainID: chainID)
        return IncludedVotes.Vote(
            place: place, round: round, timestamp: time,
            signature: try key(of: place, at: height).sign(bytes))
    }

    /// What nobody signs, as it stands in a square.
    func opening(_ messages: [TypedMessage], memo: String = "", gas: UInt64 = 0) -> [UInt8] {
        CosmosTransaction(
            body: TransactionBody(messages: messages, memo: memo),
            authorization: TransactionAuthorization(
                signers: [], fee: TransactionFee(amount: [], gasLimit: gas))
        ).encode()
    }

    func opening(_ votes: [IncludedVotes.OfHeight]) -> [UInt8] {
        opening([
            TypedMessage(
                typeURL: IncludedVotes.typeURL, value: IncludedVotes(votes).protobuf)
        ])
    }

    /// A message that tells of evidence, by the operator of a proposer unless said otherwise.
    func report(
        _ evidence: [UInt8], by header: BlockHeader, submitter: Bytes20? = nil
    ) throws -> TypedMessage {
        let epoch = (header.height.value - 1) / StakedLedger.epochBlocks
        let record = try #require(try ledger.state.staking(ledger.rules).committee(of: epoch))
        let member = record.members.first { $0.address == header.proposerAddress }
        let message = StakingMessage.submitEvidence(
            submitter: try submitter ?? #require(member).operatorAddress, evidence: evidence)
        return TypedMessage(
            typeURL: message.type.rawValue, value: message.protobuf(rules: ledger.rules))
    }

    /// Two finalizations of different blocks in one view of an epoch.
    func doubleVote(of place: Int, epoch: UInt64, view: UInt64 = 3) throws -> SlashingEvidence {
        let height = epoch * StakedLedger.epochBlocks + 1
        var signed: [SignedStatement] = []
        for number in 1...2 as ClosedRange<UInt8> {
            let statement = Statement.finalize(
                BlockReference(
                    height: Height(height), hash: Bytes32(repeating: number),
                    dataRoot: Bytes32(repeating: 9)), Epoch(epoch), try #require(View(view)))
            let bytes = statement.signBytes(chainID: chainID, timestamp: .zero)
            signed.append(
                SignedStatement(
                    statement, place: place, timestamp: .zero,
                    signature: try key(of: place, at: height).sign(bytes)))
        }
        let address = try set(at: height).validators[place].address
        return try #require(SlashingEvidence(signed[0], signed[1], by: address))
    }

    /// What the next block of these transactions would lead to.
    func outcome(
        _ transactions: [[UInt8]], header: BlockHeader? = nil
    ) throws -> (results: [TransactionResult], state: LedgerState) {
        var state = ledger.state
        let block = try transition.read(block: transactions)
        let results = try transition.apply(
            block, of: try header ?? nextHeader(), width: 32, to: &state)
        return (results, state)
    }

    /// Puts the next block of these transactions into effect.
    @discardableResult
    mutating func block(_ transactions: [[UInt8]] = []) throws -> [TransactionResult] {
        let header = try nextHeader()
        let (results, state) = try outcome(transactions, header: header)
        ledger.state = state
        headers.append(header)
        return results
    }

    /// Why the next block of these transactions is none.
    func fault(_ transactions: [[UInt8]], header: BlockHeader? = nil) -> LedgerFault? {
        do {
            _ = try outcome(transactions, header: header)
            return nil
        } catch {
            return error as? LedgerFault
        }
    }
}
