// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// That neighbouring shares of one namespace stand in the square under a data root.
///
/// Wire form: `celestia.core.v1.proof.ShareProof { repeated bytes data = 1;
/// repeated NMTProof share_proofs = 2; bytes namespace_id = 3; RowProof row_proof = 4;
/// uint32 namespace_version = 5 }`; an `NMTProof` is a namespace proof without the flag of ignored
/// maxima, which is always set. Specified in Protocol/05-availability-header.md#share-proof.
public struct ShareProof: Hashable, Sendable {
    /// The shares, in their order in the original square.
    public let shares: [Share]
    /// One proof for each row that they touch, top first.
    public let shareProofs: [NamespaceProof]
    /// The namespace of all of them.
    public let namespace: Namespace
    /// That the rows are the square's.
    public let rowProof: RowProof

    /// Takes the parts as they came.
    public init(
        shares: [Share], shareProofs: [NamespaceProof], namespace: Namespace, rowProof: RowProof
    ) {
        self.shares = shares
        self.shareProofs = shareProofs
        self.namespace = namespace
        self.rowProof = rowProof
    }

    /// Checks the proof and gives the indexes of the shares in the original square.
    ///
    /// Stricter than the reference: the ranges in the rows must join to one run of shares.
    ///
    /// - Throws: what the row proof throws, `rowCount`, `proofRange`, `shareCount`,
    ///   `wrongNamespace`, or `proofInvalid` for the row that fails.
    public func verify(dataRoot: Bytes32) throws(VerificationFault) -> Range<Int> {
        let width = try rowProof.verify(dataRoot: dataRoot)
        let run = try rowProof.run(of: shareProofs, originalWidth: width / 2)
        guard shares.count == run.count else {
            throw .shareCount(expected: run.count, actual: shares.count)
        }
        guard Share.allBear(namespace, shares) else { throw .wrongNamespace }
        var next = 0
        for (offset, proof) in shareProofs.enumerated() {
            let part = shares[next..<next + proof.end - proof.start]
            next = part.endIndex
            guard
                proof.verifyInclusion(
                    namespace: namespace, leaves: part.map { $0.bytes },
                    root: rowProof.rowRoots[offset], leafCount: width)
            else { throw .proofInvalid(.row, index: rowProof.startRow + offset) }
        }
        return run
    }
}

extension RowProof {
    /// The run of original shares that the ranges of `proofs`, one a row, join to.
    func run(
        of proofs: [NamespaceProof], originalWidth: Int
    ) throws(VerificationFault) -> Range<Int> {
        guard let first = proofs.first, let last = proofs.last, proofs.count == rowRoots.count
        else { throw .rowCount(expected: rowRoots.count, actual: proofs.count) }
        for (offset, proof) in proofs.enumerated() {
            guard proof.leafHash == nil, proof.start >= 0, proof.start < proof.end else {
                throw .proofKind
            }
            let start = offset == 0 ? proof.start : 0
            let end = offset == proofs.count - 1 ? proof.end : originalWidth
            guard proof.start == start, proof.end == end, end <= originalWidth, start < end else {
                throw .proofRange(
                    expected: start..<max(start, originalWidth), actual: proof.start..<proof.end)
            }
        }
        return startRow * originalWidth + first.start..<endRow * originalWidth + last.end
    }
}

extension ShareProof {
    /// Decodes the message; more shares or rows than a square has are refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var shares: [Share] = []
        var shareProofs: [NamespaceProof] = []
        var identifier: ArraySlice<UInt8> = []
        var version: UInt32 = 0
        var rowProof: RowProof?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                try Self.check(shares.count, below: SquareSize.sharesMax, field)
                shares.append(try Share(decoding: field.bytes()))
            case 2:
                try Self.check(shareProofs.count, below: SquareSize.upperBound, field)
                shareProofs.append(try NamespaceProof(protobufWithoutFlag: field.bytes()))
            case 3: identifier = try field.bytes()
            case 4: rowProof = try RowProof(protobuf: field.bytes())
            case 5: version = try field.varint32()
            default: break
            }
        }
        guard let rowProof else { throw .malformed("a share proof without a row proof") }
        guard let version = UInt8(exactly: version) else {
            throw .malformed("namespace version \(version) does not exist")
        }
        self.init(
            shares: shares, shareProofs: shareProofs,
            namespace: try Namespace(version: version, identifier: identifier),
            rowProof: rowProof)
    }

    /// Decodes the message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: shares.count * 516 + 1024)
        for share in shares { writer.presentBytes(1, share.bytes) }
        for proof in shareProofs { writer.presentBytes(2, proof.protobufWithoutFlag) }
        writer.bytes(3, namespace.identifier)
        writer.presentBytes(4, rowProof.protobuf)
        writer.varint(5, UInt64(namespace.version))
        return writer.bytes
    }

    private static func check(
        _ count: Int, below limit: Int, _ field: ProtobufField
    ) throws(DecodeFault) {
        guard count < limit else {
            throw DecodeFault(
                .overLimit(field: "field \(field.number)", limit: limit, actual: count + 1),
                at: field.offset)
        }
    }
}

/// `celestia.core.v1.proof.NMTProof { int32 start = 1; int32 end = 2; repeated bytes nodes = 3;
/// bytes leaf_hash = 4 }`: parity is passed over in maxima, unsaid.
extension NamespaceProof {
    /// Decodes the message without a flag, which is then set.
    init(protobufWithoutFlag bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        let proof = try NamespaceProof(protobuf: bytes)
        self.init(
            start: proof.start, end: proof.end, nodes: proof.nodes, leafHash: proof.leafHash)
    }

    /// The message without a flag.
    var protobufWithoutFlag: [UInt8] {
        NamespaceProof(
            start: start, end: end, nodes: nodes, leafHash: leafHash,
            isMaxNamespaceIgnored: false
        ).protobuf
    }
}
