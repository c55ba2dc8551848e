// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import TestSupport
import Testing

/// Bad-encoding proofs of the reference, honest and altered (family befp).
///
/// Lenient cases have a share's proof at another place than the share's own; the reference takes
/// them, we refuse.
@Suite struct BadEncodingVectors {
    /// Our verdict on every proof is the reference's; valid messages come back byte for byte.
    @Test func everyVerdict() throws {
        var counts = (all: 0, proven: 0, lenient: 0)
        for test in try Vectors.family("befp").cases {
            counts.all += 1
            let header = try Self.square(of: test).definedHeader
            #expect(try header.dataRoot.array == test["data_root"].hex, "\(test.id)")
            let bytes = try test["befp_pb"].hex
            let proof = try? BadEncodingProof(protobuf: bytes)
            let height = try test["header_height"].unsigned
            let isProven: Bool
            do {
                try #require(proof).verify(height: height, header: header)
                isProven = true
            } catch {
                isProven = false
            }
            let isLenient = try test.optional("lenient")?.bool ?? false
            let expected = try test["fraud_proven"].bool && !isLenient
            #expect(isProven == expected, "\(test.id) \(test.about)")
            #expect(proof == nil || proof?.protobuf == bytes, "\(test.id)")
            counts.proven += isProven ? 1 : 0
            counts.lenient += isLenient ? 1 : 0
        }
        print("vectors: befp: \(counts)")
        #expect(Vectors.isWhole(counts.all, own: 168))
    }

    /// From samples of the corrupted line we make a proof that holds, and from others none.
    @Test func everyProofMade() throws {
        var count = 0
        for test in try Vectors.family("befp").cases where test.about.hasPrefix("row: all shares") {
            count += 1
            let square = try Self.square(of: test)
            let prover = try square.definedProver
            let flip = try test["flip"]
            let isHonest = try test["honest_encoding"].bool
            for axis in Axis.allCases {
                let index =
                    try axis == .row ? flip["row"].integer : flip["col"].integer
                let samples = { (proofAxis: (Int) -> Axis) in
                    (0..<square.width).map {
                        prover.sample(
                            at: Coordinate(axis, index, position: $0), axis: proofAxis($0))
                    }
                }
                let known = [
                    samples { _ in .row }, samples { _ in .column },
                    samples { $0.isMultiple(of: 2) ? .row : .column },
                ]
                for known in known + known.prefix(2).map({ Array($0.suffix(square.width / 2)) }) {
                    let made = BadEncodingProof.make(
                        headerHash: [1], height: 9, axis: axis, index: index, samples: known,
                        header: prover.header)
                    #expect((made == nil) == isHonest, "\(test.id) \(axis)")
                }
                let few = Array(known[0].prefix(square.width / 2 - 1))
                #expect(
                    BadEncodingProof.make(
                        headerHash: [1], height: 9, axis: axis, index: index, samples: few,
                        header: prover.header) == nil)
            }
        }
        print("vectors: befp: \(count) made")
        #expect(Vectors.isWhole(count, own: 16))
    }

    private static func square(of test: JSONTree) throws -> ExtendedDataSquare {
        let honest = try SquareOfVector(test["ods"]).extended
        guard try !test["honest_encoding"].bool else { return honest }
        let flip = try test["flip"]
        var bytes = honest.bytes
        let cell = try flip["row"].integer * honest.width + flip["col"].integer
        bytes[cell * Share.sizeBytes + (try flip["offset"].integer)] ^=
            UInt8(try flip["xor"].integer)
        return try ExtendedDataSquare(width: honest.width, bytes: bytes)
    }
}
