// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A question for what a member missed: of a view its block and certificates, or a height's commit.
///
/// Wire form: `AgreementQuestion {uint64 epoch=1; uint64 view=2; uint64 height=3}`, where exactly one
/// of the last two is there. Specified in Protocol/20-agreement.md#questions.
public enum AgreementQuestion: Hashable, Sendable {
    /// What is there of a view.
    case view(Epoch, View)
    /// A certificate that makes a final height a commit.
    case commit(Height)

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var (epoch, view, height) = (UInt64(0), View.base, Height(0))
        while let field = try reader.next() {
            switch field.number {
            case 1: epoch = try field.varint()
            case 2: view = try View(decoding: try field.varint(), at: field.offset)
            case 3: height = Height(try field.varint())
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        switch (view == .base, height.value == 0) {
        case (false, true): self = .view(Epoch(epoch), view)
        case (true, false) where epoch == 0: self = .commit(height)
        default: throw .malformed("a question for a view or for a height")
        }
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 24)
        switch self {
        case .view(let epoch, let view):
            writer.varint(1, epoch.value)
            writer.varint(2, view.value)
        case .commit(let height): writer.varint(3, height.value)
        }
        return writer.bytes
    }
}

/// One message of the committee's protocol.
///
/// Wire form: `AgreementMessage {oneof {SignedStatement vote=1; Proposal proposal=2;
/// QuorumCertificate certificate=3; Standstill standstill=4; AgreementQuestion question=5; Greeting
/// greeting=6}}`, behind its length. Specified in Protocol/20-agreement.md#messages.
public indirect enum AgreementMessage: Hashable, Sendable {
    /// The longest message, in bytes.
    public static let sizeMax = 1 << 20

    /// One vote.
    case vote(SignedStatement)
    /// A leader's block.
    case proposal(Proposal)
    /// A quorum's votes.
    case certificate(QuorumCertificate)
    /// What a member has that does not get on.
    case standstill(Standstill)
    /// What a member missed.
    case question(AgreementQuestion)
    /// Who speaks on this connection.
    case greeting(Greeting)

    /// Reads a message without its length; exactly one of the kinds is there.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count <= Self.sizeMax else {
            throw DecodeFault(
                .overLimit(field: "message", limit: Self.sizeMax, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        guard let field = try reader.next() else { throw .malformed("an empty message") }
        let body = try field.bytes()
        switch field.number {
        case 1: self = .vote(try Self.vote(body))
        case 2: self = .proposal(try Proposal(protobuf: body))
        case 3: self = .certificate(try QuorumCertificate(protobuf: body))
        case 4: self = .standstill(try Standstill(protobuf: body))
        case 5: self = .question(try AgreementQuestion(protobuf: body))
        case 6: self = .greeting(try Greeting(protobuf: body))
        default: throw .malformed("a message of no known kind", at: field.offset)
        }
        if let second = try reader.next() {
            throw .malformed("two messages in one", at: second.offset)
        }
    }

    /// Reads a message without its length from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The message without its length.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        switch self {
        case .vote(let vote): writer.presentBytes(1, vote.protobuf)
        case .proposal(let proposal): writer.presentBytes(2, proposal.protobuf)
        case .certificate(let certificate): writer.presentBytes(3, certificate.protobuf)
        case .standstill(let standstill): writer.presentBytes(4, standstill.protobuf)
        case .question(let question): writer.presentBytes(5, question.protobuf)
        case .greeting(let greeting): writer.presentBytes(6, greeting.protobuf)
        }
        return writer.bytes
    }

    private static func vote(_ body: ArraySlice<UInt8>) throws(DecodeFault) -> SignedStatement {
        let vote = try SignedStatement(protobuf: body)
        guard vote.statement.kind != .propose else {
            throw .malformed("a proposal without its block")
        }
        return vote
    }
}
