// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A share with its proof, as somebody sent it; nothing is known of it before `verify`.
///
/// Wire form: `shwap.Sample { Share share = 1; proof.pb.Proof proof = 2; AxisType proof_type = 3 }`.
/// Specified in Protocol/07-share-exchange.md#sample.
public struct UnverifiedSample: Hashable, Sendable {
    /// The share.
    public let share: Share
    /// That it stands in its row or column.
    public let proof: NamespaceProof
    /// Whether the proof leads to the row's root or to the column's.
    public let axis: Axis

    /// Takes the parts as they came.
    public init(share: Share, proof: NamespaceProof, axis: Axis) {
        self.share = share
        self.proof = proof
        self.axis = axis
    }

    /// Makes a trusted sample, if this is the share at `coordinate` of the square of `header`.
    ///
    /// - Throws: `outside` for a place that the square does not have, `proofRange` for a proof of
    ///   another place, `proofKind` for a proof of absence, `proofInvalid` for any other flaw.
    ///   Many samples are checked faster together, by `VerifiedSample.verify(batch:against:)`.
    public func verify(
        at coordinate: Coordinate, against header: DataAvailabilityHeader
    ) throws(VerificationFault) -> VerifiedSample {
        try verify(at: coordinate, against: KnownRoots(header))
    }

    /// Makes a trusted sample, if this is the share at `coordinate` of the square with `roots`.
    ///
    /// - Throws: as with all roots, and `rootUnknown` for a proof to a root that is not among them.
    public func verify(
        at coordinate: Coordinate, against roots: KnownRoots
    ) throws(VerificationFault) -> VerifiedSample {
        try VerifiedSample.verify(batch: [(self, coordinate)], against: roots)[0].get()
    }

    /// Refuses a proof that does not even speak of `coordinate`.
    func checkPlace(
        _ coordinate: Coordinate, width: Int
    ) throws(VerificationFault) {
        guard coordinate.isInside(width: width) else { throw .outside(width: width) }
        guard proof.leafHash == nil, proof.start < proof.end else { throw .proofKind }
        let position = coordinate.position(on: axis)
        guard proof.start == position, proof.end == position + 1 else {
            throw .proofRange(
                expected: position..<position + 1, actual: proof.start..<proof.end)
        }
    }
}

/// A share that is known to stand at its place in a square.
public struct VerifiedSample: Hashable, Sendable {
    /// Where it stands.
    public let coordinate: Coordinate
    /// The share with its proof, as it can be sent on.
    public let container: UnverifiedSample

    /// For verification and for proofs made from a whole square; nobody else may trust.
    init(trusted container: UnverifiedSample, at coordinate: Coordinate) {
        self.coordinate = coordinate
        self.container = container
    }

    /// The share.
    public var share: Share { container.share }
}

extension UnverifiedSample {
    /// Decodes the message.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var share: Share?
        var proof: NamespaceProof?
        var axis = Axis.row
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: share = try ShareMessage.decode(field)
            case 2: proof = try NamespaceProof(protobuf: field.bytes())
            case 3: axis = try Axis(field: field)
            default: break
            }
        }
        guard let share, let proof else { throw .malformed("a sample lacks its share or proof") }
        self.init(share: share, proof: proof, axis: axis)
    }

    /// Decodes the message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message.
    public var protobuf: [UInt8] {
        let proof = proof.protobuf
        var writer = ProtobufWriter(capacity: Share.sizeBytes + proof.count + 16)
        ShareMessage.encode(share, as: 1, into: &writer)
        writer.presentBytes(2, proof)
        writer.varint(3, axis.wireValue)
        return writer.bytes
    }
}
