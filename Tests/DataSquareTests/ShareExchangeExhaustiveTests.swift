// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import Testing

/// Every piece of the smallest squares, and every bit of one sample.
@Suite struct ShareExchangeExhaustiveTests {
    static func prover(_ width: Int, sharesPerNamespace: Int = 1) throws -> SquareProver {
        try SquareOfVector(
            width: width, seed: "quadrat/exhaustive/\(width)", stride: 2,
            sharesPerNamespace: sharesPerNamespace, tail: width == 4 ? 2 : 0
        ).extended.definedProver
    }

    /// Every share of squares of k = 1, 2 and 4 is proven on both axes, at its place and at no
    /// other; kernels and definition agree.
    @Test(arguments: [1, 2, 4]) func everySample(_ width: Int) throws {
        let prover = try Self.prover(width)
        let header = prover.header
        let places = (0..<4 * width * width).map {
            Coordinate(row: $0 / (2 * width), column: $0 % (2 * width))
        }
        for place in places {
            for axis in Axis.allCases {
                let sample = prover.sample(at: place, axis: axis).container
                #expect(try UnverifiedSample(protobuf: sample.protobuf) == sample)
                let verdicts = VerifiedSample.verify(
                    batch: places.map { (sample, $0) }, against: header)
                for (other, verdict) in zip(places, verdicts) {
                    let isHere = (try? verdict.get()) != nil
                    #expect(isHere == Self.definition(sample, at: other, header))
                    #expect(isHere || other != place)
                    // Parity that repeats in a square of one share stands at several places.
                    #expect(
                        !isHere || other == place || width == 1
                            || sample
                                == prover.sample(
                                    at: other, axis: axis
                                ).container
                    )
                }
            }
        }
    }

    /// What is read off a committed square's digests is what hashing anew gives: every sample, row,
    /// range, namespace and proof to the data root of small squares.
    @Test(arguments: [(1, 1), (2, 1), (2, 3), (4, 1), (4, 7), (8, 9)])
    func committedAndHashedAgree(_ width: Int, _ sharesPerNamespace: Int) throws {
        let square = try SquareOfVector(
            width: width, seed: "quadrat/committed", stride: 2,
            sharesPerNamespace: sharesPerNamespace, tail: width > 2 ? 3 : 0
        ).extended
        let committed = CommittedSquare(square)
        let read = SquareProver(committed)
        let hashed = try square.definedProver
        #expect(read.header.rowRoots == hashed.header.rowRoots)
        #expect(read.header.columnRoots == hashed.header.columnRoots)
        for row in 0..<2 * width {
            #expect(read.row(row) == hashed.row(row))
            for column in 0..<2 * width {
                let place = Coordinate(row: row, column: column)
                for axis in Axis.allCases {
                    let sample = hashed.sample(at: place, axis: axis)
                    #expect(read.sample(at: place, axis: axis) == sample)
                    #expect(committed.sample(at: place, axis: axis) == sample)
                }
            }
        }
        for start in 0..<width * width {
            for end in start + 1...width * width {
                let pieces = [read, hashed].map { prover in
                    Result { () throws(VerificationFault) in try prover.range(start..<end) }
                }
                #expect(pieces[0] == pieces[1])
                let proofs = [read, hashed].map { prover in
                    Result { () throws(VerificationFault) in try prover.shareProof(start..<end) }
                }
                #expect(proofs[0] == proofs[1])
                let commitments = [read, hashed].map { prover in
                    Result { () throws(VerificationFault) in
                        try prover.commitmentProof(start..<end, threshold: 4)
                    }
                }
                #expect(commitments[0] == commitments[1])
            }
        }
        for number in UInt8(0)...255 {
            let namespace = try Namespace(userID: [1, number])
            #expect(try read.namespaceData(namespace) == hashed.namespaceData(namespace))
        }
    }

    private static func definition(
        _ sample: UnverifiedSample, at place: Coordinate, _ header: DataAvailabilityHeader
    ) -> Bool {
        let position = place.position(on: sample.axis)
        return sample.proof.start == position && sample.proof.end == position + 1
            && sample.proof.verifyInclusion(
                namespace: place.isOriginal(width: header.width)
                    ? sample.share.namespace : .parity,
                leaves: [sample.share.bytes],
                root: header.root(of: sample.axis, place.index(of: sample.axis)),
                leafCount: header.width)
    }

    /// A tree whose leaves are out of order proves nothing, though every digest in it is right: who
    /// made such a root could hide shares from their namespace.
    @Test func disorderedTreesProveNothing() throws {
        func node(_ left: NamespacedHash, _ right: NamespacedHash) -> NamespacedHash {
            let isParity = right.minimum == .parity
            return NamespacedHash(
                minimum: left.minimum, maximum: isParity ? left.maximum : right.maximum,
                digest: SHA256.hash([1] + left.bytes.array + right.bytes.array))
        }
        for numbers in [[9, 4], [4, 9]] as [[UInt8]] {
            let shares = try (numbers + [1, 2]).enumerated().map { index, number in
                let bytes = [UInt8](repeating: 0, count: 28) + [number]
                return try Share(decoding: bytes + [UInt8](repeating: UInt8(index), count: 483))
            }
            let leaves = shares.enumerated().map { index, share in
                NamespacedHash.leaf(
                    namespace: index < 2 ? share.namespace : .parity, data: share.bytes)
            }
            let halves = [node(leaves[0], leaves[1]), node(leaves[2], leaves[3])]
            let root = node(halves[0], halves[1])
            let header = try DataAvailabilityHeader(
                rowRoots: [root, root, root, root], columnRoots: [root, root, root, root])
            for position in 0..<4 {
                let sibling = leaves[position ^ 1]
                let other = halves[position < 2 ? 1 : 0]
                let nodes =
                    switch position {
                    case 0: [sibling, other]
                    case 1: [sibling, other]
                    default: [other, sibling]
                    }
                let sample = UnverifiedSample(
                    share: shares[position],
                    proof: NamespaceProof(start: position, end: position + 1, nodes: nodes),
                    axis: .row)
                let place = Coordinate(row: 0, column: position)
                let isVerified = (try? sample.verify(at: place, against: header)) != nil
                #expect(isVerified == (numbers == [4, 9]), "\(numbers) \(position)")
                #expect(isVerified == Self.definition(sample, at: place, header))
            }
        }
    }

    /// Every bit of an encoded sample matters: with any one flipped the bytes are refused, or the
    /// sample is, or it reads as the very same sample.
    @Test func everyBitOfASample() throws {
        let prover = try Self.prover(2)
        var counts = (undecodable: 0, refused: 0, same: 0)
        for place in [
            Coordinate(row: 0, column: 1), Coordinate(row: 1, column: 3),
            Coordinate(row: 3, column: 0),
        ] {
            for axis in Axis.allCases {
                let sample = prover.sample(at: place, axis: axis).container
                let bytes = sample.protobuf
                for bit in 0..<bytes.count * 8 {
                    var flipped = bytes
                    flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                    guard let decoded = try? UnverifiedSample(protobuf: flipped) else {
                        counts.undecodable += 1
                        continue
                    }
                    if (try? decoded.verify(at: place, against: prover.header)) == nil {
                        counts.refused += 1
                    } else {
                        counts.same += 1
                        #expect(decoded == sample, "bit \(bit)")
                    }
                    #expect(
                        Self.definition(decoded, at: place, prover.header)
                            == ((try? decoded.verify(at: place, against: prover.header)) != nil))
                }
            }
        }
        print("exhaustive: bits of a sample: \(counts)")
        #expect(counts.undecodable > 0 && counts.refused > 20_000)
    }

    /// A batch of any size gives each sample its own verdict, in order.
    @Test func batches() throws {
        let prover = try Self.prover(4)
        let good = (0..<64).map { index in
            let place = Coordinate(row: index / 8, column: index % 8)
            return (sample: prover.sample(at: place).container, coordinate: place)
        }
        for count in 0...40 {
            for bad in [0, 5, 15, 16, 31, count - 1] where bad >= 0 && bad < count {
                var batch = Array(good.prefix(count))
                var bytes = batch[bad].sample.share.bytes
                bytes[300] ^= 4
                batch[bad].sample = UnverifiedSample(
                    share: try Share(decoding: bytes), proof: batch[bad].sample.proof, axis: .row)
                let verdicts = VerifiedSample.verify(batch: batch, against: prover.header)
                #expect(verdicts.count == count)
                for (index, verdict) in verdicts.enumerated() {
                    let expected: Result<Coordinate, VerificationFault> =
                        index == bad
                        ? .failure(.proofInvalid(.row, index: batch[bad].coordinate.row))
                        : .success(batch[index].coordinate)
                    #expect(verdict.map(\.coordinate) == expected)
                }
            }
        }
    }

    /// Both halves of every row give the whole row; a changed, missing or foreign share does not.
    @Test(arguments: [1, 2, 4]) func everyRow(_ width: Int) throws {
        let prover = try Self.prover(width)
        for index in 0..<2 * width {
            let row = prover.row(index)
            for side in [UnverifiedRow.Side.left, .right] {
                let half = Array(
                    side == .left ? row.shares.prefix(width) : row.shares.suffix(width))
                let sent = try UnverifiedRow(
                    protobuf: UnverifiedRow(half: half, side: side).protobuf)
                #expect(try sent.verify(row: index, against: prover.header) == row)
                for other in [-1, 2 * width, Int.max] {
                    #expect(throws: VerificationFault.outside(width: 2 * width)) {
                        try sent.verify(row: other, against: prover.header)
                    }
                }
                for (position, share) in half.enumerated() {
                    var bytes = share.bytes
                    bytes[28] ^= 1
                    var altered = half
                    altered[position] = try Share(decoding: bytes)
                    #expect(throws: VerificationFault.rootMismatch(.row, index: index)) {
                        try UnverifiedRow(half: altered, side: side).verify(
                            row: index, against: prover.header)
                    }
                }
                #expect(
                    throws: VerificationFault.shareCount(expected: width, actual: width - 1)
                ) {
                    try UnverifiedRow(half: half.dropLast(), side: side).verify(
                        row: index, against: prover.header)
                }
            }
        }
    }
}
