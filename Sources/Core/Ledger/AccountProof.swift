// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import StateTree

/// That an account is, or is not, in the ledger that a header's app hash commits to.
///
/// It is the state proof of the account's entry, so whoever verifies ICS-23's proofs under the
/// `SmtSpec` verifies it too. Specified in Protocol/10-chain-and-ledger.md#account-proof.
public struct AccountProof: Hashable, Sendable {
    /// What a proof can show.
    public enum Verdict: Hashable, Sendable {
        /// The account is this one.
        case account(Account)
        /// There is no such account.
        case absent
    }

    /// What the state says of the account's key.
    public var proof: StateProof

    /// Takes the proof; `verify` judges it.
    public init(_ proof: StateProof) {
        self.proof = proof
    }

    /// What the proof shows of `address` under an app hash; nil when it shows nothing.
    public func verify(_ address: AccountAddress, appHash: Bytes32) -> Verdict? {
        switch proof.verify(LedgerAccounts.key(address), root: appHash) {
        case nil: return nil
        case .absent: return .absent
        case .value(let value):
            do throws(DecodeFault) {
                let account = try Account.decode(value[...])
                return account.address == address ? .account(account) : nil
            } catch {
                return nil
            }
        }
    }

    /// Reads the wire form, an ICS-23 `CommitmentProof`.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        proof = try StateProof(protobuf: bytes)
    }

    /// The wire form.
    public var protobuf: [UInt8] { proof.protobuf }
}
