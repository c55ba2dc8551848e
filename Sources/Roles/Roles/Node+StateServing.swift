// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Ledger
internal import Machinery
package import Peering
internal import StateTree

/// Answers to peers' questions for entries of the state: a validator proves them, others pass on.
extension Node {
    mutating func serveStateQuestions() {
        let network = configuration.network
        switch configuration.kind {
        case .validator:
            peerHost.serve(
                StateExchange.protocolID(network: network), StateExchange.serviceLimits)
        case .storage:
            peerHost.serve(
                StateExchange.relayProtocolID(network: network), StateExchange.serviceLimits)
        case .light: break
        }
    }

    /// Takes a question of one of the two protocols; returns whether it was one.
    mutating func servedState(
        _ inbound: InboundNumber, _ name: String, _ bytes: [UInt8], at now: Instant
    ) -> Bool {
        let network = configuration.network
        if name == StateExchange.relayProtocolID(network: network) {
            relayState(inbound, bytes, at: now)
            return true
        }
        guard name == StateExchange.protocolID(network: network) else { return false }
        guard let producer else {
            reset(inbound)
            return true
        }
        do throws(DecodeFault) {
            reply(inbound, producer.answer(try StateQuestion(protobuf: bytes)).protobuf)
        } catch {
            reset(inbound)
        }
        return true
    }

    private mutating func relayState(
        _ inbound: InboundNumber, _ bytes: [UInt8], at now: Instant
    ) {
        let name = StateExchange.protocolID(network: configuration.network)
        let servers = peers.serving(name).map(\.identifier)
        guard
            let server = servers.first(where: { !silentValidators.contains($0) })
                ?? servers.first
        else { return reset(inbound) }
        let number = ask(
            name, of: server, bytes: bytes, answerLimit: StateExchange.responseLimit,
            milliseconds: NodeLimits.pieceMilliseconds, at: now)
        requests[number] = .relay(inbound)
    }
}

extension Producer {
    /// What this validator can prove of a question.
    func answer(_ question: StateQuestion) -> StateResponse {
        guard let newest = provable.last?.height else { return StateResponse(newest: 0) }
        guard let state = provable.last(where: { $0.height == question.height })?.state else {
            return StateResponse(newest: newest)
        }
        return state.answer(question, newest: newest)
    }
}

extension LedgerState {
    /// What is proven of a question whose header's app hash is this state's root.
    package func answer(_ question: StateQuestion, newest: UInt64) -> StateResponse {
        let answer = proven(question, newest: newest)
        return storeFault == nil ? answer : StateResponse(newest: 0)
    }

    private func proven(_ question: StateQuestion, newest: UInt64) -> StateResponse {
        let proofs = question.keys.map { proof(of: $0).protobuf }
        guard let range = question.range else {
            return StateResponse(newest: newest, isKept: true, proofs: proofs)
        }
        let found = listing(
            prefix: range.prefix, after: range.after.isEmpty ? nil : range.after,
            limit: StateExchange.listedMax + 1)
        var listed: [[UInt8]] = []
        var size = 0
        for entry in found.prefix(StateExchange.listedMax)
        where size < StateExchange.listedBytesMax {
            let proof = proof(of: entry.key).protobuf
            size += proof.count
            listed.append(proof)
        }
        return StateResponse(
            newest: newest, isKept: true, proofs: proofs, listed: listed,
            hasMore: listed.count < found.count)
    }
}
