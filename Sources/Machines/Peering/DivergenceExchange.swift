// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain

/// Two headers of one height that a committee signed, as whoever saw them tells others.
///
/// One message behind its length; nothing is answered. Specified in
/// Protocol/15-light-clients.md#telling-divergence.
package struct DivergenceReport: Hashable, Sendable {
    /// The largest report, in bytes: two commits and two sets of the most members there can be.
    package static let sizeLimit = 131_072

    /// The header that its teller followed.
    package let ours: LightBlock
    /// The other.
    package let theirs: LightBlock

    /// Pairs two light blocks, or is nil where they are of different heights, or one.
    package init?(ours: LightBlock, theirs: LightBlock) {
        guard ours.height == theirs.height, ours.header.hash != theirs.header.hash else {
            return nil
        }
        self.ours = ours
        self.theirs = theirs
    }

    /// The protocol's id on a network.
    package static func protocolID(network: String) -> String {
        "/\(network)/quadrat/divergence/v0.0.1"
    }

    /// What a node takes from those who tell.
    package static var serviceLimits: ServiceLimits {
        var limits = ServiceLimits(completion: .lengthPrefixed(limit: sizeLimit))
        limits.perPeer = RateLimit(perSecond: 1, burst: 4)
        limits.streamsPerPeer = 2
        return limits
    }

    /// The message behind its length: `quadrat.v1.Divergence` without a witness.
    package func encode() -> [UInt8] {
        var writer = ProtobufWriter()
        for (number, block) in [(1, ours), (2, theirs)] {
            writer.message(number) {
                $0.presentBytes(1, block.signedHeader.protobuf)
                $0.presentBytes(2, block.validatorSet.protobuf)
            }
        }
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: writer.bytes)
        return bytes
    }

    /// Reads a message behind its length; nothing in it is verified.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var outer = ByteReader(bytes)
        let message = try outer.lengthPrefixed(limit: Self.sizeLimit, field: "report")
        guard outer.isAtEnd else { throw .malformed("something behind a report") }
        try self.init(record: [UInt8](message))
    }

    /// Reads the record of two heads that a node keeps, whoever the witness was.
    package init(record bytes: [UInt8]) throws(DecodeFault) {
        var (ours, theirs): (LightBlock?, LightBlock?)
        var reader = ProtobufReader(bytes[...])
        while let field = try reader.next() {
            switch field.number {
            case 1: ours = try Self.block(try field.message())
            case 2: theirs = try Self.block(try field.message())
            case 3: _ = try field.string(limit: 256)
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let ours, let theirs, let report = DivergenceReport(ours: ours, theirs: theirs)
        else { throw .malformed("no two headers of one height") }
        self = report
    }

    private static func block(_ message: ProtobufReader) throws(DecodeFault) -> LightBlock {
        var reader = message
        var signed: SignedHeader?
        var set: ValidatorSet?
        while let field = try reader.next() {
            switch field.number {
            case 1: signed = try SignedHeader(protobuf: try field.bytes())
            case 2: set = try ValidatorSet(protobuf: try field.bytes())
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let signed, let set else { throw .malformed("half a light block") }
        return LightBlock(signedHeader: signed, validatorSet: set)
    }
}
