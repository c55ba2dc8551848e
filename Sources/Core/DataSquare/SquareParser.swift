// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What a square says, in block order.
public struct SquareContents: Hashable, Sendable {
    /// Transactions that pay for no blobs.
    public let transactions: [[UInt8]]
    /// Transactions that pay for blobs, each with its blobs again.
    public let blobTransactions: [BlobTransaction]
    /// Transactions that pay for data outside of the square.
    public let payForFibre: [[UInt8]]
    /// The shares that stand for such data, in the order of the square.
    public let systemBlobs: [Blob]

    /// The block's transactions as a block carries them, blob transactions in canonical form.
    public var blockTransactions: [[UInt8]] {
        transactions + blobTransactions.map { $0.encode() } + payForFibre
    }
}

/// Reads a square back into the transactions that it was built from.
///
/// A square that came from a stranger proves nothing about its form beyond what is read here: build
/// a square from the contents and compare it, where its padding and its places matter too.
/// Specified in Protocol/02-square-layout.md#reading-back.
public enum SquareParser {
    /// The contents of a square.
    ///
    /// - Throws: when transactions are cut off, an index leads to no blob, a blob breaks its rules,
    ///   or a blob belongs to no transaction.
    public static func contents(
        of square: OriginalDataSquare
    ) throws(DecodeFault) -> SquareContents {
        let shares = try ShareViews(flat: square.bytes[...])
        var cursor = 0
        let transactions = try units(of: .transactions, in: shares, from: &cursor)
        let wrapped = try units(of: .payForBlobs, in: shares, from: &cursor)
        let payForFibre = try units(of: .payForFibre, in: shares, from: &cursor)
        var blobs = BlobShelf(try ShareParser.blobs(in: shares.dropFirst(cursor)), offset: cursor)
        var blobTransactions: [BlobTransaction] = []
        for unit in wrapped {
            let wrapper = try IndexWrapper.decode(unit)
            var paidFor: [Blob] = []
            for index in wrapper.shareIndexes { paidFor.append(try blobs.take(at: Int(index))) }
            blobTransactions.append(
                try BlobTransaction(transaction: wrapper.transaction, blobs: paidFor))
        }
        return SquareContents(
            transactions: transactions, blobTransactions: blobTransactions,
            payForFibre: payForFibre, systemBlobs: try blobs.systemBlobs())
    }

    /// The units of one namespace's sequence, which begins at the cursor if it is there at all.
    static func units(
        of namespace: Namespace, in shares: ShareViews, from cursor: inout Int
    ) throws(DecodeFault) -> [[UInt8]] {
        let start = cursor
        var length = 0
        while cursor < shares.count {
            let header = ShareHeader(of: shares[cursor])
            guard header.namespace == namespace else { break }
            if cursor == start {
                guard let stated = header.sequenceLength else {
                    throw ShareParser.fault("transactions begin without a first share", at: start)
                }
                length = stated
            }
            cursor += 1
        }
        guard CompactShareSplitter.shareCount(streamSizeBytes: length) == cursor - start else {
            throw ShareParser.fault("transactions take other shares than they say", at: start)
        }
        let units = try ShareParser.transactions(in: shares[start..<cursor])
        var read = 0
        for unit in units {
            read += CompactShareSplitter.streamSizeBytes(unitSizeBytes: unit.count)
        }
        guard read == length else {
            throw ShareParser.fault("transactions have another length than they say", at: start)
        }
        return units
    }
}

/// The blobs of a square, each of which one transaction takes.
private struct BlobShelf {
    private var blobs: [(startIndex: Int, blob: Blob, isTaken: Bool)]

    init(_ parsed: [(blob: Blob, startIndex: Int)], offset: Int) {
        blobs = parsed.map { ($0.startIndex + offset, $0.blob, false) }
    }

    /// The blob whose first share stands at a row-major index; each can be taken once.
    mutating func take(at index: Int) throws(DecodeFault) -> Blob {
        var low = 0
        var high = blobs.count
        while low < high {
            let middle = (low + high) / 2
            if blobs[middle].startIndex < index { low = middle + 1 } else { high = middle }
        }
        guard low < blobs.count, blobs[low].startIndex == index else {
            throw .malformed("an index wrapper leads to no blob")
        }
        guard !blobs[low].isTaken else {
            throw .malformed("two index wrappers lead to one blob")
        }
        blobs[low].isTaken = true
        return blobs[low].blob
    }

    /// What no transaction took, which must stand for data outside of the square.
    func systemBlobs() throws(DecodeFault) -> [Blob] {
        var rest: [Blob] = []
        for entry in blobs where !entry.isTaken {
            guard entry.blob.shareVersion == ShareVersion.fibre else {
                throw ShareParser.fault(
                    "a blob belongs to no transaction", at: entry.startIndex)
            }
            rest.append(entry.blob)
        }
        return rest
    }
}
