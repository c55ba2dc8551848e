// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A transaction together with the blobs it pays for, as mempools and blocks carry it.
///
/// ```text
/// tx = 1   blobs = 2 (repeated)   type_id = 3, the text "BLOB"       (Protocol/wire/blobtx.proto)
/// ```
///
/// Whether the transaction really pays for these blobs is the ledger's question, not asked here.
/// Specified in Protocol/02-square-layout.md#blob-transaction.
public struct BlobTransaction: Hashable, Sendable {
    /// The most bytes of an encoded blob transaction.
    public static let sizeBytesMax = 8_388_608
    /// The text that marks one.
    public static let typeID = "BLOB"

    /// The transaction that pays, as it was signed.
    public let transaction: [UInt8]
    /// What it pays for; never empty.
    public let blobs: [Blob]

    /// How much deviation from the one canonical encoding is borne.
    public enum Reading: Sendable {
        /// As app versions up to 9 took it: unknown fields are passed over, fields come in any
        /// order, and a blob transaction within another is not looked for.
        case historical
        /// As the reference's square library reads: fields in any order, but none unknown and none
        /// nested.
        case current
        /// What we make, and what version 10 takes into a mempool or a block: byte for byte our
        /// encoding.
        case canonical
    }

    /// Joins a transaction and its blobs.
    public init(transaction: [UInt8], blobs: [Blob]) throws(DecodeFault) {
        guard !blobs.isEmpty else { throw .malformed("a blob transaction without blobs") }
        self.transaction = transaction
        self.blobs = blobs
    }

    /// Reads a block's transaction that must carry blobs.
    public static func decode(
        _ bytes: [UInt8], reading: Reading = .canonical
    ) throws(DecodeFault) -> BlobTransaction {
        guard let value = try decodeIfMarked(bytes, reading: reading) else {
            throw .malformed("not a blob transaction")
        }
        return value
    }

    /// Reads a block's transaction; nil when it is not marked as one that carries blobs.
    ///
    /// The bytes are walked once and each blob's data is copied once, so the work is linear.
    /// - Throws: when it is marked, but its form is wrong.
    public static func decodeIfMarked(
        _ bytes: [UInt8], reading: Reading = .canonical
    ) throws(DecodeFault) -> BlobTransaction? {
        guard let fields = MarkedFields(bytes[...], typeID: typeID, repeatedLimit: blobCountMax),
            let form = formOfBlobs(in: fields)
        else { return nil }
        try checkLimits(of: fields, sizeBytes: bytes.count)
        if reading != .historical {
            guard !fields.hasUnknownFields, !form.hasUnknownFields else {
                throw .malformed("a blob transaction has an unknown field")
            }
            guard !isMarked(fields.transaction) else {
                throw .malformed("a blob transaction within another")
            }
        }
        var blobs: [Blob] = []
        blobs.reserveCapacity(fields.repeated.count)
        for field in fields.repeated { blobs.append(try BlobFields(try field.bytes()).blob()) }
        let value = try BlobTransaction(transaction: [UInt8](fields.transaction), blobs: blobs)
        // Whatever else deviates from the canonical form (a field twice, a default written out, a
        // long varint) only makes the message longer.
        if reading == .canonical {
            guard fields.isAscending, form.isAscending, value.encodedSizeBytes == bytes.count
            else { throw .malformed("a blob transaction in another than its canonical form") }
        }
        return value
    }

    /// The canonical encoding.
    public func encode() -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(encodedSizeBytes)
        if !transaction.isEmpty {
            message.append(0x0a)
            message.append(lengthPrefixed: transaction)
        }
        for blob in blobs {
            message.append(0x12)
            message.append(varint: UInt64(blob.protobufSizeBytes))
            blob.appendProtobuf(to: &message)
        }
        message.append(0x1a)
        message.append(lengthPrefixed: Self.typeID.utf8)
        return message
    }

    /// Bytes of the canonical encoding, known without making it.
    public var encodedSizeBytes: Int {
        func sizeBytes(ofField content: Int) -> Int {
            1 + Varint.size(UInt64(content)) + content
        }
        var size = sizeBytes(ofField: Self.typeID.utf8.count)
        if !transaction.isEmpty { size += sizeBytes(ofField: transaction.count) }
        for blob in blobs { size += sizeBytes(ofField: blob.protobufSizeBytes) }
        return size
    }

    /// The most blobs in one transaction: each takes a share at least.
    public static let blobCountMax = SquareSize.sharesMax

    /// What all blobs' messages have in common; nil when one is malformed, so that the whole is none.
    ///
    /// Nothing is kept, so many tiny messages cost no memory.
    private static func formOfBlobs(
        in fields: MarkedFields
    ) -> (hasUnknownFields: Bool, isAscending: Bool)? {
        var form = (hasUnknownFields: false, isAscending: true)
        for field in fields.repeated {
            do throws(DecodeFault) {
                let message = try BlobFields(try field.bytes())
                form.hasUnknownFields = form.hasUnknownFields || message.hasUnknownFields
                form.isAscending = form.isAscending && message.isAscending
            } catch {
                return nil
            }
        }
        return form
    }

    private static func checkLimits(
        of fields: MarkedFields, sizeBytes: Int
    ) throws(DecodeFault) {
        guard sizeBytes <= sizeBytesMax else {
            throw DecodeFault(
                .overLimit(field: "blob transaction", limit: sizeBytesMax, actual: sizeBytes))
        }
        guard !fields.isOverLimit else {
            throw DecodeFault(
                .overLimit(field: "blobs", limit: blobCountMax, actual: blobCountMax + 1))
        }
    }

    private static func isMarked(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let fields = MarkedFields(bytes, typeID: typeID, repeatedLimit: blobCountMax) else {
            return false
        }
        return formOfBlobs(in: fields) != nil
    }
}
