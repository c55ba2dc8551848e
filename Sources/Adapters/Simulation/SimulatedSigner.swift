// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Chain
package import Cryptography
internal import Machinery
internal import Roles

/// A validator's key and its signing log in memory; what was synced survives crashes of its node.
package struct SimulatedSigner: Sendable {
    /// What becomes of an intent.
    enum Answer {
        /// It may go out as soon as it is durable.
        case sign(SignedStatement)
        /// There is nothing to make durable.
        case done(SigningOutcome)
    }

    private let key: Ed25519PrivateKey
    private let chainID: String
    private var log: [AgreementRecord] = []
    private var guarded = SigningGuard()

    /// The signer of a key for one chain; it has signed nothing.
    package init(key: Ed25519PrivateKey, chainID: String) {
        self.key = key
        self.chainID = chainID
    }

    /// What it has signed that is not settled, oldest first.
    var said: [SignedStatement] {
        log.compactMap { if case .said(let signed) = $0 { signed } else { nil } }
    }

    /// Reads the log again, as after a crash.
    mutating func restart() {
        guarded = SigningGuard(log)
    }

    mutating func sign(_ intent: SigningIntent, place: Int, at now: Instant) -> Answer {
        switch guarded.verdict(on: intent) {
        case .sign:
            let time = Timestamp(nanosecondsSince1970: now.nanoseconds)
            let signed = SignedStatement(
                intent.statement, place: place, timestamp: time,
                signature: key.sign(intent.statement.signBytes(chainID: chainID, timestamp: time)))
            guarded.note(.said(signed))
            return .sign(signed)
        case .again(let earlier):
            return .done(.signed(earlier.timestamp, earlier.signature))
        case .conflicts(let earlier):
            return .done(.refused("\(intent) conflicts with \(earlier)"))
        case .belowFloor: return .done(.refused("\(intent) is settled"))
        case .full: return .done(.refused("too much is open"))
        }
    }

    /// What was signed is durable.
    mutating func sync(_ signed: SignedStatement) {
        log.append(.said(signed))
    }

    /// A block is final; what it settles is forgotten.
    mutating func settle(_ block: BlockReference, _ epoch: Epoch, _ view: View) {
        let floor = AgreementRecord.floor(block, epoch, view)
        guarded.note(floor)
        log.append(floor)
        log.removeAll { record in
            switch record {
            case .said(let signed):
                signed.statement.kind == .commit
                    ? signed.statement.epoch.next < epoch
                    : (signed.statement.epoch, signed.statement.view) <= (epoch, view)
            case .floor: record != floor
            }
        }
    }
}
