// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Foundation
import Peering
import TestSupport
import Testing

/// A whole handshake with fixed keys, every byte on the wire of both sides and the first frames.
@Suite struct NoiseVectors {
    let root: JSONTree

    init() throws {
        root = try JSONTree(
            contentsOf: Vectors.directory.appending(path: "p2p/noise_vectors.json"))
    }

    private func identity(_ side: String) throws -> (IdentityPrivateKey, NoiseIdentity) {
        let key = IdentityPrivateKey(
            seed: try Bytes32(decoding: try root["identity"][side]["seed"].hex))
        let noise = NoiseIdentity(
            key: key,
            staticPrivateKey: try Bytes32(decoding: try root["static"][side]["private"].hex),
            muxers: ["/yamux/1.0.0"])
        return (key, noise)
    }

    private func machine(_ side: String) throws -> NoiseMachine {
        NoiseMachine(
            isInitiator: side == "i", identity: try identity(side).1,
            ephemeralKey: try Bytes32(decoding: try root["ephemeral"][side]["private"].hex))
    }

    /// Names and keys come out as recorded.
    @Test(arguments: ["i", "r"])
    func identities(side: String) throws {
        let (key, _) = try identity(side)
        let expected = try root["identity"][side]
        #expect(try key.publicKey.protobuf == expected["public_key_pb"].hex)
        #expect(try key.peer.text == expected["peer_id"].string)
        #expect(try PeerIdentifier(expected["peer_id"].string) == key.peer)
    }

    /// Both sides write exactly the recorded messages and end with the recorded keys.
    @Test func theHandshakeIsByteEqual() throws {
        var initiator = try machine("i")
        var responder = try machine("r")
        #expect(try initiator.hash == root["h_after_prologue"].hex)
        let wire = try root["wire"]
        let first = initiator.start()
        #expect(try first == wire["m1"].hex)
        let second = try responder.receive(first[...]).output
        #expect(try second == wire["m2"].hex)
        let third = try initiator.receive(second[...]).output
        #expect(try third == wire["m3"].hex)
        #expect(try responder.receive(third[...]).output.isEmpty)
        let (left, right) = (try #require(initiator.result), try #require(responder.result))
        #expect(left.muxer == "/yamux/1.0.0" && right.muxer == left.muxer)
        #expect(try left.handshakeHash == root["handshake_hash"].hex)
        #expect(right.handshakeHash == left.handshakeHash)
        #expect(try left.sendingKey == root["k_i_to_r"].hex)
        #expect(try left.receivingKey == root["k_r_to_i"].hex)
        #expect(right.sendingKey == left.receivingKey)
        #expect(right.receivingKey == left.sendingKey)
        #expect(try right.peer == identity("i").0.peer)
        #expect(try left.peer == identity("r").0.peer)
        print("vectors: noise: 3 handshake messages, 2 keys, 1 hash")
    }

    /// A handshake message with any one bit flipped is refused, or leads to nothing.
    @Test func everyFlippedBitOfTheHandshakeIsRefused() throws {
        let wire = try root["wire"]
        var waiting = try machine("i")
        _ = waiting.start()
        let second = try wire["m2"].hex
        for bit in 16..<second.count * 8 {
            var flipped = second
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            var machine = waiting
            #expect(throws: NoiseFault.self) { try machine.receive(flipped[...]) }
        }
        var responder = try machine("r")
        _ = try responder.receive(try wire["m1"].hex[...])
        let third = try wire["m3"].hex
        for bit in 16..<third.count * 8 {
            var flipped = third
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            var machine = responder
            #expect(throws: NoiseFault.self) { try machine.receive(flipped[...]) }
        }
    }

    /// Frames are byte-equal by both libraries, and open to what was sealed.
    @Test(arguments: [0, BulkCipher.thresholdBytes, Int.max])
    func framesAreByteEqual(threshold: Int) throws {
        let cipher = BulkCipher(threshold: threshold)
        let (up, down) = (try root["k_i_to_r"].hex, try root["k_r_to_i"].hex)
        var initiator = NoiseTransport(sendingKey: up, receivingKey: down, cipher: cipher)
        var responder = NoiseTransport(sendingKey: down, receivingKey: up, cipher: cipher)
        let frames = try root["transport"]
        let firstUp = try initiator.seal(try frames["i_to_r_0"]["plain"].hex)
        #expect(try firstUp == frames["i_to_r_0"]["frame"].hex)
        #expect(try responder.open(firstUp[...]) == frames["i_to_r_0"]["plain"].hex)
        let firstDown = try responder.seal(try frames["r_to_i_0"]["plain"].hex)
        #expect(try firstDown == frames["r_to_i_0"]["frame"].hex)
        let name = try frames["i_to_r_1"]["plain_shake256_of"].string
        let big = Shake256.make(
            Array(name.utf8), count: try frames["i_to_r_1"]["plain_len"].integer)
        let bigFrame = try initiator.seal(big)
        let digest = try frames["i_to_r_1"]["frame_sha256"].hex
        #expect(SHA256.hash(bigFrame).array == digest)
        #expect(try responder.open(bigFrame[...]) == big)
        #expect(try initiator.open(firstDown[...]) == frames["r_to_i_0"]["plain"].hex)
        #expect(try initiator.open(try frames["r_to_i_1"]["frame"].hex[...]).isEmpty)
        var flipped = try initiator.seal([1, 2, 3])
        flipped[4] ^= 1
        #expect(throws: NoiseFault.tag) { try responder.open(flipped[...]) }
    }

    /// The recorded openings of multistream are what both sides write.
    @Test func multistreamIsByteEqual() throws {
        let wire = try root["wire"]
        var initiator = MultistreamMachine(proposing: ["/noise"])
        var responder = MultistreamMachine(acceptingUpTo: 64)
        let hello = initiator.start()
        #expect(try hello == wire["mss_i"].hex)
        let (answer, rest) = try responder.receive(hello[...]) { $0 == "/noise" }
        #expect(try answer == wire["mss_r"].hex)
        #expect(rest.isEmpty && responder.outcome == .agreed("/noise"))
        #expect(try initiator.receive(answer[...]) { _ in false }.output.isEmpty)
        #expect(initiator.outcome == .agreed("/noise"))
        let tokens = try root["multistream"]
        var refusing = MultistreamMachine(acceptingUpTo: 64)
        let refusal = try refusing.receive(hello[...]) { _ in false }.output
        #expect(try refusal == tokens["header"].hex + tokens["na"].hex)
    }
}
