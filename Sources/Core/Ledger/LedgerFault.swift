// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Chain
public import Staking
public import StateTree

/// Why a transaction is refused; numbers, name spaces and texts are those that clients match.
///
/// Specified in Protocol/10-chain-and-ledger.md#faults.
public enum LedgerFault: Error, Hashable, Sendable {
    /// The bytes are no transaction.
    case undecodable(DecodeFault)
    /// A field has a value that it cannot have.
    case invalidRequest(String)
    /// There is a message of a type that this chain does not have.
    case unknownMessage(String)
    /// An address does not parse or is not of this chain.
    case invalidAddress(String)
    /// The signer's key is missing, of an unknown kind, or another account's.
    case invalidKey(String)
    /// The signer has no account.
    case unknownAccount(String)
    /// Coins of another kind, or none.
    case invalidCoins(String)
    /// The height at which it might be in a block is past.
    case timedOut(limit: UInt64, height: Height)
    /// The memo is longer than allowed.
    case memoTooLong(actual: Int, limit: Int)
    /// The transaction is larger than allowed.
    case tooLarge(actual: Int, limit: Int)
    /// There is no signature.
    case noSignatures
    /// The signature does not hold for the account, its sequence and this chain.
    case signature(accountNumber: UInt64, sequence: UInt64, chainID: String)
    /// The sequence is not the account's next one.
    case sequence(expected: UInt64, actual: UInt64)
    /// The fee is below what the node or the network asks for.
    case feeTooLow(got: Coin, required: Coin)
    /// The account holds less than is to be paid.
    case insufficientFunds(available: Coin, needed: Coin)
    /// The gas limit is below what is used.
    case outOfGas(wanted: UInt64, used: UInt64)
    /// Blobs and payment do not fit each other.
    case blob(BlobPaymentFault)
    /// A message of staking that has no effect, or a block that staking refuses.
    case staking(StakingFault)
    /// The disk did not give what lies there of the state; no transaction causes this.
    case store(StateTreeFault)
}

/// How blobs and the message that pays for them can disagree (module `blob`).
public enum BlobPaymentFault: Error, Hashable, Sendable {
    /// A namespace is reserved.
    case reservedNamespace
    /// A blob has another size than was paid for.
    case sizeMismatch(paid: UInt32, actual: Int)
    /// A commitment is not the blob's.
    case commitment(index: Int)
    /// A share version that users may not post.
    case shareVersion(UInt32)
    /// A blob of no bytes.
    case emptyBlob
    /// There are more or fewer blobs than payments.
    case countMismatch(paid: Int, attached: Int)
    /// Blobs are attached to a transaction that pays for none.
    case noPayment
    /// A blob's namespace is not the one that was paid for.
    case namespaceMismatch(index: Int)
    /// Blobs are attached to a transaction with several messages.
    case severalMessages
    /// The lists of the message differ in length.
    case componentMismatch
    /// There is nothing to pay for.
    case noBlobs
    /// A namespace does not parse.
    case invalidNamespace
    /// The blobs do not fit the widest square.
    case tooLarge(shares: Int, limit: Int)
    /// A signed blob names another signer than the payer.
    case signer(index: Int)
    /// The message pays for blobs that are not attached.
    case withoutBlobs
}

/// What ABCI answers carry.
extension LedgerFault {
    /// Who defines the number: `sdk`, or `blob`.
    public var codespace: String {
        switch self {
        case .blob: "blob"
        case .staking(let fault): fault.codespace
        default: "sdk"
        }
    }

    /// The number in its name space.
    public var code: UInt32 {
        switch self {
        case .undecodable: 2
        case .signature: 4
        case .insufficientFunds: 5
        case .unknownMessage: 6
        case .invalidAddress: 7
        case .invalidKey: 8
        case .unknownAccount: 9
        case .invalidCoins: 10
        case .outOfGas: 11
        case .memoTooLong: 12
        case .feeTooLow: 13
        case .noSignatures: 15
        case .invalidRequest: 18
        case .tooLarge: 21
        case .timedOut: 30
        case .sequence: 32
        case .blob(let fault): fault.code
        case .staking(let fault): fault.code
        case .store: 35
        }
    }
}

