// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import DataSquare
internal import Machinery
internal import Syncing

/// What a node knows of wrongly encoded blocks.
struct FraudState {
    /// What the name of the record of a proof begins with.
    static let prefix = "fraud/"

    var machine = FraudMachine()
    /// The chain ends below this block, until a header of another chain is trusted.
    var refusal: Refusal?
    /// When a peer is asked for proofs next, and which of them.
    var nextQuestion: Instant?
    var turn = 0
    /// Gossiped proofs that a job is judging, or that wait for it; as few as the machine lets wait.
    var deliveries: [(number: UInt64, sender: Peer, proof: [UInt8])] = []
    /// What the last proof of a peer turned out to be worth.
    var lastVerdict: GossipVerdict?

    /// The name of the record of a block's proof.
    static func name(_ height: UInt64) -> String { "\(prefix)\(height)" }
}

/// A proof that was acted on, as it is kept on disk.
struct Refusal {
    let record: FraudRecord
    /// What was trusted when the chain turned out to be wrong; a node that trusts another header goes
    /// on from that.
    let trust: HeaderRules.Trust
    /// Whether somebody has named another header since.
    var isAnswered = false

    /// flag ‖ kind of trust ‖ hash ‖ record.
    func encode() -> [UInt8] {
        let (kind, hash): (UInt8, Bytes32) =
            switch trust {
            case .genesis(let hash): (0, hash)
            case .hash(let hash): (1, hash)
            }
        return [isAnswered ? 1 : 0, kind] + hash.array + record.encode()
    }

    init(_ record: FraudRecord, trust: HeaderRules.Trust) {
        self.record = record
        self.trust = trust
    }

    init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        isAnswered = try reader.byte() == 1
        let kind = try reader.byte()
        let hash: Bytes32 = try reader.fixed()
        trust = kind == 1 ? .hash(hash) : .genesis(validatorsHash: hash)
        record = try FraudRecord(decoding: Array(reader.rest()))
    }
}
