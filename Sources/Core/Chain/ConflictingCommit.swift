// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A header with its votes that is not the chain's, beside the chain's of the same height.
///
/// What CometBFT calls evidence of a light client attack: `other` is its conflicting block, the height
/// below its common height, at the latest. Specified in Protocol/22-slashing.md#attack.
public struct ConflictingCommit: Hashable, Sendable {
    /// The chain's.
    public let chain: SignedHeader
    /// The other.
    public let other: SignedHeader

    /// Pairs two, or is nil where they are of different heights, or one.
    public init?(chain: SignedHeader, other: SignedHeader) {
        guard chain.header.height == other.header.height, chain.header.hash != other.header.hash
        else { return nil }
        self.chain = chain
        self.other = other
    }

    /// What could be held against each signer of the other header: that vote by itself, and where it
    /// signed the chain's in the same round, the two.
    ///
    /// `epoch` gives the latest epoch up to the header's in whose committee somebody stands, and its
    /// place there. Nothing is verified; the state judges each.
    public func accusations(
        epoch: (Bytes20) -> (epoch: Epoch, place: Int)?
    ) -> [(vote: FaultEvidence, pair: FaultEvidence?)] {
        var found: [(vote: FaultEvidence, pair: FaultEvidence?)] = []
        for vote in other.commit.signatures where vote.flag == .commit {
            guard let address = vote.validatorAddress, let seat = epoch(address),
                let impossible = ImpossibleVote(
                    header: other.header, blockID: other.commit.blockID,
                    round: other.commit.round, vote: vote, chainHeader: chain.header,
                    epoch: seat.epoch)
            else { continue }
            found.append((.vote(impossible), pair(vote, at: seat.place, in: seat.epoch)))
        }
        return found
    }

    /// Both votes of a signer, where they are of one round.
    private func pair(
        _ vote: CommitSignature, at place: Int, in epoch: Epoch
    ) -> FaultEvidence? {
        guard chain.commit.round == other.commit.round,
            let own = chain.commit.signatures.first(where: {
                $0.flag == .commit && $0.validatorAddress == vote.validatorAddress
            }), let address = vote.validatorAddress,
            let first = Self.statement(own, of: chain, at: place, in: epoch),
            let second = Self.statement(vote, of: other, at: place, in: epoch),
            let evidence = SlashingEvidence(first, second, by: address)
        else { return nil }
        return .pair(evidence)
    }

    private static func statement(
        _ vote: CommitSignature, of block: SignedHeader, at place: Int, in epoch: Epoch
    ) -> SignedStatement? {
        let name = block.commit.blockID
        guard name.partSetTotal == 1, let hash = name.hash, let dataRoot = name.partSetHash,
            let signature = vote.signature
        else { return nil }
        let reference = BlockReference(
            height: block.header.height, hash: hash, dataRoot: dataRoot)
        var statement = Statement.commit(reference, epoch)
        if block.commit.round > 0 {
            do throws(DecodeFault) {
                let view = try View(decoding: UInt64(block.commit.round))
                statement = .finalize(reference, epoch, view)
            } catch {
                return nil
            }
        }
        return SignedStatement(
            statement, place: place, timestamp: vote.timestamp, signature: signature)
    }
}
