// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import DataSquare

/// A header as one light node needs it, as somebody sent it: one root instead of all of them.
///
/// The one root shows how wide the square is. The validator set is left out where the asker has it.
///
/// Wire form: `quadrat.v1.SamplingHeader {tendermint.types.Header header=1; tendermint.types.Commit
/// commit=2; tendermint.types.ValidatorSet validator_set=3; AxisRoot root=4}`. Specified in
/// Protocol/15-light-clients.md#sampling-header.
public struct UnverifiedSamplingHeader: Hashable, Sendable {
    /// Header and commit.
    public let signedHeader: SignedHeader
    /// The committee, unless the asker is supposed to have it.
    public let validatorSet: ValidatorSet?
    /// A root with its way to the data root.
    public let root: UnverifiedAxisRoot

    /// Takes the parts as they came.
    public init(
        signedHeader: SignedHeader, validatorSet: ValidatorSet?, root: UnverifiedAxisRoot
    ) {
        self.signedHeader = signedHeader
        self.validatorSet = validatorSet
        self.root = root
    }

    /// What is sent of a header with all its roots: the first row's root stands for the width.
    public init(_ header: ExtendedHeader, withSet: Bool) {
        signedHeader = header.signedHeader
        validatorSet = withSet ? header.validatorSet : nil
        root = header.dataAvailabilityHeader.axisRoots(of: [AxisLine(.row, 0)])[0].container
    }

    /// Joins the header with its set and proves the width of its square.
    ///
    /// What comes out is consistent; whether it is final and follows from what is trusted is for
    /// `ChainHeader.validate` and `LightVerification` to say.
    ///
    /// `known` is a set that the asker has, used when the answer brought none.
    /// - Throws: `validatorsHash` when neither set is the header's, `rootUnproven` when the root does
    ///   not lead to the header's data root.
    public func resolve(known: ValidatorSet?) throws(HeaderFault) -> ChainHeader {
        let header = signedHeader.header
        guard let set = validatorSet ?? known, set.hash == header.validatorsHash else {
            throw .validatorsHash(
                named: header.validatorsHash,
                given: (validatorSet ?? known)?.hash ?? Bytes32())
        }
        guard let dataHash = header.dataHash else { throw .rootUnproven }
        let proven: VerifiedAxisRoot
        do throws(VerificationFault) {
            proven = try root.verify(dataRoot: dataHash)
        } catch {
            throw .rootUnproven
        }
        return try ChainHeader(signedHeader: signedHeader, validatorSet: set, root: proven)
    }

    /// Reads the wire form; one over `ExtendedHeader.sizeLimit` is refused unread.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count <= ExtendedHeader.sizeLimit else {
            throw DecodeFault(
                .overLimit(
                    field: "header", limit: ExtendedHeader.sizeLimit, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        var header: BlockHeader?
        var commit: Commit?
        var validatorSet: ValidatorSet?
        var root: UnverifiedAxisRoot?
        while let field = try reader.next() {
            switch field.number {
            case 1: header = try BlockHeader(protobuf: try field.bytes())
            case 2: commit = try Commit(protobuf: try field.bytes())
            case 3: validatorSet = try ValidatorSet(protobuf: try field.bytes())
            case 4: root = try UnverifiedAxisRoot(protobuf: try field.bytes())
            default: break
            }
        }
        guard let header, let commit, let root else {
            throw .malformed("a sampling header lacks its header, its commit or its root")
        }
        self.init(
            signedHeader: SignedHeader(header: header, commit: commit),
            validatorSet: validatorSet, root: root)
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.presentBytes(1, signedHeader.header.protobuf)
        writer.presentBytes(2, signedHeader.commit.protobuf)
        if let validatorSet { writer.presentBytes(3, validatorSet.protobuf) }
        writer.presentBytes(4, root.protobuf)
        return writer.bytes
    }
}
