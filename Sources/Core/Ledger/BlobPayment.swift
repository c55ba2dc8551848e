// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import DataSquare

/// The rules by which a message pays for exactly the blobs that come with it.
///
/// Specified in Protocol/10-chain-and-ledger.md#payment.
public enum BlobPayment {
    /// Checks the message alone: lists in step, namespaces, versions and sizes that users may post.
    public static func check(_ payment: PayForBlobs) throws(BlobPaymentFault) {
        let count = payment.namespaces.count
        guard count > 0, !payment.blobSizes.isEmpty, !payment.shareCommitments.isEmpty,
            !payment.shareVersions.isEmpty
        else { throw .noBlobs }
        guard payment.blobSizes.count == count, payment.shareCommitments.count == count,
            payment.shareVersions.count == count
        else { throw .componentMismatch }
        for index in 0..<count {
            let namespace = try namespace(payment.namespaces[index])
            guard namespace.isValidForBlob else { throw .reservedNamespace }
            guard payment.shareVersions[index] <= UInt32(ShareVersion.signed) else {
                throw .shareVersion(payment.shareVersions[index])
            }
            guard payment.blobSizes[index] > 0 else { throw .emptyBlob }
            guard payment.shareCommitments[index].count == 32 else {
                throw .commitment(index: index)
            }
        }
    }

    /// Checks the message against its blobs, commitments recomputed.
    ///
    /// `signer` is the account that signs, which signed blobs must name.
    public static func check(
        _ payment: PayForBlobs, signer: AccountAddress, blobs: [Blob]
    ) throws(BlobPaymentFault) {
        try check(payment)
        guard payment.namespaces.count == blobs.count else {
            throw .countMismatch(paid: payment.namespaces.count, attached: blobs.count)
        }
        for (index, blob) in blobs.enumerated() {
            guard payment.namespaces[index] == blob.namespace.bytes.array else {
                throw .namespaceMismatch(index: index)
            }
            guard Int(payment.blobSizes[index]) == blob.data.count else {
                throw .sizeMismatch(paid: payment.blobSizes[index], actual: blob.data.count)
            }
            guard payment.shareVersions[index] == UInt32(blob.shareVersion) else {
                throw .shareVersion(payment.shareVersions[index])
            }
            guard blob.signer == nil || blob.signer == signer.bytes else {
                throw .signer(index: index)
            }
        }
        for (index, blob) in blobs.enumerated() {
            guard payment.shareCommitments[index] == ShareCommitment(of: blob).bytes.array
            else { throw .commitment(index: index) }
        }
    }

    private static func namespace(_ bytes: [UInt8]) throws(BlobPaymentFault) -> Namespace {
        do throws(DecodeFault) {
            return try Namespace(decoding: bytes)
        } catch {
            throw .invalidNamespace
        }
    }
}
