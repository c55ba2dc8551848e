// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import PairingCurves

/// Contracts on the pairing curves: their prices; what they compute is PairingCurves'.
extension Precompiles {
    /// Addition, multiplication and pairing on bn254 (EIP-196, 197; prices of EIP-1108).
    func bn254(_ number: UInt64, _ input: UnsafeRawBufferPointer, gas: Int64) -> Outcome {
        let isCheap = fork >= .istanbul
        switch number {
        case 0x06:
            return priced(isCheap ? 150 : 500, gas) { () throws(CurveFault) in
                try BN254Operations.add(Self.padded(input, 0, 128))
            }
        case 0x07:
            return priced(isCheap ? 6000 : 40000, gas) { () throws(CurveFault) in
                try BN254Operations.multiply(Self.padded(input, 0, 96))
            }
        default:
            let pairs = Int64(input.count / 192)
            let cost = isCheap ? 45000 + 34000 * pairs : 100_000 + 80000 * pairs
            return priced(cost, gas) { () throws(CurveFault) in
                Self.flag(try BN254Operations.pairingsMultiplyToOne(Array(input)))
            }
        }
    }

    /// The proof that a blob's polynomial has a value (EIP-4844).
    func pointEvaluation(_ input: UnsafeRawBufferPointer, gas: Int64) -> Outcome {
        priced(50000, gas) { () throws(CurveFault) in try PointEvaluation.verify(Array(input)) }
    }

    /// The seven contracts on BLS12-381 (EIP-2537).
    func bls12381(_ number: UInt64, _ input: UnsafeRawBufferPointer, gas: Int64) -> Outcome {
        typealias Operations = BLS12381Operations
        switch number {
        case 0x0b:
            return priced(375, gas) { () throws(CurveFault) in
                try Operations.addFirst(Array(input))
            }
        case 0x0c:
            let cost = Self.sumCost(input.count / 160, 12000, Self.firstDiscounts)
            return priced(cost, gas) { () throws(CurveFault) in
                try Operations.sumFirst(Array(input))
            }
        case 0x0d:
            return priced(600, gas) { () throws(CurveFault) in
                try Operations.addSecond(Array(input))
            }
        case 0x0e:
            let cost = Self.sumCost(input.count / 288, 22500, Self.secondDiscounts)
            return priced(cost, gas) { () throws(CurveFault) in
                try Operations.sumSecond(Array(input))
            }
        case 0x0f:
            return priced(37700 + 32600 * Int64(input.count / 384), gas) {
                () throws(CurveFault) in
                Self.flag(try Operations.pairingsMultiplyToOne(Array(input)))
            }
        case 0x10:
            return priced(5500, gas) { () throws(CurveFault) in
                try Operations.mapToFirst(Array(input))
            }
        default:
            return priced(23800, gas) { () throws(CurveFault) in
                try Operations.mapToSecond(Array(input))
            }
        }
    }

    private func priced(
        _ cost: Int64, _ gas: Int64, _ body: () throws(CurveFault) -> [UInt8]
    ) -> Outcome {
        guard cost <= gas else { return .failure }
        do throws(CurveFault) {
            return .success(cost: cost, output: try body())
        } catch {
            return .failure
        }
    }

    private static func flag(_ value: Bool) -> [UInt8] { UInt256(value).bytes32.array }

    /// A sum of many points costs less for each, in thousandths.
    private static func sumCost(_ count: Int, _ single: Int64, _ discounts: [Int64]) -> Int64 {
        guard count > 0 else { return 0 }
        return Int64(count) * single * discounts[min(count, discounts.count) - 1] / 1000
    }

    private static let firstDiscounts: [Int64] = [
        1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669,
        665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619,
        617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589,
        588, 586, 585, 584, 582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567,
        566, 565, 564, 563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 551, 550, 549,
        548, 547, 547, 546, 545, 544, 543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534,
        533, 532, 532, 531, 530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520,
        520, 519,
    ]

    private static let secondDiscounts: [Int64] = [
        1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704,
        699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634,
        632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598, 597,
        595, 593, 592, 590, 589, 587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573, 571,
        570, 569, 568, 567, 566, 565, 563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552,
        552, 551, 550, 549, 548, 547, 546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537,
        537, 536, 535, 535, 534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525,
        524, 524,
    ]
}
