// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Machinery
internal import Peering
internal import Syncing

/// The conversation that keeps what pinned namespaces have, and gives it to who asks.
extension Node {
    /// Reads the square of a height for what the pins lack of it.
    mutating func pin(
        _ height: UInt64, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let ticket = ticket()
        loads[ticket] = .pinning(height)
        effects.append(.load(ticket, .square(height)))
    }

    mutating func pinningLoaded(
        _ height: UInt64, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch value {
        case .square(let square):
            let ticket = ticket()
            jobs[ticket] = .pins(height)
            effects.append(.compute(ticket, .pin(square, retention.unpinned(at: height))))
        case .damaged(let reason):
            lostSquare(height, reason, at: now, into: &effects)
            tellPruning(.notPinned(height), now, &effects)
        default:
            tellPruning(.notPinned(height), now, &effects)
        }
    }

    mutating func pinsProven(
        _ height: UInt64, _ result: JobResult, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .pins(let pins) = result else {
            preconditionFailure("a job of pins gives pins")
        }
        let ticket = ticket()
        stores[ticket] = .pins(height, pins.map(\.namespace))
        effects.append(.store(ticket, .pins(height: height, pins)))
    }

    mutating func pinsStored(
        _ height: UInt64, _ namespaces: [Namespace], failure: String?, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        if let failure {
            effects.append(.report(.incident("pins of \(height) were not stored: \(failure)")))
            tellPruning(.notPinned(height), now, &effects)
            return
        }
        retention.pinned(namespaces, at: height)
        tellPruning(.pinned(height), now, &effects)
    }

    // MARK: Giving

    /// Whether a peer's question about a height without a square is one that a pin answers.
    func pin(for request: ShareRequest) -> Namespace? {
        guard case .namespaceData(let id) = request,
            retention.isPinned(id.namespace, at: id.height)
        else { return nil }
        return id.namespace
    }

    /// Likewise for a user's question.
    func pin(for request: RPCRequest) -> Namespace? {
        guard case .namespaceData(let height, let namespace) = request,
            retention.isPinned(namespace, at: height)
        else { return nil }
        return namespace
    }

    mutating func servePin(
        _ inbound: InboundNumber, _ height: UInt64, _ namespace: Namespace, _ value: LoadedValue,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch value {
        case .pin(let bytes, _):
            reply(inbound, ShareExchange.found + bytes)
            effects.append(.report(.counted("served.pin", 1)))
        case .damaged(let reason):
            lostPin(namespace, height, reason, at: now, into: &effects)
            reply(inbound, ShareExchange.notFound)
        default:
            reply(inbound, ShareExchange.notFound)
        }
    }

    mutating func answerPin(
        _ asker: Ticket, _ request: RPCRequest, _ namespace: Namespace, _ value: LoadedValue,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let height = request.shareHeight else {
            preconditionFailure("only questions about shares meet a pin")
        }
        guard case .pin(let bytes, let roots) = value else {
            if case .damaged(let reason) = value {
                lostPin(namespace, height, reason, at: now, into: &effects)
            }
            retrieve(request, height: height, for: asker, at: now, into: &effects)
            return
        }
        do {
            let data = try UnverifiedNamespaceData(decoding: bytes)
                .verify(namespace: namespace, against: roots)
            answer(asker, .success(.namespaceData(data)), into: &effects)
        } catch {
            lostPin(namespace, height, "\(error)", at: now, into: &effects)
            retrieve(request, height: height, for: asker, at: now, into: &effects)
        }
    }

    private mutating func lostPin(
        _ namespace: Namespace, _ height: UInt64, _ reason: String, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        let text = "what namespace \(namespace) has at \(height) is damaged on disk: \(reason)"
        effects.append(.report(.incident(text)))
        retention.lostPin(namespace, at: height)
        if retention.wanted.contains(namespace), !chain.squares.contains(height) {
            tellPinSync(.wanted(height), now, &effects)
        }
    }
}
