// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare

extension FuzzTarget {
    /// Namespaces, blobs, shares and squares.
    static let dataSquare: [FuzzTarget] = [
        .roundTrip(
            "namespace", isCanonical: true,
            decode: { input throws(DecodeFault) in try Namespace(decoding: input) },
            encode: { $0.bytes.array }),
        .roundTrip(
            "blob", decode: { input throws(DecodeFault) in try Blob(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "blob-transaction", isCanonical: true,
            decode: { input throws(DecodeFault) in try BlobTransaction.decodeIfMarked(input) },
            encode: { $0.encode() }),
        .roundTrip(
            "blob-transaction-historical",
            decode: { input throws(DecodeFault) in
                try BlobTransaction.decodeIfMarked(input, reading: .historical)
            },
            encode: { $0.encode() }),
        .roundTrip(
            "index-wrapper",
            decode: { input throws(DecodeFault) in try IndexWrapper.decodeIfMarked(input) },
            encode: { $0.encode() }),
        .reader("share-blobs", readBlobs),
        .reader("share-sequences", readSequences),
        .reader("share-transactions", readTransactions),
        .reader("square", readSquare),
    ]

    /// Blobs that were read lie in the input and are laid out again as they stood.
    @Sendable private static func readBlobs(_ input: [UInt8]) throws(DecodeFault) {
        for (blob, start) in try ShareParser.blobs(inFlat: wholeShares(of: input)) {
            let shares = SparseShareSplitter.shares(of: blob)
            let place = start * Share.sizeBytes
            precondition(place + shares.count * Share.sizeBytes <= input.count, "blob: outside")
            precondition(shares[0].namespace == blob.namespace, "blob: another namespace")
        }
    }

    @Sendable private static func readSequences(_ input: [UInt8]) throws(DecodeFault) {
        var end = 0
        for sequence in try ShareParser.sequences(inFlat: wholeShares(of: input)) {
            precondition(sequence.shares.lowerBound >= end, "sequences overlap")
            end = sequence.shares.upperBound
        }
        precondition(end * Share.sizeBytes <= input.count, "sequence: outside")
    }

    @Sendable private static func readTransactions(_ input: [UInt8]) throws(DecodeFault) {
        let shares = wholeShares(of: input)
        let units = try ShareParser.transactions(inFlat: shares)
        precondition(units.reduce(0) { $0 + $1.count } <= shares.count, "more than there is")
        var separate: [Share] = []
        for start in stride(from: 0, to: shares.count, by: Share.sizeBytes) {
            separate.append(try Share(decoding: shares[start..<start + Share.sizeBytes]))
        }
        _ = try ShareParser.unitsAsReference(in: separate)
    }

    /// The input as the largest square that it fills.
    @Sendable private static func readSquare(_ input: [UInt8]) throws(DecodeFault) {
        var width = 1
        while width < 8, 4 * width * width * Share.sizeBytes <= input.count { width *= 2 }
        let size = width * width * Share.sizeBytes
        guard input.count >= size else { return }
        let square: OriginalDataSquare
        do throws(SquareFault) {
            square = try OriginalDataSquare(width: width, bytes: Array(input[..<size]))
        } catch {
            return
        }
        let contents = try SquareParser.contents(of: square)
        precondition(contents.blobTransactions.allSatisfy { !$0.blobs.isEmpty })
    }

    private static func wholeShares(of input: [UInt8]) -> ArraySlice<UInt8> {
        input[..<(input.count / Share.sizeBytes * Share.sizeBytes)]
    }
}
