// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
package import Chain
package import Cryptography
internal import Machinery
package import Roles
package import Storage

/// A validator's key with its log: what it signs is on disk before anybody gets the signature.
///
/// Where the log is missing, damaged or another validator's, nothing is signed, and every refusal
/// says why. Its calls block; they are made one after another, on any thread.
package final class ValidatorSigner: @unchecked Sendable {
    /// One thing to be signed.
    package struct Wish: Sendable {
        /// Names it in the answer.
        package let ticket: Ticket
        /// What is to be signed.
        package let intent: SigningIntent
        /// The member's place in its set.
        package let place: Int
        /// The time that is signed with it.
        package let time: Timestamp

        /// Takes the parts.
        package init(ticket: Ticket, intent: SigningIntent, place: Int, time: Timestamp) {
            self.ticket = ticket
            self.intent = intent
            self.place = place
            self.time = time
        }
    }

    private let key: Ed25519PrivateKey
    private let chainID: String
    private let log: SigningLog?
    private var guarded: SigningGuard
    /// What is not settled, oldest first: what a rewritten log would hold.
    private var records: [AgreementRecord]
    /// Why nothing is signed; nil where the log can be trusted.
    package private(set) var quarantine: String?

    /// The validator's member as it greets from a peer.
    package func greeting(from peer: [UInt8]) -> Greeting {
        Greeting(by: key, from: peer, chainID: chainID)
    }

    /// Opens the log of a key in a node's directory.
    ///
    /// It is made where no node has run yet; where one has, a missing log is not made again, since
    /// nobody knows what was signed.
    package convenience init(
        _ key: Ed25519PrivateKey, chainID: String, directory: String
    ) throws(StorageFault) {
        let disk = Disk()
        let path = directory + "/signing/log"
        let hasRun = try disk.status(directory + "/index") != nil
        let isThere = try disk.status(path) != nil
        if !hasRun { try disk.makeDirectories(directory + "/signing") }
        try self.init(key, chainID: chainID, logPath: path, isNew: !hasRun && !isThere)
    }

    /// Opens the log of a key at a path, or makes it where `isNew`.
    package init(
        _ key: Ed25519PrivateKey, chainID: String, logPath: String, isNew: Bool
    ) throws(StorageFault) {
        self.key = key
        self.chainID = chainID
        let identity = SHA256.hash(Array(chainID.utf8) + [0] + key.publicKey.bytes.array)
        if isNew {
            log = try SigningLog.create(logPath, identity: identity)
            (records, guarded) = ([], SigningGuard())
            return
        }
        switch try SigningLog.open(logPath, identity: identity) {
        case .damaged(let damage):
            (log, records, guarded) = (nil, [], SigningGuard())
            quarantine = "\(damage)"
        case .whole(let opened, let contents):
            var read: [AgreementRecord] = []
            var fault: DecodeFault?
            for bytes in contents.records {
                do throws(DecodeFault) {
                    read.append(try AgreementRecord(decoding: bytes))
                } catch {
                    fault = error
                }
            }
            if let fault { quarantine = "the signing log has a record of no known form: \(fault)" }
            log = opened
            guarded = SigningGuard(read)
            records = read
            if let floor = guarded.floor { settle(floor.epoch, floor.view) }
        }
    }

    /// What was signed and is not settled, oldest first.
    package var said: [SignedStatement] {
        records.compactMap { if case .said(let signed) = $0 { signed } else { nil } }
    }

    /// Signs what may be signed, after all of it is durable by one write; keeps the floors.
    package func carryOut(
        _ wishes: [Wish], floors: [(BlockReference, Epoch, View)]
    ) -> [(Ticket, SigningOutcome)] {
        guard let log, quarantine == nil else {
            let reason = quarantine ?? "there is no signing log"
            return wishes.map { ($0.ticket, .unable(reason)) }
        }
        var answers: [(Ticket, SigningOutcome)] = []
        var fresh: [AgreementRecord] = []
        for wish in wishes {
            switch guarded.verdict(on: wish.intent) {
            case .sign:
                let signed = SignedStatement(
                    wish.intent.statement, place: wish.place, timestamp: wish.time,
                    signature: key.sign(
                        wish.intent.statement.signBytes(chainID: chainID, timestamp: wish.time)))
                guarded.note(.said(signed))
                fresh.append(.said(signed))
                answers.append((wish.ticket, .signed(signed.timestamp, signed.signature)))
            case .again(let earlier):
                answers.append((wish.ticket, .signed(earlier.timestamp, earlier.signature)))
            case .conflicts(let earlier):
                answers.append((wish.ticket, .refused("\(wish.intent) conflicts with \(earlier)")))
            case .belowFloor:
                answers.append((wish.ticket, .refused("\(wish.intent) is settled")))
            case .full: answers.append((wish.ticket, .refused("too much is open")))
            }
        }
        for (block, epoch, view) in floors {
            let floor = AgreementRecord.floor(block, epoch, view)
            guarded.note(floor)
            fresh.append(floor)
        }
        do throws(StorageFault) {
            records += fresh
            for (_, epoch, view) in floors { settle(epoch, view) }
            if log.sizeBytes + fresh.count * SigningLog.slotSizeBytes
                > SigningLog.rewriteSizeBytes
            {
                try log.rewrite(records.map(\.encoded))
            } else {
                try log.append(fresh.map(\.encoded))
            }
            return answers
        } catch {
            // What the disk has is not known; a restart reads it.
            quarantine = "the signing log failed: \(error)"
            return wishes.map { ($0.ticket, .unable("\(error)")) }
        }
    }

    /// Forgets what a floor settles: statements of its view and before, and earlier floors.
    private func settle(_ epoch: Epoch, _ view: View) {
        records.removeAll { record in
            switch record {
            case .said(let signed):
                signed.statement.kind == .commit
                    ? signed.statement.epoch.next < epoch
                    : (signed.statement.epoch, signed.statement.view) <= (epoch, view)
            case .floor(_, let otherEpoch, let otherView):
                (otherEpoch, otherView) < (epoch, view)
            }
        }
    }
}
