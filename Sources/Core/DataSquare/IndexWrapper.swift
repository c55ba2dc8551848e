// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A transaction that pays for blobs, as it stands in the square: with the blobs' places instead of
/// the blobs.
///
/// ```text
/// tx = 1   share_indexes = 2 (packed)   type_id = 3, the text "INDX"
/// ```
/// Specified in Protocol/02-square-layout.md#index-wrapper (Protocol/wire/index_wrapper.proto).
public struct IndexWrapper: Hashable, Sendable {
    /// The text that marks one.
    public static let typeID = "INDX"
    /// The most indexes in one wrapper.
    public static let indexCountMax = SquareSize.sharesMax
    /// The index that counting assumes for every blob: one that takes the most bytes.
    public static let worstCaseIndex = UInt32(SquareSize.sharesMax)

    /// The transaction that pays, as it was signed.
    public let transaction: [UInt8]
    /// The row-major index of each blob's first share in the original square, in order.
    public let shareIndexes: [UInt32]

    /// Joins a transaction and the places of its blobs.
    public init(transaction: [UInt8], shareIndexes: [UInt32]) {
        self.transaction = transaction
        self.shareIndexes = shareIndexes
    }

    /// Reads a unit of the square that must be an index wrapper.
    public static func decode(_ bytes: [UInt8]) throws(DecodeFault) -> IndexWrapper {
        guard let value = try decodeIfMarked(bytes) else {
            throw .malformed("not an index wrapper")
        }
        return value
    }

    /// Reads a unit of the square; nil when it is not marked as an index wrapper.
    ///
    /// - Throws: when it is marked, but names more places than a square has.
    public static func decodeIfMarked(_ bytes: [UInt8]) throws(DecodeFault) -> IndexWrapper? {
        guard let fields = MarkedFields(bytes[...], typeID: typeID, repeatedLimit: indexCountMax)
        else { return nil }
        var indexes: [UInt64] = []
        for field in fields.repeated {
            do throws(DecodeFault) {
                try field.appendVarints(to: &indexes, limit: indexCountMax)
            } catch {
                if case .overLimit = error.reason { throw error }
                return nil
            }
        }
        guard !fields.isOverLimit else {
            throw DecodeFault(
                .overLimit(
                    field: "share indexes", limit: indexCountMax, actual: indexCountMax + 1))
        }
        return IndexWrapper(
            transaction: [UInt8](fields.transaction),
            shareIndexes: indexes.map { UInt32(truncatingIfNeeded: $0) })
    }

    /// The canonical encoding.
    public func encode() -> [UInt8] {
        var writer = ProtobufWriter(capacity: transaction.count + shareIndexes.count * 3 + 20)
        writer.bytes(1, transaction)
        writer.packed(2, shareIndexes.map { UInt64($0) })
        writer.string(3, Self.typeID)
        return writer.bytes
    }

    /// Bytes of the encoding when every index is at its worst, known without making it.
    static func worstCaseSizeBytes(transactionSizeBytes: Int, blobCount: Int) -> Int {
        let indexes = blobCount * Varint.size(UInt64(worstCaseIndex))
        return fieldSizeBytes(transactionSizeBytes) + fieldSizeBytes(indexes)
            + fieldSizeBytes(typeID.utf8.count)
    }

    private static func fieldSizeBytes(_ content: Int) -> Int {
        content == 0 ? 0 : 1 + Varint.size(UInt64(content)) + content
    }
}
