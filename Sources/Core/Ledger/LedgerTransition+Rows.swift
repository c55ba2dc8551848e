// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import DataSquare

/// Reading a block of which only the rows with its transactions are at hand.
///
/// What its blobs say is not known, so their commitments and their signers cannot be held to them.
/// Everything else is: the forms, the sizes and namespaces, and the place of every blob, which
/// follows from these. Specified in Protocol/24-attestation.md#transaction-rows.
extension LedgerTransition {
    /// The transactions of a block, its proposer's word among them.
    ///
    /// - Throws: what `read` throws of a transaction, and `invalidRequest` when the rows are not those
    ///   of the square that these transactions make.
    public func read(
        _ rows: TransactionRows, originalWidth: Int, widthMaximum: Int, appVersion: UInt64
    ) throws(LedgerFault) -> ReadBlock {
        guard rows.payForFibre.isEmpty else {
            throw .invalidRequest("it pays for data outside of the square")
        }
        var block = try read(block: rows.transactions)
        var entries = rows.transactions.map { SquareEntry.plain($0) }
        var room = originalWidth * originalWidth
        for wrapper in rows.wrappers {
            let blobs = try standIns(of: wrapper, room: &room)
            let size = blobs.reduce(wrapper.transaction.count) { $0 + $1.data.count }
            block.transactions.append(
                try read(
                    wrapper.transaction, blobs: blobs, sizeBytes: size, isContentKnown: false))
            entries.append(.blob(try carrier(wrapper.transaction, blobs)))
        }
        try checkLayout(
            entries, rows, originalWidth: originalWidth, widthMaximum: widthMaximum,
            appVersion: appVersion)
        return block
    }

    /// Blobs of the namespaces, versions and sizes that a transaction pays for, filled with zeros.
    private func standIns(
        of wrapper: IndexWrapper, room: inout Int
    ) throws(LedgerFault) -> [Blob] {
        let transaction = try decoded { () throws(DecodeFault) in
            try CosmosTransaction.decode(wrapper.transaction)
        }
        guard transaction.body.messages.count == 1, let message = transaction.body.messages.first,
            message.typeURL == PayForBlobs.typeURL
        else { throw .blob(.noPayment) }
        let payment = try decoded { () throws(DecodeFault) in
            try PayForBlobs(protobuf: message.value)
        }
        do throws(BlobPaymentFault) {
            try BlobPayment.check(payment)
        } catch {
            throw .blob(error)
        }
        let signer = try address(payment.signer)
        var blobs: [Blob] = []
        for index in payment.namespaces.indices {
            let size = Int(payment.blobSizes[index])
            let version = UInt8(truncatingIfNeeded: payment.shareVersions[index])
            let isSigned = ShareVersion.hasSigner(version)
            room -= Blob.shareCount(sizeBytes: size, hasSigner: isSigned)
            guard room >= 0 else {
                throw .invalidRequest("it pays for more shares than its square has")
            }
            blobs.append(
                try standIn(
                    payment.namespaces[index], size: size, version: version,
                    signer: isSigned ? signer : nil))
        }
        return blobs
    }

    private func standIn(
        _ namespace: [UInt8], size: Int, version: UInt8, signer: AccountAddress?
    ) throws(LedgerFault) -> Blob {
        let namespace = try decoded { () throws(DecodeFault) in try Namespace(decoding: namespace) }
        do throws(BlobFault) {
            return try Blob(
                namespace: namespace, data: [UInt8](repeating: 0, count: size),
                shareVersion: version, signer: signer?.bytes)
        } catch {
            throw .invalidRequest("a blob that cannot be: \(error)")
        }
    }

    private func carrier(
        _ transaction: [UInt8], _ blobs: [Blob]
    ) throws(LedgerFault) -> BlobTransaction {
        do throws(DecodeFault) {
            return try BlobTransaction(transaction: transaction, blobs: blobs)
        } catch {
            throw .undecodable(error)
        }
    }

    /// Lays the transactions out with the stand-ins: the places that come out must be those in the
    /// rows, and the width that of the square.
    private func checkLayout(
        _ entries: [SquareEntry], _ rows: TransactionRows, originalWidth: Int, widthMaximum: Int,
        appVersion: UInt64
    ) throws(LedgerFault) {
        let built: BuiltSquare
        do throws(SquareBuildFault) {
            built = try SquareBuilder.construct(
                entries, sizeMaximum: widthMaximum, appVersion: appVersion)
        } catch {
            throw .invalidRequest("its transactions make no square: \(error)")
        }
        let stated = rows.shareCount * Share.sizeBytes
        guard built.square.width == originalWidth, built.indexWrappers == rows.wrappers,
            built.square.bytes.prefix(stated) == rows.shares[...]
        else { throw .invalidRequest("its rows are not those of its transactions") }
    }
}
