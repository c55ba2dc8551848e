// SPDX-License-Identifier: Apache-2.0

/// What one transaction adds to a square at most.
struct ShareCost {
    /// Bytes in the stream of compact shares, its length included.
    let streamSizeBytes: Int
    /// Shares for blobs and the padding before them.
    let blobShares: Int

    /// The cost of a unit of a compact sequence and of blobs beside it.
    init(unitSizeBytes: Int, blobShares: Int) {
        streamSizeBytes = CompactShareSplitter.streamSizeBytes(unitSizeBytes: unitSizeBytes)
        self.blobShares = blobShares
    }
}

/// Transactions of one kind in order, with the shares that they take at most.
struct CountedRun<Entry: Sendable>: Sendable {
    private(set) var entries: [Entry] = []
    private var costs: [(streamSizeBytes: Int, blobShares: Int)] = []
    private var streamSizeBytes = 0
    private var blobShares = 0

    /// Shares of the compact sequence.
    var compactShareCount: Int {
        CompactShareSplitter.shareCount(streamSizeBytes: streamSizeBytes)
    }

    /// Shares of the compact sequence and of all blobs.
    var shareCount: Int { compactShareCount + blobShares }

    /// Shares that one more entry would add.
    func growth(of cost: ShareCost) -> Int {
        CompactShareSplitter.shareCount(streamSizeBytes: streamSizeBytes + cost.streamSizeBytes)
            - compactShareCount + cost.blobShares
    }

    /// Adds an entry at the end.
    mutating func append(_ entry: Entry, cost: ShareCost) {
        entries.append(entry)
        costs.append((cost.streamSizeBytes, cost.blobShares))
        streamSizeBytes += cost.streamSizeBytes
        blobShares += cost.blobShares
    }

    /// Takes the last entry out; false when there is none.
    mutating func revertLast() -> Bool {
        guard let last = costs.popLast() else { return false }
        entries.removeLast()
        streamSizeBytes -= last.streamSizeBytes
        blobShares -= last.blobShares
        return true
    }
}
