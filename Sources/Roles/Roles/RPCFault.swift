// SPDX-License-Identifier: Apache-2.0

/// Why the node cannot answer.
///
/// Clients match these texts by their substrings, so they are celestia-node's to the letter.
package enum RPCFault: Error, Hashable, Sendable {
    case heightIsZero
    case heightInFuture(networkHead: UInt64, requested: UInt64)
    case heightBelowTail(tail: UInt64, requested: UInt64)
    /// The network has it and this node is on its way there.
    case headerIsSyncing(localHead: UInt64, requested: UInt64)
    /// No header of that hash or height; the text says which.
    case headerNotFound(String)
    case dataNotAvailable
    /// Peers did not give it; the text says what is missing and who was asked.
    case notRetrieved(String)
    /// The block, or one that it stands on, is proven to be wrongly encoded.
    case fraudProven(height: UInt64)
    /// A submission that cannot go into any block.
    case blobOverSizeLimit
    case transactionTooLarge
    case transactionAlreadyPooled
    /// Not included in time; it may still be.
    case notIncludedInTime
    /// The ledger refused the transaction: its code and its words.
    case refused(code: UInt32, String)
    /// This node has no such part, and why.
    case unsupported(String)
    /// Anything else that failed, in words.
    case failed(String)

    /// What the client reads.
    package var text: String {
        switch self {
        case .heightIsZero: "height is equal to 0"
        case .heightInFuture(let head, let requested):
            "header: given height is from the future: networkHeight: \(head), "
                + "requestedHeight: \(requested)"
        case .heightBelowTail(let tail, let requested):
            "requested header (\(requested)) is below Tail (\(tail))"
        case .headerIsSyncing(let head, let requested):
            "header: syncing in progress: localHeadHeight: \(head), requestedHeight: \(requested)"
        case .headerNotFound(let what): "\(what): header: not found"
        case .dataNotAvailable: "share: data not available"
        case .notRetrieved(let words): "share: data not available: \(words)"
        case .fraudProven(let height):
            "refused: block \(height) is proven to be wrongly encoded; see fraud.Get"
        case .blobOverSizeLimit: "blob: over size limit"
        case .transactionTooLarge: "tx too large"
        case .transactionAlreadyPooled: "tx already in mempool"
        case .notIncludedInTime: "timed out waiting for tx to be included in a block"
        case .refused(_, let words): words
        case .unsupported(let words): words
        case .failed(let words): words
        }
    }
}
