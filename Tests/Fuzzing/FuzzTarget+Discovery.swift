// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Machinery
internal import Peering

extension FuzzTarget {
    /// What strangers say on Kademlia, and the records by which a node remembers peers.
    static let discovery: [FuzzTarget] = [
        .roundTrip(
            "kad-message",
            decode: { input throws(DecodeFault) in try KademliaMessage(decoding: input) },
            encode: { $0.encode() }),
        FuzzTarget("kad-machine", feedKademlia),
        .roundTrip(
            "peer-store-record",
            decode: { input throws(DecodeFault) in
                // The order of the peers is the writer's, so that the record stands for the store.
                try PeerStore(decoding: input).encode()
            }, encode: { $0 }),
        .roundTrip(
            "block-list-record", isCanonical: true,
            decode: { input throws(DecodeFault) in try BlockList(decoding: input) },
            encode: { $0.encode() }),
    ]

    /// A server is asked the input and gets it as the answer to everything that it asks.
    @Sendable private static func feedKademlia(_ input: [UInt8]) {
        let now = Instant(nanoseconds: 1_700_000_000_000_000_000)
        let stranger = IdentityPrivateKey(seed: Bytes32(repeating: 1)).peer
        var machine = KademliaMachine(
            local: IdentityPrivateKey(seed: Bytes32(repeating: 2)).peer, isServer: true,
            seed: Bytes32(repeating: 3))
        var effects: [KademliaMachine.Effect] = []
        machine.handle(
            .peerSeen(stranger, addresses: [], remote: nil, isServer: true), at: now,
            into: &effects)
        machine.handle(.findProviders([1], wanted: 3), at: now, into: &effects)
        machine.handle(.findPeer(stranger), at: now, into: &effects)
        do throws(KademliaFault) {
            let answer = try machine.answer(input, from: stranger, remote: nil, at: now)
            precondition(answer.count <= KademliaMessage.answerLimit, "kad: too long an answer")
        } catch {
            precondition(machine.records.count == 0, "kad: a refused question left a record")
        }
        var next = 0
        while next < effects.count {
            if case .ask(let question, _, _, _) = effects[next] {
                machine.handle(.answered(question, input), at: now, into: &effects)
            }
            next += 1
            precondition(next < 20_000, "kad: it asks for ever")
        }
    }
}
