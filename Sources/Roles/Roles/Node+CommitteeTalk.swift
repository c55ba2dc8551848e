// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
internal import Syncing

/// How members of a committee reach each other: two channels, and who speaks on them.
///
/// Specified in Protocol/20-agreement.md#messages and Protocol/24-attestation.md#channels.
extension Node {
    mutating func tellChannels(
        _ notice: PeerNotice, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard committee != nil else { return }
        var spoken: [MessageChannelEvent] = []
        committee?.talk.handle(notice, on: &peerHost, at: now, into: &spoken)
        for event in spoken { heard(event, at: now, into: &effects) }
        var rows: [MessageChannelEvent] = []
        committee?.rows.handle(notice, on: &peerHost, at: now, into: &rows)
        for event in rows { heardRows(event, at: now, into: &effects) }
        if case .peerDisconnected(let peer) = notice { memberLeft(peer) }
        if case .streamEnded = notice { wakeChannels(at: now, into: &effects) }
    }

    mutating func wakeChannels(at now: Instant, into effects: inout [RoleEffect]) {
        if let due = committee?.talk.wake(on: &peerHost, at: now) {
            effects.append(.wake(at: due))
        }
        if let due = committee?.rows.wake(on: &peerHost, at: now) {
            effects.append(.wake(at: due))
        }
    }

    private mutating func heard(
        _ event: MessageChannelEvent, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch event {
        case .opened(let peer):
            guard let greeting = committee?.greeting else { return }
            _ = committee?.talk.send(
                AgreementMessage.greeting(greeting).protobuf, to: peer, on: &peerHost)
        case .closed: break
        case .message(let peer, let bytes):
            do throws(DecodeFault) {
                take(try AgreementMessage(protobuf: bytes), from: peer, at: now, into: &effects)
            } catch {
                penalize(
                    Peer(peer.text), "sent an undecodable message: \(error)", at: now,
                    into: &effects)
            }
        case .malformed(let peer):
            penalize(Peer(peer.text), "sent what is no message", at: now, into: &effects)
        }
    }

    private mutating func take(
        _ message: AgreementMessage, from peer: PeerIdentifier, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if case .greeting(let greeting) = message {
            return greeted(greeting, by: peer, at: now, into: &effects)
        }
        // Whoever has not greeted is nobody's voice.
        guard let member = committee?.addressOf[peer] else { return }
        if case .vote(let signed) = message {
            harvest(signed, from: member, into: &effects)
            if isLate(signed.statement) { return }
        }
        tellCommittee(.received(message, from: member), now, &effects)
    }

    private mutating func greeted(
        _ greeting: Greeting, by peer: PeerIdentifier, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let committee else { return }
        guard let set = committee.sets.set(with: greeting.address) else {
            // It may be a member later on; then it is believed, or not.
            let isFull = committee.waitingGreetings.count >= NodeLimits.waitingGreetingsMax
            if !isFull || committee.waitingGreetings[peer] != nil {
                self.committee?.waitingGreetings[peer] = greeting
            }
            return
        }
        guard greeting.isValid(by: set, from: peer.bytes, chainID: configuration.rules.chainID)
        else {
            return penalize(
                Peer(peer.text), "greets in a validator's name", at: now, into: &effects)
        }
        guard greeting.address != committee.greeting.address else { return }
        if let earlier = committee.peerOf[greeting.address] {
            self.committee?.addressOf[earlier] = nil
        }
        self.committee?.peerOf[greeting.address] = peer
        self.committee?.addressOf[peer] = greeting.address
        value(peer, at: now, into: &effects)
    }

    /// The members of an epoch became known: who greeted before may be one of them.
    mutating func hearWaiting(at now: Instant, into effects: inout [RoleEffect]) {
        guard let committee else { return }
        let known = committee.waitingGreetings.filter {
            committee.sets.set(with: $0.value.address) != nil
        }
        for (peer, greeting) in known.sorted(by: { $0.key.text < $1.key.text }) {
            self.committee?.waitingGreetings[peer] = nil
            greeted(greeting, by: peer, at: now, into: &effects)
        }
    }

    private mutating func memberLeft(_ peer: PeerIdentifier) {
        committee?.waitingGreetings[peer] = nil
        guard let address = committee?.addressOf.removeValue(forKey: peer) else { return }
        committee?.peerOf[address] = nil
    }

    /// Whether a peer has greeted as a member.
    func isMember(_ peer: PeerIdentifier) -> Bool { committee?.addressOf[peer] != nil }

    // MARK: Speaking

    mutating func broadcast(_ message: AgreementMessage, into effects: inout [RoleEffect]) {
        guard let committee else { return }
        let bytes = message.protobuf
        for validator in committee.sets.spokenTo {
            guard let peer = committee.peerOf[validator.address] else { continue }
            _ = self.committee?.talk.send(bytes, to: peer, on: &peerHost)
        }
    }

    mutating func send(_ message: AgreementMessage, to member: Bytes20) {
        guard let peer = committee?.peerOf[member] else { return }
        _ = committee?.talk.send(message.protobuf, to: peer, on: &peerHost)
    }

    // MARK: Rows

    private mutating func heardRows(
        _ event: MessageChannelEvent, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch event {
        case .opened, .closed: break
        case .message(let peer, let bytes):
            guard let member = committee?.addressOf[peer],
                let place = committee?.set.place(of: member)
            else { return }
            do throws(DecodeFault) {
                let message = try RowMessage(protobuf: bytes)
                tellAttestation(.received(message, from: place), now, &effects)
            } catch {
                penalize(
                    Peer(peer.text), "sent undecodable rows: \(error)", at: now, into: &effects)
            }
        case .malformed(let peer):
            penalize(Peer(peer.text), "sent what are no rows", at: now, into: &effects)
        }
    }

    mutating func send(_ message: RowMessage, toPlaces places: [Int]) {
        guard let committee else { return }
        let bytes = message.protobuf
        for place in places where place < committee.set.count {
            guard let peer = committee.peerOf[committee.set.validators[place].address] else {
                continue
            }
            _ = self.committee?.rows.send(bytes, to: peer, on: &peerHost)
        }
    }
}
