// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// A signed transaction of Ethereum, of any of its five types.
public struct Transaction: Hashable, Sendable {
    /// What a transaction can be; the raw value is its first byte (EIP-2718).
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// Before types: an RLP list.
        case legacy
        /// With an access list (EIP-2930).
        case accessList
        /// With a fee cap and a tip (EIP-1559).
        case dynamicFee
        /// With blobs (EIP-4844).
        case blob
        /// With delegations of accounts (EIP-7702).
        case setCode
    }

    /// An account and slots of it, warm from the start (EIP-2930).
    public struct AccessedAccount: Hashable, Sendable {
        /// The account.
        public var address: Address
        /// Its slots.
        public var slots: [UInt256]

        /// Names an account and slots.
        public init(address: Address, slots: [UInt256]) {
            self.address = address
            self.slots = slots
        }
    }

    /// An account's leave to run the code of `address` as its own (EIP-7702).
    public struct Authorization: Hashable, Sendable {
        /// The chain it holds on; 0 for all.
        public var chainID: UInt256
        /// Whose code; the zero address takes a delegation back.
        public var address: Address
        /// The nonce that the account must have.
        public var nonce: UInt64
        /// The account's signature.
        public var signature: Signature

        /// Joins its parts.
        public init(chainID: UInt256, address: Address, nonce: UInt64, signature: Signature) {
            self.chainID = chainID
            self.address = address
            self.nonce = nonce
            self.signature = signature
        }
    }

    /// An ECDSA signature on secp256k1 that the key can be recovered from.
    public struct Signature: Hashable, Sendable {
        /// Whether the y of the nonce's point is odd: 0 or 1; in authorizations anything.
        public var parity: UInt8
        /// The x of the nonce's point.
        public var r: UInt256
        /// The proof.
        public var s: UInt256

        /// Joins its parts.
        public init(parity: UInt8, r: UInt256, s: UInt256) {
            self.parity = parity
            self.r = r
            self.s = s
        }
    }

    /// Its type.
    public var kind: Kind
    /// The chain it is for; nil for a legacy one without replay protection.
    public var chainID: UInt64?
    /// How many the sender sent before.
    public var nonce: UInt64
    /// What a unit of gas may cost at most, in wei; before EIP-1559 what it costs.
    public var maxFeePerGas: UInt256
    /// What a unit of gas may earn the fee recipient at most, in wei.
    public var maxPriorityFeePerGas: UInt256
    /// Units of gas that it may use.
    public var gasLimit: UInt64
    /// Whom it calls; nil makes a contract.
    public var to: Address?
    /// What it sends, in wei.
    public var value: UInt256
    /// The input, or the code that makes a contract.
    public var data: [UInt8]
    /// What is warm from the start.
    public var accessList: [AccessedAccount] = []
    /// What a unit of blob gas may cost at most, in wei.
    public var maxFeePerBlobGas: UInt256 = .zero
    /// Versioned hashes of its blobs.
    public var blobHashes: [UInt256] = []
    /// Delegations it brings.
    public var authorizations: [Authorization] = []
    /// The sender's signature.
    public var signature: Signature

    /// Makes one; what a type does not have keeps its default.
    public init(
        kind: Kind, chainID: UInt64?, nonce: UInt64, maxFeePerGas: UInt256,
        maxPriorityFeePerGas: UInt256, gasLimit: UInt64, to: Address?, value: UInt256,
        data: [UInt8], signature: Signature
    ) {
        self.kind = kind
        self.chainID = chainID
        self.nonce = nonce
        self.maxFeePerGas = maxFeePerGas
        self.maxPriorityFeePerGas = maxPriorityFeePerGas
        self.gasLimit = gasLimit
        self.to = to
        self.value = value
        self.data = data
        self.signature = signature
    }
}

/// A transaction whose sender is proven: only recovery makes one.
public struct RecoveredTransaction: Sendable {
    /// The transaction.
    public let transaction: Transaction
    /// Who signed it.
    public let sender: Address
    /// The accounts that signed its authorizations, in their order; nil where nobody did.
    public let authorities: [Address?]

    /// Recovers sender and authorities, or is nil when the signature is nobody's.
    public init?(_ transaction: Transaction) {
        guard let sender = transaction.recoveredSender() else { return nil }
        self.transaction = transaction
        self.sender = sender
        authorities = transaction.authorizations.map { $0.recoveredAuthority() }
    }

    /// Takes a sender on trust: for calls that nobody signed, such as `eth_call`.
    public init(unsigned transaction: Transaction, sender: Address) {
        self.transaction = transaction
        self.sender = sender
        authorities = transaction.authorizations.map { $0.recoveredAuthority() }
    }
}
