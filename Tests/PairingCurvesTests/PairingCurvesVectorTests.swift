// SPDX-License-Identifier: Apache-2.0

import PairingCurves
import TestSupport
import Testing

/// Answers of another implementation to each operation.
@Suite struct PairingCurvesVectorTests {
    private static let operations: [String: @Sendable ([UInt8]) throws -> [UInt8]] = [
        "bn254_add": { try BN254Operations.add($0) },
        "bn254_multiply": { try BN254Operations.multiply($0) },
        "bn254_pairing": { [try BN254Operations.pairingsMultiplyToOne($0) ? 1 : 0] },
        "bls_add_first": { try BLS12381Operations.addFirst($0) },
        "bls_add_second": { try BLS12381Operations.addSecond($0) },
        "bls_sum_first": { try BLS12381Operations.sumFirst($0) },
        "bls_sum_second": { try BLS12381Operations.sumSecond($0) },
        "bls_pairing": { [try BLS12381Operations.pairingsMultiplyToOne($0) ? 1 : 0] },
        "bls_map_first": { try BLS12381Operations.mapToFirst($0) },
        "bls_map_second": { try BLS12381Operations.mapToSecond($0) },
        "point_evaluation": { try PointEvaluation.verify($0) },
    ]

    @Test func knownAnswers() throws {
        let family = try Vectors.family("pairing_curves")
        var seen: [String: Int] = [:]
        for vector in family.cases {
            let name = try vector["op"].string
            let operation = try #require(Self.operations[name], "\(name)")
            let id = try vector["id"].string
            let input = try vector["input"].hex
            if let expected = try vector.optional("output")?.hex {
                let output = try operation(input)
                #expect(output == expected, "\(id)")
            } else {
                #expect(throws: CurveFault.self, "\(id)") { try operation(input) }
            }
            seen[name, default: 0] += 1
        }
        #expect(seen.count == Self.operations.count)
        #expect(Vectors.isWhole(family.cases.count, own: 108))
    }

    /// Every single bit of a point matters: no altered input is taken for the same one.
    @Test func alteredPairingsDoNotHold() throws {
        let family = try Vectors.family("pairing_curves")
        let vector = try #require(
            family.cases.first { (try? $0["id"].string) == "bn_pairing_true_0" })
        let input = try vector["input"].hex
        for place in stride(from: 0, to: input.count, by: 5) {
            var altered = input
            altered[place] ^= 1 << UInt8(place % 8)
            let holds = try? BN254Operations.pairingsMultiplyToOne(altered)
            #expect(holds != true, "byte \(place)")
        }
    }
}
