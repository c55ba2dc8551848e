// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
public import DataSquare
internal import Staking

/// All transactions of a block, read: what only its proposer says, then what accounts signed.
///
/// What the proposer says stands before everything else, each in a transaction of one message that
/// nobody signs and that pays nothing: first the votes that the block includes, then evidence. Only a
/// block has these; `LedgerTransition.read` refuses them from anybody. Specified in
/// Protocol/21-staking.md#proposers-word.
public struct ReadBlock: Hashable, Sendable {
    /// A pair of statements that the proposer tells of.
    struct Report: Hashable, Sendable {
        /// Who tells: the proposer's operator.
        let submitter: Bytes20
        /// The pair.
        let evidence: [UInt8]
    }

    /// The most bytes of evidence in one block.
    public static let evidenceBytesMax = 1 << 20

    /// The votes that it includes; nil for none.
    public internal(set) var votes: IncludedVotes?
    /// Evidence, in the order of the square.
    var reports: [Report] = []
    /// The names of the proposer's transactions.
    var openingHashes: [Bytes32] = []
    /// What accounts signed, in the order of the square.
    public internal(set) var transactions: [ReadTransaction] = []
    /// For which block the votes are known to hold, and which they are.
    var verified: VerifiedVotes?

    /// What accounts signed alone.
    public init(_ transactions: [ReadTransaction] = []) {
        self.transactions = transactions
    }

    /// Whether its proposer tells of faults.
    public var hasEvidence: Bool { !reports.isEmpty }

    /// How many transactions it has.
    public var count: Int { openingHashes.count + transactions.count }

    /// The same block once its proposer's transactions and what accounts signed are known.
    public func with(_ transactions: [ReadTransaction]) -> ReadBlock {
        var block = self
        block.transactions = transactions
        return block
    }
}

extension LedgerTransition {
    /// Reads the transactions of a block, those without blobs first.
    ///
    /// - Throws: at the first that no block may have, and for a proposer's word out of its place.
    public func read(
        block plain: [[UInt8]], _ carriers: [BlobTransaction] = []
    ) throws(LedgerFault) -> ReadBlock {
        var block = ReadBlock()
        for bytes in plain {
            if block.transactions.isEmpty, try readOpening(bytes, into: &block) { continue }
            block.transactions.append(try readPlain(bytes))
        }
        for carrier in carriers { block.transactions.append(try read(carrier)) }
        return block
    }

    private func readPlain(_ bytes: [UInt8]) throws(LedgerFault) -> ReadTransaction {
        let isCarrier: Bool
        do throws(DecodeFault) {
            isCarrier = try BlobTransaction.decodeIfMarked(bytes) != nil
        } catch {
            throw .undecodable(error)
        }
        guard !isCarrier else {
            throw .invalidRequest("a transaction with blobs stands among the others")
        }
        return try read(bytes)
    }

    /// Reads what the proposer says; false for what somebody signed.
    private func readOpening(
        _ bytes: [UInt8], into block: inout ReadBlock
    ) throws(LedgerFault) -> Bool {
        guard let staking = rules.staking,
            let message = try Self.openingMessage(of: bytes)
        else { return false }
        if message.typeURL == IncludedVotes.typeURL {
            guard block.openingHashes.isEmpty else {
                throw .invalidRequest("votes stand behind something else")
            }
            do throws(DecodeFault) {
                block.votes = try IncludedVotes(protobuf: message.value)
            } catch {
                throw .undecodable(error)
            }
        } else {
            do throws(StakingFault) {
                guard
                    case .submitEvidence(let submitter, let evidence) = try StakingMessage(
                        typeURL: message.typeURL, value: message.value, rules: staking)
                else { throw .invalidRequest("nobody has signed it") }
                let written = StakingMessage.submitEvidence(
                    submitter: submitter, evidence: evidence)
                guard written.protobuf(rules: staking) == message.value else {
                    throw .invalidRequest("evidence that is not canonical")
                }
                block.reports.append(
                    ReadBlock.Report(submitter: submitter, evidence: evidence))
            } catch {
                throw .staking(error)
            }
            let size = block.reports.reduce(0) { $0 + $1.evidence.count }
            guard size <= ReadBlock.evidenceBytesMax else {
                throw .tooLarge(actual: size, limit: ReadBlock.evidenceBytesMax)
            }
        }
        block.openingHashes.append(SHA256.hash(bytes))
        return true
    }

    /// The one message of a transaction that nobody signs; nil for any other transaction.
    private static func openingMessage(of bytes: [UInt8]) throws(LedgerFault) -> TypedMessage? {
        let transaction: CosmosTransaction
        do throws(DecodeFault) {
            transaction = try CosmosTransaction.decode(bytes)
        } catch {
            throw .undecodable(error)
        }
        guard transaction.signatures.isEmpty, transaction.authorization.signers.isEmpty,
            let message = transaction.body.messages.first
        else { return nil }
        guard opening(message) == bytes else {
            throw .invalidRequest("what nobody signs has one message and nothing else")
        }
        return message
    }

    /// The transaction of a message that nobody signs.
    static func opening(_ message: TypedMessage) -> [UInt8] {
        CosmosTransaction(
            body: TransactionBody(messages: [message]),
            authorization: TransactionAuthorization(
                signers: [], fee: TransactionFee(amount: [], gasLimit: 0))
        ).encode()
    }
}
