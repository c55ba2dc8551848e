// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// More than two thirds of a committee's power behind one statement.
///
/// The members' signatures stand side by side, so that each is answerable for its own. Wire form:
/// `QuorumCertificate {uint32 kind=1; uint64 epoch=2; uint64 view=3; BlockReference block=4; bytes
/// signers=5; repeated Timestamp timestamps=6; bytes signatures=7}`; bit *i* of `signers` (low bit of
/// the first byte first) is the member at place *i*, times and signatures come in that order.
/// Specified in Protocol/20-agreement.md#certificates.
public struct QuorumCertificate: Hashable, Sendable {
    /// The most members that a committee may have.
    public static let membersMax = 150
    /// The largest wire form, in bytes.
    public static let sizeMax = HeaderExtension.nullificationSizeLimit

    /// What one member signed.
    public struct Signature: Hashable, Sendable {
        /// Who: a place in the epoch's set.
        public let place: Int
        /// When; `Timestamp.zero` where the statement is not timed.
        public let timestamp: Timestamp
        /// The signature.
        public let signature: Bytes64
    }

    /// What is said.
    public let statement: Statement
    /// By whom, places ascending, each once.
    public let signatures: [Signature]

    /// Puts signed statements together; those that say something else are left out.
    public init(_ statement: Statement, _ signed: some Sequence<SignedStatement>) {
        var last = -1
        var signatures: [Signature] = []
        for one in signed.sorted(by: { $0.place < $1.place })
        where one.statement == statement && one.place > last {
            last = one.place
            signatures.append(
                Signature(
                    place: one.place, timestamp: one.timestamp, signature: one.signature))
        }
        self.statement = statement
        self.signatures = signatures
    }

    /// The statements of its members, one for each signature.
    public var statements: [SignedStatement] {
        signatures.map {
            SignedStatement(
                statement, place: $0.place, timestamp: $0.timestamp, signature: $0.signature)
        }
    }

    /// Whether its signers are members of a set and weigh enough; signatures are not looked at.
    public func hasQuorum(of set: ValidatorSet) -> Bool {
        var power: Int64 = 0
        for signature in signatures {
            guard signature.place < set.count else { return false }
            power += set.validators[signature.place].votingPower
        }
        return power >= set.quorumPower
    }

    /// Whether it has a quorum, and every signature in it holds.
    public func isValid(by set: ValidatorSet, chainID: String) -> Bool {
        guard hasQuorum(of: set) else { return false }
        return statements.allSatisfy {
            $0.isValid(by: set.validators[$0.place].key, chainID: chainID)
        }
    }

    /// The same in CometBFT's shape, or nil for a statement without block.
    ///
    /// Of a finalize or commit statement it is what light clients verify; of a notarize statement it
    /// is what the child's `lastCommitHash` covers.
    public func commit(of set: ValidatorSet) -> Commit? {
        guard let block = statement.block else { return nil }
        var places = [CommitSignature](repeating: .absent, count: set.count)
        for one in signatures {
            guard one.place < set.count else { return nil }
            places[one.place] = CommitSignature(
                flag: .commit, validatorAddress: set.validators[one.place].address,
                timestamp: one.timestamp, signature: one.signature)
        }
        return Commit(
            height: block.height, round: statement.view.round, blockID: block.blockID,
            signatures: places)
    }
}

extension ValidatorSet {
    /// The least power that makes a quorum: more than two thirds.
    public var quorumPower: Int64 { totalVotingPower * 2 / 3 + 1 }

    /// The least power without which there is no quorum.
    public var blockingPower: Int64 { totalVotingPower - quorumPower + 1 }
}
