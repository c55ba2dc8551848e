// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering
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
    /// How often others are still asked, since a block is refused: a lower one may be wrong, too.
    var questionsLeft = NodeLimits.fraudQuestionsAfter
    /// Gossiped proofs that a job is judging, or that wait for it; as few as the machine lets wait.
    var deliveries: [(number: UInt64, sender: Peer, proof: [UInt8])] = []
    /// What the last proof of a peer turned out to be worth.
    var lastVerdict: GossipVerdict?

    /// The name of the record of a block's proof.
    static func name(_ height: UInt64) -> String { "\(prefix)\(height)" }
}

/// A proof that was acted on, as it is kept on disk.
struct Refusal {
    /// What bits of the first byte say.
    private static let answeredFlag: UInt8 = 1
    private static let headerFlag: UInt8 = 2

    let record: FraudRecord
    /// What was trusted when the chain turned out to be wrong; a node that trusts another header goes
    /// on from that.
    let trust: HeaderRules.Trust
    /// Whether somebody has named another header since.
    var isAnswered = false

    /// The lowest block that is refused.
    var height: UInt64 { record.height }

    /// What header sync is told: where the chain ends, and which block is its last.
    var ending: HeaderSyncMachine.Event {
        .ended(before: record.height, parent: record.header?.header.lastBlockID.hash)
    }

    /// flags ‖ kind of trust ‖ hash ‖ (varint length ‖ header, if there is one) ‖ record.
    func encode() -> [UInt8] {
        let (kind, hash): (UInt8, Bytes32) =
            switch trust {
            case .genesis(let hash): (0, hash)
            case .hash(let hash): (1, hash)
            }
        var bytes: [UInt8] = [isAnswered ? Self.answeredFlag : 0, kind] + hash.array
        if let header = record.header {
            bytes[0] |= Self.headerFlag
            bytes.append(lengthPrefixed: header.protobuf)
        }
        return bytes + record.encode()
    }

    init(_ record: FraudRecord, trust: HeaderRules.Trust) {
        self.record = record
        self.trust = trust
    }

    init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        let flags = try reader.byte()
        isAnswered = flags & Self.answeredFlag != 0
        let kind = try reader.byte()
        let hash: Bytes32 = try reader.fixed()
        trust = kind == 1 ? .hash(hash) : .genesis(validatorsHash: hash)
        var header: ExtendedHeader?
        if flags & Self.headerFlag != 0 {
            let limit = HeaderExchange.answerLimit(amount: 1)
            header = try ExtendedHeader(
                protobuf: Array(try reader.lengthPrefixed(limit: limit, field: "header")))
        }
        var record = try FraudRecord(decoding: Array(reader.rest()))
        record.header = header
        self.record = record
    }
}
