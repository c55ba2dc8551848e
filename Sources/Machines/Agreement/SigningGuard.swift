// SPDX-License-Identifier: Apache-2.0

package import Chain

/// What a signer may sign, by all it has signed: never two statements that conflict.
///
/// The signer asks it first, makes the record durable, and only then gives the signature away. Its
/// memory is what lies above the floor. Specified in Protocol/20-agreement.md#durable-before-sent.
package struct SigningGuard: Sendable {
    /// The most statements above the floor: five kinds in each open view, and commits.
    package static let statementsMax = 4 * Int(AgreementLimits.openViewsMax) + Int(Epoch.lengthMax)

    /// What becomes of an intent.
    package enum Verdict: Hashable, Sendable {
        /// Nothing speaks against it.
        case sign
        /// It was signed before; the same bytes are given again.
        case again(SignedStatement)
        /// With this statement it would break a rule.
        case conflicts(SignedStatement)
        /// Its view lies at or below the floor.
        case belowFloor
        /// Too much is open.
        case full
    }

    private struct Slot: Hashable, Sendable {
        let epoch: Epoch
        /// The view, or for commits the height.
        let number: UInt64
        let isCommit: Bool

        init(_ statement: Statement) {
            epoch = statement.epoch
            isCommit = statement.kind == .commit
            number = isCommit ? statement.block?.height.value ?? 0 : statement.view.value
        }
    }

    private var said: [Slot: [SignedStatement]] = [:]
    private var count = 0
    /// Epoch and view at and below which nothing is signed.
    package private(set) var floor: (epoch: Epoch, view: View)?

    /// Remembers records, oldest first.
    package init(_ records: some Sequence<AgreementRecord> = []) {
        for record in records { note(record) }
    }

    /// Whether something may be signed.
    package func verdict(on intent: SigningIntent) -> Verdict {
        let statement = intent.statement
        let earlier = said[Slot(statement)] ?? []
        if let same = earlier.first(where: { $0.statement == statement }) { return .again(same) }
        if let other = earlier.first(where: { $0.statement.fault(with: statement) != nil }) {
            return .conflicts(other)
        }
        if statement.kind != .commit, let floor,
            (statement.epoch, statement.view) <= (floor.epoch, floor.view)
        {
            return .belowFloor
        }
        return count < Self.statementsMax ? .sign : .full
    }

    /// Remembers one record that is durable.
    package mutating func note(_ record: AgreementRecord) {
        switch record {
        case .said(let signed):
            said[Slot(signed.statement), default: []].append(signed)
            count += 1
        case .floor(_, let epoch, let view):
            if let floor, (epoch, view) <= (floor.epoch, floor.view) { return }
            floor = (epoch, view)
            forget()
        }
    }

    /// Drops what the floor covers; commits stay for their whole epoch and the next.
    private mutating func forget() {
        guard let floor else { return }
        said = said.filter { slot, _ in
            slot.isCommit
                ? slot.epoch.next >= floor.epoch
                : (slot.epoch, slot.number) > (floor.epoch, floor.view.value)
        }
        count = said.values.reduce(0) { $0 + $1.count }
    }
}
