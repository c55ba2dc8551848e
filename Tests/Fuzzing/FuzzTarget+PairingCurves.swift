// SPDX-License-Identifier: Apache-2.0

internal import PairingCurves

extension FuzzTarget {
    /// What contracts may ask of the pairing curves; the first byte of an input says what.
    static let pairingCurves: [FuzzTarget] = [
        FuzzTarget("bn254-operations") { input in
            guard let kind = input.first else { return }
            let rest = Array(input.dropFirst())
            switch kind % 3 {
            case 0: checkPoint(try? BN254Operations.add(rest), BN254Operations.add)
            case 1: checkPoint(try? BN254Operations.multiply(rest), BN254Operations.add)
            default: _ = try? BN254Operations.pairingsMultiplyToOne(rest)
            }
        },
        FuzzTarget("bls12381-operations") { input in
            guard let kind = input.first else { return }
            let rest = Array(input.dropFirst())
            let (first, second) = (BLS12381Operations.addFirst, BLS12381Operations.addSecond)
            switch kind % 8 {
            case 0: checkPoint(try? first(rest), first)
            case 1: checkPoint(try? second(rest), second)
            case 2: checkPoint(try? BLS12381Operations.sumFirst(rest), first)
            case 3: checkPoint(try? BLS12381Operations.sumSecond(rest), second)
            case 4: _ = try? BLS12381Operations.pairingsMultiplyToOne(rest)
            case 5: checkPoint(try? BLS12381Operations.mapToFirst(rest), first)
            case 6: checkPoint(try? BLS12381Operations.mapToSecond(rest), second)
            default: _ = try? PointEvaluation.verify(rest)
            }
        },
    ]

    /// What comes out is a point: with infinity added it is the same.
    private static func checkPoint(
        _ point: [UInt8]?, _ add: ([UInt8]) throws(CurveFault) -> [UInt8]
    ) {
        guard let point else { return }
        let infinity = [UInt8](repeating: 0, count: point.count)
        precondition((try? add(point + infinity)) == point, "a sum is no point of the curve")
    }
}
