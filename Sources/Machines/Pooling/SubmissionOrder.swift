// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Cryptography
package import DataSquare
package import Ledger

/// What a user wants to see in a block, before it is signed.
package struct SubmissionOrder: Hashable, Sendable {
    /// The kinds of wish.
    package enum Wish: Hashable, Sendable {
        /// Post these blobs, in this order.
        case post([Blob])
        /// Send an amount of the chain's smallest unit to an address.
        case transfer(to: Bytes20, amount: UInt64)
        /// Carry out these messages in one transaction.
        case perform([TypedMessage])
        /// Bring in a transaction that somebody else has signed.
        case signed([UInt8])
    }

    /// What is wanted.
    package let wish: Wish
    /// The price of one unit of gas in millionths of the smallest coin, or nil for the node's choice.
    package let gasPriceMillionths: UInt64?
    /// The most that the node may choose, or nil for anything.
    package let gasPriceMillionthsMax: UInt64?
    /// The gas to pay for, or nil for the estimate.
    package let gasLimit: UInt64?

    /// Describes a wish and what it may cost.
    package init(
        wish: Wish, gasPriceMillionths: UInt64? = nil, gasPriceMillionthsMax: UInt64? = nil,
        gasLimit: UInt64? = nil
    ) {
        self.wish = wish
        self.gasPriceMillionths = gasPriceMillionths
        self.gasPriceMillionthsMax = gasPriceMillionthsMax
        self.gasLimit = gasLimit
    }

    /// What makes it the same as another order of the account (Protocol/11-submission.md).
    package func key(account: Bytes20, optional: [UInt8]) -> SubmissionKey {
        var input = Array("quadrat/submission/1".utf8)
        input.append(account)
        switch wish {
        case .post(let blobs):
            input.append(bigEndian: UInt32(blobs.count))
            for blob in blobs {
                input.append(blob.namespace.bytes)
                input.append(ShareCommitment(of: blob).bytes)
                input.append(blob.shareVersion)
                if let signer = blob.signer { input.append(signer) }
            }
        case .transfer(let recipient, let amount):
            input.append(bigEndian: UInt32.max)
            input.append(recipient)
            input.append(bigEndian: amount)
        case .perform(let messages):
            input.append(bigEndian: UInt32.max - 1)
            for message in messages { input.append(lengthPrefixed: message.protobuf) }
        case .signed(let transaction):
            input.append(bigEndian: UInt32.max - 2)
            input.append(SHA256.hash(transaction))
        }
        input.append(bigEndian: UInt32(optional.count))
        input += optional
        return SubmissionKey(digest: SHA256.hash(input))
    }

    /// Bytes that the order holds while it waits.
    package var sizeBytes: Int {
        switch wish {
        case .post(let blobs): blobs.reduce(0) { $0 + $1.data.count }
        case .transfer: 64
        case .perform(let messages):
            messages.reduce(64) { $0 + $1.typeURL.utf8.count + $1.value.count }
        case .signed(let transaction): transaction.count
        }
    }

    /// Whether it may be signed anew when its sequence or its price was refused.
    var isSignedHere: Bool {
        if case .signed = wish { false } else { true }
    }
}

/// What makes two orders the same: a digest over the paying account and everything that is posted.
///
/// Specified in Protocol/11-submission.md.
package struct SubmissionKey: Hashable, Sendable {
    /// The digest.
    package let digest: Bytes32

    /// Names an order.
    package init(digest: Bytes32) {
        self.digest = digest
    }
}

/// Why an order did not end in a block.
package enum SubmissionFault: Error, Hashable, Sendable {
    /// A validator refused it, with the code and text that clients know.
    case refused(code: UInt32, codespace: String, log: String)
    /// It was carried into a block and failed there.
    case failed(InclusionRecord)
    /// It is not in a block yet; it stays in line, and the same request later finds it.
    case timedOut
    /// Too many orders wait already.
    case queueFull
    /// The transaction with its blobs is larger than any block takes.
    case overSizeLimit
    /// No key to sign with, or an order that cannot be made into a transaction.
    case notSigned(String)
}
