// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering
internal import Syncing

/// The conversation that gets what pins lack of heights whose squares are not held: those before the
/// node's time, and those of which a pin was lost.
extension Node {
    /// Wants, newest first, what has left the window and is neither held nor pinned.
    mutating func wantMissingPins(at now: Instant, into effects: inout [RoleEffect]) {
        guard isKeepingSquares, !retention.wanted.isEmpty, let horizon = squareHorizon,
            retention.pinSync.backlog == 0
        else { return }
        let pinned = retention.pinnedHeights
        var below = horizon
        while retention.pinSync.backlog < SquareSyncMachine.wantedMax,
            let height = chain.headers.last(below: below, notIn: pinned)
        {
            below = height
            if chain.squares.contains(height) || retention.pinsGivenUp.contains(height) { continue }
            tellPinSync(.wanted(height), now, &effects)
        }
    }

    mutating func tellPinSync(
        _ event: SquareSyncMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard isKeepingSquares, !retention.wanted.isEmpty else { return }
        var asked: [SquareSyncMachine.Effect] = []
        retention.pinSync.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .request(let height, let peer):
                requestPins(height, from: peer, at: now, into: &effects)
            case .unavailable(let height):
                restPin(height, at: now, into: &effects)
                tellPinSync(.stored(height), now, &effects)
                wantMissingPins(at: now, into: &effects)
            case .penalize(let peer):
                penalize(peer, "sent namespace data with a false proof", at: now, into: &effects)
            case .wake(let moment):
                effects.append(.wake(at: moment))
            }
        }
    }

    /// Nobody has it: it is asked for again after a rest, with all others that nobody had; each rest
    /// is twice as long as the one before, until something comes.
    private mutating func restPin(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        retention.pinsGivenUp.insert(height)
        guard retention.pinsAgain == nil else { return }
        let again = now.advanced(byMilliseconds: retention.pinRestMilliseconds)
        retention.pinsAgain = again
        retention.pinRestMilliseconds = min(
            2 * retention.pinRestMilliseconds, NodeLimits.pinRestMillisecondsMax)
        effects.append(.wake(at: again))
    }

    /// The rest may be over.
    mutating func wakePins(at now: Instant, into effects: inout [RoleEffect]) {
        guard let again = retention.pinsAgain, again <= now else { return }
        retention.pinsAgain = nil
        retention.pinsGivenUp = HeightRanges()
        wantMissingPins(at: now, into: &effects)
    }

    /// Others can be asked from now on.
    mutating func pinPeersChanged(at now: Instant, into effects: inout [RoleEffect]) {
        let name = ShareExchange.protocolID(.namespaceData, network: configuration.network)
        tellPinSync(.peersChanged(peers.serving(name).map(\.handle)), now, &effects)
    }

    private mutating func requestPins(
        _ height: UInt64, from peer: Peer, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let identifier = peers.identifier(of: peer) else {
            tellPinSync(.refused(height, by: peer), now, &effects)
            return
        }
        let ticket = ticket()
        loads[ticket] = .pinHeader(height, identifier)
        effects.append(.load(ticket, .header(height)))
    }

    mutating func pinHeaderLoaded(
        _ height: UInt64, _ identifier: PeerIdentifier, _ value: LoadedValue, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard case .header(let header) = value, let roots = header.roots else {
            tellPinSync(.refused(height, by: Peer(identifier.text)), now, &effects)
            return
        }
        requestNextPin(height, roots, of: identifier, at: now, into: &effects)
    }

    /// One namespace after another, of the same peer; with the last of them the height is done.
    private mutating func requestNextPin(
        _ height: UInt64, _ roots: DataAvailabilityHeader, of identifier: PeerIdentifier,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let namespace = retention.unpinned(at: height).first else {
            tellPinSync(.stored(height), now, &effects)
            tellPruning(.pinned(height), now, &effects)
            wantMissingPins(at: now, into: &effects)
            return
        }
        do throws(DecodeFault) {
            let identity = try NamespaceDataID(height: height, namespace: namespace)
            request(
                .namespaceData(identity), of: identifier, width: roots.width,
                purpose: .pin(identity, identifier, roots), at: now)
        } catch {
            preconditionFailure("a pinned namespace may be asked for: \(error)")
        }
    }

    mutating func pinAnswered(
        _ identity: NamespaceDataID, by identifier: PeerIdentifier,
        _ roots: DataAvailabilityHeader, _ answer: Result<[UInt8], RequestFault>,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        let peer = Peer(identifier.text)
        switch shareAnswer(answer, of: .namespaceData(identity), roots: KnownRoots(roots)) {
        case .namespaceData(let data):
            let pin = PinnedData(
                namespace: identity.namespace, bytes: data.container.encode())
            let ticket = ticket()
            stores[ticket] = .fetchedPin(identity, identifier, roots)
            effects.append(.store(ticket, .pins(height: identity.height, [pin])))
        case .malformed:
            tellPinSync(.lied(identity.height, by: peer), now, &effects)
        default:
            tellPinSync(.refused(identity.height, by: peer), now, &effects)
        }
    }

    mutating func fetchedPinStored(
        _ identity: NamespaceDataID, _ identifier: PeerIdentifier,
        _ roots: DataAvailabilityHeader, failure: String?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if let failure {
            effects.append(
                .report(.incident("pins of \(identity.height) were not stored: \(failure)")))
            tellPinSync(.notStored(identity.height), now, &effects)
            return
        }
        retention.pinned([identity.namespace], at: identity.height)
        retention.pinRestMilliseconds = NodeLimits.pinRestMilliseconds
        requestNextPin(identity.height, roots, of: identifier, at: now, into: &effects)
    }
}
