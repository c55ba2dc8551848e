// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Chain

/// Votes for earlier blocks that a block includes, as they stand first in its square.
///
/// A certificate has a quorum of votes and no more; these are all that the proposer knows, so that a
/// slow member's count too. What they are for is not said, since there is one block of each height
/// below. Wire form: `MsgIncludeVotes {repeated HeightVotes heights=1}`, the lowest height first.
/// Specified in Protocol/21-staking.md#included-votes.
public struct IncludedVotes: Hashable, Sendable {
    /// The type's name.
    public static let typeURL = "/quadrat.staking.v1.MsgIncludeVotes"
    /// The most heights.
    public static let heightsMax = 8
    /// The most votes for one height.
    public static let votesMax = 100

    /// One member's vote: `IncludedVote {uint32 place=1; uint32 round=2; Timestamp timestamp=3; bytes
    /// signature=4}`.
    public struct Vote: Hashable, Sendable {
        /// Who: a place in the committee of the height.
        public let place: Int
        /// The view in which the member finalized the block; 0 for a commit vote.
        public let round: Int32
        /// When it was signed.
        public let timestamp: Timestamp
        /// The signature of CometBFT's precommit.
        public let signature: Bytes64

        /// Takes the parts.
        public init(place: Int, round: Int32, timestamp: Timestamp, signature: Bytes64) {
            self.place = place
            self.round = round
            self.timestamp = timestamp
            self.signature = signature
        }
    }

    /// The votes for one block: `HeightVotes {uint64 height=1; repeated IncludedVote votes=2}`.
    public struct OfHeight: Hashable, Sendable {
        /// The block's height.
        public let height: UInt64
        /// The votes, places rising.
        public let votes: [Vote]

        /// Takes the parts.
        public init(height: UInt64, votes: [Vote]) {
            self.height = height
            self.votes = votes
        }
    }

    /// The votes by height, the lowest first.
    public let heights: [OfHeight]

    /// Takes the votes.
    public init(_ heights: [OfHeight]) {
        self.heights = heights
    }

    /// The votes of a commit; nil where there are none.
    public init?(_ commit: Commit) {
        var votes: [Vote] = []
        for (place, vote) in commit.signatures.prefix(Self.votesMax).enumerated()
        where vote.flag == .commit {
            guard let signature = vote.signature else { continue }
            votes.append(
                Vote(
                    place: place, round: commit.round, timestamp: vote.timestamp,
                    signature: signature))
        }
        guard !votes.isEmpty else { return nil }
        self.init([OfHeight(height: commit.height.value, votes: votes)])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        for height in heights {
            writer.message(1) { message in
                message.varint(1, height.height)
                for vote in height.votes { message.presentBytes(2, vote.protobuf) }
            }
        }
        return writer.bytes
    }

    /// Reads the wire form; one that is written otherwise than `protobuf` writes it is refused.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var heights: [OfHeight] = []
        while let field = try reader.next() {
            guard field.number == 1 else { throw field.unknown }
            guard heights.count < Self.heightsMax else {
                throw DecodeFault(
                    .overLimit(
                        field: "heights", limit: Self.heightsMax, actual: heights.count + 1),
                    at: field.offset)
            }
            heights.append(try Self.height(try field.message()))
        }
        self.init(heights)
        guard protobuf == bytes else { throw .malformed("votes that are not canonical") }
    }

    private static func height(
        _ reader: ProtobufReader
    ) throws(DecodeFault) -> OfHeight {
        var reader = reader
        var height: UInt64 = 0
        var votes: [Vote] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: height = try field.varint()
            case 2:
                guard votes.count < votesMax else {
                    throw DecodeFault(
                        .overLimit(field: "votes", limit: votesMax, actual: votes.count + 1),
                        at: field.offset)
                }
                votes.append(try Vote(try field.message()))
            default: throw field.unknown
            }
        }
        return OfHeight(height: height, votes: votes)
    }
}

extension IncludedVotes.Vote {
    fileprivate var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 96)
        writer.varint(1, UInt64(place))
        writer.varint(2, UInt64(round))
        writer.presentBytes(3, timestamp.protobuf)
        writer.bytes(4, signature)
        return writer.bytes
    }

    fileprivate init(_ reader: ProtobufReader) throws(DecodeFault) {
        var reader = reader
        var place = 0
        var view = View.base
        var timestamp: Timestamp?
        var signature: Bytes64?
        while let field = try reader.next() {
            switch field.number {
            case 1:
                let value = try field.varint()
                guard value < UInt64(IncludedVotes.votesMax) else {
                    throw DecodeFault(
                        .overLimit(
                            field: "place", limit: IncludedVotes.votesMax - 1,
                            actual: Int(clamping: value)), at: field.offset)
                }
                place = Int(value)
            case 2: view = try View(decoding: try field.varint(), at: field.offset)
            case 3: timestamp = try Timestamp(protobuf: try field.bytes())
            case 4: signature = try field.fixed()
            default: throw field.unknown
            }
        }
        guard let timestamp, let signature else {
            throw .malformed("a vote without its time or its signature")
        }
        self.init(place: place, round: view.round, timestamp: timestamp, signature: signature)
    }
}
