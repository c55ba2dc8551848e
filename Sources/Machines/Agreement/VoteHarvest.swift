// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain

/// Votes that a member may include in blocks of its own: of each member one for each height.
///
/// A certificate is made of the first quorum that comes; here the others' votes are kept too. A vote
/// is verified once its block is in the chain, so that nobody makes work with votes for anything
/// else; one that a certificate has was verified with it. Specified in
/// Protocol/21-staking.md#included-votes.
package struct VoteHarvest: Sendable {
    /// Heights below the next block's that votes are kept of, as many as it may include.
    package static let heightsKept: UInt64 = 8
    /// Heights from the next block's on that votes are kept of.
    package static let heightsAhead: UInt64 = 16

    private struct Entry: Sendable {
        var signed: SignedStatement
        var isVerified: Bool
        var isUnderWay = false
    }

    private var entries: [UInt64: [Entry?]] = [:]
    private var chain: [UInt64: BlockReference] = [:]
    /// The height of the next block that is put into effect.
    private var next: UInt64

    /// A harvest of a chain that stands at a height.
    package init(height: UInt64) {
        next = height + 1
    }

    /// How many votes are kept.
    package var count: Int {
        entries.values.reduce(0) { $0 + $1.count { $0 != nil } }
    }

    /// Takes a vote in; gives it back when it is to be verified.
    package mutating func note(
        _ signed: SignedStatement, isVerified: Bool, memberCount: Int
    ) -> SignedStatement? {
        let statement = signed.statement
        guard statement.kind == .finalize || statement.kind == .commit,
            let block = statement.block, signed.place < memberCount,
            isKept(block.height.value)
        else { return nil }
        let height = block.height.value
        var places = entries[height] ?? [Entry?](repeating: nil, count: memberCount)
        guard signed.place < places.count else { return nil }
        if let known = places[signed.place] {
            // The last word of a member counts, unless what counts was verified.
            let isSettled = known.isVerified && known.signed.statement.block == block
            guard !isSettled, !known.isUnderWay || isVerified else { return nil }
        }
        var entry = Entry(signed: signed, isVerified: isVerified)
        entry.isUnderWay = !isVerified && chain[height] == block
        places[signed.place] = entry
        entries[height] = places
        return entry.isUnderWay ? signed : nil
    }

    /// A block is in the chain; gives the votes for it that are to be verified.
    package mutating func confirm(_ block: BlockReference) -> [SignedStatement] {
        let height = block.height.value
        guard isKept(height), chain[height] != block else { return [] }
        chain[height] = block
        var due: [SignedStatement] = []
        for place in (entries[height] ?? []).indices {
            guard let entry = entries[height]?[place], !entry.isVerified, !entry.isUnderWay,
                entry.signed.statement.block == block
            else { continue }
            entries[height]?[place]?.isUnderWay = true
            due.append(entry.signed)
        }
        return due
    }

    /// A vote was verified; a false one is forgotten.
    package mutating func judge(_ signed: SignedStatement, holds: Bool) {
        guard let height = signed.statement.block?.height.value,
            let places = entries[height], signed.place < places.count,
            places[signed.place]?.signed == signed
        else { return }
        if holds {
            entries[height]?[signed.place] = Entry(signed: signed, isVerified: true)
        } else {
            entries[height]?[signed.place] = nil
        }
    }

    /// The votes for a block that were verified, places rising.
    package func verified(for block: BlockReference) -> [SignedStatement] {
        (entries[block.height.value] ?? []).compactMap { entry in
            guard let entry, entry.isVerified, entry.signed.statement.block == block else {
                return nil
            }
            return entry.signed
        }
    }

    /// The block of a height was put into effect: what can no longer be included is forgotten.
    package mutating func advance(to height: UInt64) {
        guard height >= next else { return }
        next = height + 1
        entries = entries.filter { isKept($0.key) }
        chain = chain.filter { isKept($0.key) }
    }

    private func isKept(_ height: UInt64) -> Bool {
        height + Self.heightsKept >= next && height < next + Self.heightsAhead
    }
}
