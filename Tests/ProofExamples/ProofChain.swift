// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import Chain
internal import Cryptography
public import DataSquare

/// A small chain whose committee changes with every block, with a blob in each: what documents that
/// are checked offline are made from.
///
/// Three members sign a block and one of them is replaced after each, so that a light client gets
/// from one header to the next, and no further in one step.
public struct ProofChain {
    /// The headers from height 1 on.
    public private(set) var headers: [ExtendedHeader] = []
    /// Their squares.
    public private(set) var squares: [ExtendedDataSquare] = []
    /// The blob of each block.
    public private(set) var blobs: [Blob] = []

    /// Makes a chain of so many blocks.
    public init(count: Int = 6) throws {
        let building = BlockBuilding(
            chainID: "proof-1", appVersion: 6,
            consensusParameters: ConsensusParameters(blockMaxBytes: 8 << 20, blockMaxGas: -1))
        var time = Timestamp(nanosecondsSince1970: 1_700_000_000_000_000_000)
        for number in 0..<count {
            let blob = try Blob(
                namespace: try Namespace(userID: Array("proof".utf8)),
                data: (0..<(700 * (number + 1))).map { UInt8(truncatingIfNeeded: $0 * 7) },
                shareVersion: 0, signer: nil)
            var builder = try SquareBuilder(sizeMaximum: 64)
            _ = builder.append(
                blobTransaction: try BlobTransaction(
                    transaction: [UInt8](repeating: 5, count: 200), blobs: [blob]))
            let square = ExtendedDataSquare(extending: builder.build().square)
            let roots = square.commit()
            time = time.advanced(byNanoseconds: 1_000_000_000)
            let set = try Self.committee(number)
            let header = building.header(
                on: headers.last.map { .block($0.signedHeader) } ?? .none,
                dataRoot: roots.dataRoot, time: time, appHash: Bytes32(repeating: 9),
                validatorSet: set, nextValidatorSet: try Self.committee(number + 1),
                proposer: set.validators[0].address,
                extension: HeaderExtension(view: UInt64(number + 1), parentView: UInt64(number)))
            headers.append(
                building.extendedHeader(
                    header, round: 0, signedBy: Self.keys(number), of: set, roots: roots))
            squares.append(square)
            blobs.append(blob)
        }
    }

    /// When the newest block was made, and a little later.
    public var now: Timestamp {
        headers[headers.count - 1].time.advanced(byNanoseconds: 1_000_000_000)
    }

    /// The proof that the blob of a height is there, from a header that is trusted.
    public func proof(
        of height: Int, from trusted: Int, withBlob: Bool = false
    ) throws -> BlobProof {
        let header = headers[height - 1]
        let blob = blobs[height - 1]
        let commitment = ShareCommitment(of: blob)
        let prover = SquareProver(
            square: squares[height - 1], header: header.dataAvailabilityHeader)
        let start = try Self.start(of: blob, in: squares[height - 1])
        let inclusion = try prover.commitmentProof(start..<start + blob.shareCount)
        let shares = try inclusion.verify(
            commitment: commitment, dataRoot: header.dataAvailabilityHeader.dataRoot)
        var path = BlobProof.Path.none
        if trusted < height {
            path = .later(headers[(trusted - 1)..<(height - 1)].map(\.lightBlock))
        } else if trusted > height {
            path = .earlier(headers[height..<trusted].reversed().map(\.header))
        }
        return BlobProof(
            claims: BlobProof.Claims(
                height: UInt64(height), namespace: blob.namespace, commitment: commitment,
                dataRoot: header.dataAvailabilityHeader.dataRoot, shares: shares),
            inclusion: inclusion, block: header.lightBlock, path: path,
            blob: withBlob ? blob : nil)
    }

    /// What a node would export that sampled the first places of every row.
    public func receipt(of height: Int, count: Int, wanted: Int) -> SamplingReceipt {
        let header = headers[height - 1]
        let roots = header.dataAvailabilityHeader
        let prover = SquareProver(square: squares[height - 1], header: roots)
        let answers = (0..<count).map { index in
            let place = Coordinate(row: index % roots.width, column: index / roots.width)
            let sample = prover.sample(at: place, axis: index % 3 == 0 ? .column : .row).container
            return SamplingReceipt.Answer(
                coordinate: place, sample: sample, digest: SHA256.hash(sample.protobuf),
                peer: "12D3KooW\(index % 3)")
        }
        let isAvailable = count == wanted
        return SamplingReceipt(
            height: UInt64(height), block: header.lightBlock, roots: roots, wanted: wanted,
            isAvailable: isAvailable,
            confidencePartsPerMillion: isAvailable
                ? SamplingConfidence.partsPerMillion(width: roots.width, samples: count) : 0,
            answers: answers)
    }

    private static func start(of blob: Blob, in square: ExtendedDataSquare) throws -> Int {
        let side = square.width / 2
        for index in 0..<side * side {
            let share = square.shareBytes(row: index / side, column: index % side)
            if share.prefix(Namespace.sizeBytes).elementsEqual(blob.namespace.bytes.array) {
                return index
            }
        }
        throw ProofChainFault.noBlob
    }

    private static func keys(_ number: Int) -> [Ed25519PrivateKey] {
        (number..<number + 3).map { Ed25519PrivateKey(seed: Bytes32(repeating: UInt8(1 + $0))) }
    }

    private static func committee(_ number: Int) throws -> ValidatorSet {
        try ValidatorSet(
            keys(number).map { Validator(key: .ed25519($0.publicKey), votingPower: 10) })
    }
}

/// What cannot go wrong in a chain that was just made.
public enum ProofChainFault: Error {
    /// The blob is not in its square.
    case noBlob
}
