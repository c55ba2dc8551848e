// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Cryptography

/// That an account is, or is not, in the ledger that a header's app hash commits to.
///
/// It is an account with its place in its bucket, and the bucket's place in the ledger. That there
/// is none is shown by its neighbours in the bucket's order, or by the bucket being empty. Specified
/// in Protocol/10-chain-and-ledger.md#account-proof.
///
/// Wire form: `AccountProof {bytes bucket_root=1; Proof bucket=2; repeated ProvenAccount
/// accounts=3}` with `ProvenAccount {bytes account=1; Proof proof=2}`.
public struct AccountProof: Hashable, Sendable {
    /// An account with its place in its bucket.
    public struct ProvenAccount: Hashable, Sendable {
        /// The account.
        public var account: Account
        /// That it is in its bucket.
        public var proof: MerkleProof

        /// Joins the two.
        public init(account: Account, proof: MerkleProof) {
            self.account = account
            self.proof = proof
        }
    }

    /// What a proof can show.
    public enum Verdict: Hashable, Sendable {
        /// The account is this one.
        case account(Account)
        /// There is no such account.
        case absent
    }

    /// The root over the bucket's accounts.
    public var bucketRoot: Bytes32
    /// That the bucket's root is in the ledger, at its place.
    public var bucket: MerkleProof
    /// The account alone, or its neighbours where it would stand, or nobody.
    public var accounts: [ProvenAccount]

    /// Takes the parts; `verify` judges them.
    public init(bucketRoot: Bytes32, bucket: MerkleProof, accounts: [ProvenAccount]) {
        self.bucketRoot = bucketRoot
        self.bucket = bucket
        self.accounts = accounts
    }

    /// What the proof shows of `address` under an app hash; nil when it shows nothing.
    public func verify(_ address: AccountAddress, appHash: Bytes32) -> Verdict? {
        guard bucket.total == LedgerState.bucketCount + 1,
            bucket.index == LedgerState.bucket(of: address) + 1,
            bucket.verify(root: appHash, leaf: bucketRoot.array)
        else { return nil }
        let total = accounts.first?.proof.total ?? 0
        guard
            accounts.allSatisfy({
                $0.proof.total == total
                    && $0.proof.verify(root: bucketRoot, leaf: $0.account.encode())
            })
        else { return nil }
        switch accounts.count {
        case 0:
            return bucketRoot == MerkleTree.emptyRoot ? .absent : nil
        case 1:
            let only = accounts[0]
            if only.account.address == address { return .account(only.account) }
            let isFirst = only.proof.index == 0 && address < only.account.address
            let isLast = only.proof.index == total - 1 && only.account.address < address
            return isFirst || isLast ? .absent : nil
        case 2:
            let (before, after) = (accounts[0], accounts[1])
            let areNeighbours = after.proof.index == before.proof.index + 1
            return areNeighbours && before.account.address < address
                && address < after.account.address ? .absent : nil
        default: return nil
        }
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var root: Bytes32?
        var bucket: MerkleProof?
        accounts = []
        while let field = try reader.next() {
            switch field.number {
            case 1: root = try field.fixed()
            case 2: bucket = try MerkleProof(protobuf: try field.bytes())
            case 3:
                guard accounts.count < 2 else {
                    throw DecodeFault(
                        .overLimit(field: "accounts", limit: 2, actual: 3), at: field.offset)
                }
                accounts.append(try Self.account(try field.message()))
            default: throw field.unknown
            }
        }
        guard let root, let bucket else {
            throw .malformed("an account proof without its bucket")
        }
        bucketRoot = root
        self.bucket = bucket
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, bucketRoot)
        writer.presentBytes(2, bucket.protobuf)
        for proven in accounts {
            writer.message(3) {
                $0.presentBytes(1, proven.account.encode())
                $0.presentBytes(2, proven.proof.protobuf)
            }
        }
        return writer.bytes
    }

    private static func account(
        _ message: ProtobufReader
    ) throws(DecodeFault) -> ProvenAccount {
        var message = message
        var account: Account?
        var proof: MerkleProof?
        while let field = try message.next() {
            switch field.number {
            case 1: account = try Account.decode(try field.bytes())
            case 2: proof = try MerkleProof(protobuf: try field.bytes())
            default: throw field.unknown
            }
        }
        guard let account, let proof else { throw .malformed("an account without its proof") }
        return ProvenAccount(account: account, proof: proof)
    }
}