extension LedgerFault: CustomStringConvertible {
    /// The log line, its last words the ones that clients look for.
    public var description: String {
        switch self {
        case .undecodable(let fault): "\(fault): tx parse error"
        case .invalidRequest(let what): "\(what): invalid request"
        case .unknownMessage(let type): "unrecognized message type: \(type): unknown request"
        case .invalidAddress(let what): "\(what): invalid address"
        case .invalidKey(let what): "\(what): invalid pubkey"
        case .unknownAccount(let address): "account \(address) not found: unknown address"
        case .invalidCoins(let what): "\(what): invalid coins"
        case .timedOut(let limit, let height):
            "block height: \(height), timeout height: \(limit): tx timeout height"
        case .memoTooLong(let actual, let limit):
            "maximum number of characters is \(limit) but received \(actual) characters: "
                + "memo too large"
        case .tooLarge(let actual, let limit):
            "tx size \(actual) bytes is larger than the application's configured threshold of "
                + "\(limit) bytes: tx too large"
        case .noSignatures: "no signatures supplied"
        case .signature(let number, let sequence, let chainID):
            "signature verification failed; please verify account number (\(number)), sequence "
                + "(\(sequence)) and chain-id (\(chainID)): unauthorized"
        case .sequence(let expected, let actual):
            "account sequence mismatch, expected \(expected), got \(actual): "
                + "incorrect account sequence"
        case .feeTooLow(let got, let required):
            "insufficient fees; got: \(got) required: \(required): insufficient fee"
        case .insufficientFunds(let available, let needed):
            "spendable balance \(available) is smaller than \(needed): insufficient funds"
        case .outOfGas(let wanted, let used):
            "out of gas; gasWanted: \(wanted), gasUsed: \(used): out of gas"
        case .blob(let fault): fault.description
        case .staking(let fault): fault.description
        case .store(let fault): "\(fault): internal logic error"
        }
    }
}

extension BlobPaymentFault: CustomStringConvertible {
    /// The number in the name space `blob`.
    public var code: UInt32 {
        switch self {
        case .reservedNamespace: 11_110
        case .sizeMismatch: 11_113
        case .commitment: 11_116
        case .shareVersion: 11_123
        case .emptyBlob: 11_124
        case .countMismatch, .withoutBlobs: 11_125
        case .noPayment: 11_126
        case .namespaceMismatch: 11_127
        case .severalMessages: 11_129
        case .componentMismatch: 11_130
        case .noBlobs: 11_131
        case .invalidNamespace: 11_136
        case .tooLarge: 11_139
        case .signer: 11_140
        }
    }

    /// The log line.
    public var description: String {
        switch self {
        case .reservedNamespace: "cannot use reserved namespace IDs"
        case .sizeMismatch(let paid, let actual):
            "actual \(actual), declared \(paid): actual blob size differs from that specified in "
                + "the MsgPayForBlob"
        case .commitment(let index): "blob \(index): invalid commitment for share"
        case .shareVersion(let version): "version \(version): unsupported share version"
        case .emptyBlob: "cannot use zero blob size"
        case .countMismatch(let paid, let attached):
            "paid \(paid), attached \(attached): mismatched number of blobs per MsgPayForBlob"
        case .withoutBlobs: "no blobs attached: mismatched number of blobs per MsgPayForBlob"
        case .noPayment: "no MsgPayForBlobs found in blob transaction"
        case .namespaceMismatch(let index):
            "blob \(index): namespace of blob and its respective MsgPayForBlobs differ"
        case .severalMessages: "not yet supported: multiple sdk.Msgs found in BlobTx"
        case .componentMismatch:
            "number of each component in a MsgPayForBlobs must be identical"
        case .noBlobs: "no blobs provided"
        case .invalidNamespace: "invalid namespace"
        case .tooLarge(let shares, let limit):
            "\(shares) shares, the limit is \(limit): blob(s) too large"
        case .signer(let index): "blob \(index): invalid blob signer"
        }
    }
}
