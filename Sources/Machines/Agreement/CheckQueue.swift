// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain

/// A signature to verify: who is said to have signed what.
package struct SignatureClaim: Hashable, Sendable {
    /// The statement with its signature.
    package let signed: SignedStatement
    /// The key of the member at its place.
    package let key: ValidatorKey

    /// Joins a statement with the key that it is verified by.
    package init(signed: SignedStatement, key: ValidatorKey) {
        self.signed = signed
        self.key = key
    }
}

/// What waits for signatures to be verified.
struct CheckQueue: Sendable {
    enum Purpose: Sendable {
        /// Single votes that might make a quorum.
        case votes
        /// A certificate somebody sent.
        case certificate(QuorumCertificate, from: Bytes20)
        /// A proposal, with the certificates that it carries.
        case proposal(Proposal, nullifications: [QuorumCertificate], from: Bytes20)
        /// Two statements that conflict.
        case pair(SlashingEvidence)
    }

    struct Check: Sendable {
        let epoch: Epoch
        let purpose: Purpose
        let signed: [SignedStatement]
    }

    /// Certificates of one kind and view count against one limit.
    struct Key: Hashable, Sendable {
        let kind: Statement.Kind
        let view: View
        let height: Height?

        init(_ statement: Statement) {
            kind = statement.kind
            view = statement.view
            height = statement.kind == .commit ? statement.block?.height : nil
        }
    }

    private var pending: [UInt64: Check] = [:]
    private var counts: [Key: Int] = [:]
    private var lastID: UInt64 = 0

    /// How many batches wait.
    var count: Int { pending.count }

    /// Whether one more batch about a statement may wait.
    func hasRoom(for statement: Statement) -> Bool {
        pending.count < AgreementLimits.checksMax
            && counts[Key(statement), default: 0] < AgreementLimits.checksOfViewMax
    }

    /// Adds a batch and names it.
    mutating func add(_ check: Check) -> UInt64 {
        lastID += 1
        pending[lastID] = check
        if let key = Self.key(of: check) { counts[key, default: 0] += 1 }
        return lastID
    }

    /// Takes a batch out.
    mutating func take(_ id: UInt64) -> Check? {
        guard let check = pending.removeValue(forKey: id) else { return nil }
        if let key = Self.key(of: check), let count = counts[key] {
            counts[key] = count > 1 ? count - 1 : nil
        }
        return check
    }

    private static func key(of check: Check) -> Key? {
        switch check.purpose {
        case .certificate(let certificate, _): Key(certificate.statement)
        case .proposal(let proposal, _, _): Key(proposal.statement)
        case .votes, .pair: nil
        }
    }
}
