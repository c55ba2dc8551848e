// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Machinery

/// Which final heights of the epoch have a commit, and the votes for those that have none yet.
///
/// A block that became final by a descendant has no finalization of its own; its commit is made of
/// votes for the height. Specified in Protocol/20-agreement.md#commit-votes.
struct CommitBook: Sendable {
    struct Entry: Sendable {
        /// Which block is final there; nil while only a descendant is known.
        var block: BlockReference?
        var tally: VoteTally
        /// Whether this node's own vote was asked for.
        var isAsked = false
        var own: SignedStatement?
    }

    private let memberCount: Int
    /// The lowest height of the epoch without a commit.
    private(set) var lowestOpen: UInt64
    /// The highest height that is final.
    private(set) var finalHeight: UInt64
    private var closed = HeightRanges()
    private var entries: [UInt64: Entry] = [:]

    /// The book of an epoch that stands on a height.
    init(base: Height, memberCount: Int) {
        self.memberCount = memberCount
        lowestOpen = base.value + 1
        finalHeight = base.value
    }

    /// How many heights something is kept of.
    var entryCount: Int { entries.count }

    /// Whether a height has a commit; those before the epoch do.
    func isClosed(_ height: Height) -> Bool {
        height.value < lowestOpen || closed.contains(height.value)
    }

    /// Whether votes for a height are taken.
    func isOpen(_ height: Height) -> Bool {
        !isClosed(height) && height.value <= finalHeight + AgreementLimits.commitsAheadMax
    }

    /// Whether a final height has no commit yet.
    func isAwaited(_ height: Height) -> Bool {
        height.value <= finalHeight && !isClosed(height)
    }

    /// What is known of an open height.
    subscript(height: Height) -> Entry {
        get {
            entries[height.value] ?? Entry(block: nil, tally: VoteTally(memberCount: memberCount))
        }
        _modify {
            yield &entries[
                height.value, default: Entry(tally: VoteTally(memberCount: memberCount))]
        }
    }

    /// The lowest final heights without a commit.
    func open(limit: Int) -> [Height] {
        guard lowestOpen <= finalHeight else { return [] }
        var heights: [Height] = []
        for height in lowestOpen...finalHeight where !closed.contains(height) {
            heights.append(Height(height))
            if heights.count == limit { break }
        }
        return heights
    }

    /// Everything up to a height is final.
    mutating func raise(to height: Height) {
        finalHeight = max(finalHeight, height.value)
    }

    /// A height has a commit.
    mutating func close(_ height: Height) {
        guard !isClosed(height) else { return }
        entries[height.value] = nil
        closed.insert(height.value)
        if let end = closed.end(ofRunWith: lowestOpen) {
            lowestOpen = end + 1
        }
    }
}
