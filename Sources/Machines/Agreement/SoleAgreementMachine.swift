// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// When a committee of one makes its next block: on demand, and by a heartbeat when nothing waits.
///
/// A quorum of one needs no votes of others, so all that is left of agreement is the rhythm: one
/// block at a time, no two closer than `intervalMilliseconds`, none later than
/// `heartbeatMilliseconds` after the one before. A block counts as made when it is stored.
///
/// Specified in Protocol/10-chain-and-ledger.md.
package struct SoleAgreementMachine: Machine {
    /// What can happen to the committee's only member.
    package enum Event: Equatable, Sendable {
        /// The chain stands at this height; 0 before its first block.
        case began(height: UInt64)
        /// Whether transactions wait for a block.
        case transactionsWait(Bool)
        /// The block that was proposed last is stored.
        case stored
        /// It could not be stored; the height is tried again.
        case failed
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable, CustomStringConvertible {
        /// Make the block of this height, sign it and store it.
        case propose(height: UInt64)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)

        package var description: String {
            switch self {
            case .propose(let height): "propose \(height)"
            case .wake(let instant): "wake at \(instant)"
            }
        }
    }

    private let intervalMilliseconds: UInt64
    private let heartbeatMilliseconds: UInt64
    private var height: UInt64 = 0
    private var lastBegan: Instant?
    private var doTransactionsWait = false
    private var isProposing = false
    private var hasBegun = false

    /// Sets the rhythm: the shortest and the longest time from one block to the next.
    package init(intervalMilliseconds: UInt64, heartbeatMilliseconds: UInt64) {
        precondition(intervalMilliseconds <= heartbeatMilliseconds, "the heartbeat is the longer")
        self.intervalMilliseconds = intervalMilliseconds
        self.heartbeatMilliseconds = heartbeatMilliseconds
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .began(let height):
            precondition(!hasBegun, "a chain begins once")
            hasBegun = true
            self.height = height
        case .transactionsWait(let wait):
            doTransactionsWait = wait
        case .stored:
            precondition(isProposing, "a block was stored that nobody proposed")
            isProposing = false
            height += 1
        case .failed:
            precondition(isProposing, "a block failed that nobody proposed")
            isProposing = false
        case .woke:
            break
        }
        proposeIfDue(at: now, into: &effects)
    }

    private mutating func proposeIfDue(at now: Instant, into effects: inout [Effect]) {
        guard hasBegun, !isProposing else { return }
        let wait = doTransactionsWait ? intervalMilliseconds : heartbeatMilliseconds
        let due = lastBegan?.advanced(byMilliseconds: wait) ?? now
        if due <= now {
            isProposing = true
            lastBegan = now
            effects.append(.propose(height: height + 1))
        } else {
            effects.append(.wake(at: due))
        }
    }
}
