// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What a member that does not get on tells the others: what it has, so that they send the rest.
///
/// Wire form: `Standstill {uint64 epoch=1; uint64 view=2; uint64 open=3; QuorumCertificate
/// finalization=4; repeated QuorumCertificate certificates=5; repeated SignedStatement votes=6}`.
/// Specified in Protocol/20-agreement.md#standstill.
public struct Standstill: Hashable, Sendable {
    /// The most views that one message tells of.
    public static let viewsMax = 64
    /// The most certificates in it: two of each view.
    public static let certificatesMax = 2 * viewsMax
    /// The most votes in it: three of each view, and some for blocks.
    public static let votesMax = 4 * viewsMax
    /// The size that a sender fills at most, in bytes.
    public static let sizeMax = 512 * 1024

    /// The sender's epoch.
    public var epoch: Epoch
    /// The sender's view.
    public var view: View
    /// The lowest view of the epoch that the sender has no certificate of.
    public var open: View
    /// Its highest finalization of the epoch, if there is one.
    public var finalization: QuorumCertificate?
    /// Certificates of a page of views above that.
    public var certificates: [QuorumCertificate]
    /// Its own votes in these views, and those for blocks whose commit is open.
    public var votes: [SignedStatement]

    /// Takes the parts.
    public init(
        epoch: Epoch, view: View, open: View, finalization: QuorumCertificate?,
        certificates: [QuorumCertificate] = [], votes: [SignedStatement] = []
    ) {
        self.epoch = epoch
        self.view = view
        self.open = open
        self.finalization = finalization
        self.certificates = certificates
        self.votes = votes
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(epoch: Epoch(0), view: .base, open: .base, finalization: nil)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: epoch = Epoch(try field.varint())
            case 2: view = try View(decoding: try field.varint(), at: field.offset)
            case 3: open = try View(decoding: try field.varint(), at: field.offset)
            case 4: finalization = try QuorumCertificate(protobuf: try field.bytes())
            case 5:
                guard certificates.count < Self.certificatesMax else {
                    throw Self.overLimit("certificates", Self.certificatesMax, field)
                }
                certificates.append(try QuorumCertificate(protobuf: try field.bytes()))
            case 6:
                guard votes.count < Self.votesMax else {
                    throw Self.overLimit("votes", Self.votesMax, field)
                }
                votes.append(try SignedStatement(protobuf: try field.bytes()))
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 1_024)
        writer.varint(1, epoch.value)
        writer.varint(2, view.value)
        writer.varint(3, open.value)
        if let finalization { writer.presentBytes(4, finalization.protobuf) }
        for certificate in certificates { writer.presentBytes(5, certificate.protobuf) }
        for vote in votes { writer.presentBytes(6, vote.protobuf) }
        return writer.bytes
    }

    private static func overLimit(
        _ name: String, _ limit: Int, _ field: ProtobufField
    ) -> DecodeFault {
        DecodeFault(.overLimit(field: name, limit: limit, actual: limit + 1), at: field.offset)
    }
}
