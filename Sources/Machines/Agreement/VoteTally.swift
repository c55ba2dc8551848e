// SPDX-License-Identifier: Apache-2.0

package import Chain

/// The votes of one kind in one view, or for one height: one of each member, verified when it matters.
///
/// Votes are kept as they came until those for one block could be a quorum; only then are their
/// signatures verified, all at once. Specified in Protocol/20-agreement.md#lazy-verification.
package struct VoteTally: Sendable {
    /// What became of a vote that was added.
    package enum Addition: Equatable, Sendable {
        /// It is the member's first.
        case added
        /// The member said so before.
        case known
        /// The member said something else before.
        case conflicts(SignedStatement)
    }

    private struct Entry: Sendable {
        var signed: SignedStatement
        var isVerified: Bool
    }

    private struct Count: Sendable {
        let statement: Statement
        var power: Int64
        var verified: Int64
    }

    private var entries: [Entry?]
    private var counts: [Count] = []
    /// Whether a batch is being verified, which must come back before the next.
    package var isChecking = false

    /// A tally for as many members.
    package init(memberCount: Int) {
        entries = [Entry?](repeating: nil, count: memberCount)
    }

    /// What the member at a place said first.
    package func vote(of place: Int) -> SignedStatement? { entries[place]?.signed }

    /// Whether exactly this vote was verified.
    package func isVerified(_ signed: SignedStatement) -> Bool {
        guard let entry = entries[signed.place] else { return false }
        return entry.isVerified && entry.signed == signed
    }

    /// The power of those who said so, whether or not that was verified.
    package func power(of statement: Statement) -> Int64 {
        counts.first { $0.statement == statement }?.power ?? 0
    }

    /// Adds the vote of a member of that power.
    package mutating func add(
        _ signed: SignedStatement, power: Int64, isVerified: Bool
    ) -> Addition {
        if let entry = entries[signed.place] {
            guard entry.signed.statement == signed.statement else {
                return .conflicts(entry.signed)
            }
            if isVerified, !entry.isVerified {
                entries[signed.place] = Entry(signed: signed, isVerified: true)
                change(signed.statement, power: 0, verified: power)
            }
            return .known
        }
        entries[signed.place] = Entry(signed: signed, isVerified: isVerified)
        change(signed.statement, power: power, verified: isVerified ? power : 0)
        return .added
    }

    /// The signature of a vote turned out to hold or not; a false one is forgotten.
    package mutating func judge(_ signed: SignedStatement, power: Int64, holds: Bool) {
        guard let entry = entries[signed.place], entry.signed == signed, !entry.isVerified else {
            return
        }
        entries[signed.place] = holds ? Entry(signed: signed, isVerified: true) : nil
        change(signed.statement, power: holds ? 0 : -power, verified: holds ? power : 0)
    }

    /// Votes to verify now, because with them there might be a quorum; empty when there are none.
    package func due(quorum: Int64) -> [SignedStatement] {
        guard !isChecking,
            let count = counts.first(where: { $0.power >= quorum && $0.verified < quorum })
        else { return [] }
        return entries.compactMap { entry in
            guard let entry, !entry.isVerified, entry.signed.statement == count.statement else {
                return nil
            }
            return entry.signed
        }
    }

    /// The certificate of a statement that has a verified quorum, if one has.
    package func certificate(quorum: Int64) -> QuorumCertificate? {
        guard let count = counts.first(where: { $0.verified >= quorum }) else { return nil }
        return QuorumCertificate(
            count.statement,
            entries.compactMap { $0?.isVerified == true ? $0?.signed : nil })
    }

    private mutating func change(_ statement: Statement, power: Int64, verified: Int64) {
        if let index = counts.firstIndex(where: { $0.statement == statement }) {
            counts[index].power += power
            counts[index].verified += verified
            if counts[index].power == 0 { counts.remove(at: index) }
        } else {
            counts.append(Count(statement: statement, power: power, verified: verified))
        }
    }
}
