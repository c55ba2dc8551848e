// SPDX-License-Identifier: Apache-2.0

import ErasureCoding
import Testing

/// The algorithm against the definition.
@Suite struct LeopardCodeTests {
    private func expectParityOfDefinition<Field: BinaryField>(
        _ field: Field.Type, data: Int, parity: Int
    ) {
        let points = CodePoints(dataCount: data, parityCount: parity)
        var numbers = SeededNumbers(data * 1000 + parity)
        let symbols = numbers.symbols(data, of: Field.Symbol.self)
        #expect(
            LeopardCode<Field>(points: points).parity(of: symbols)
                == ReferenceCode<Field>(points: points).parity(of: symbols),
            "\(data) + \(parity)")
    }

    /// Interpolation gives the same parity, for all small counts and the squares' sizes.
    @Test func parityIsTheInterpolatedPolynomials() {
        for data in 1...9 {
            for parity in 1...9 {
                expectParityOfDefinition(GaloisField8.self, data: data, parity: parity)
                expectParityOfDefinition(GaloisField16.self, data: data, parity: parity)
            }
        }
        for width in [16, 32, 64] {
            expectParityOfDefinition(GaloisField8.self, data: width, parity: width)
        }
    }

    /// Parity that the format's description states.
    @Test func knownParity() {
        func parity8(_ data: [UInt8]) -> [UInt8] {
            let points = CodePoints(dataCount: data.count, parityCount: data.count)
            return LeopardCode<GaloisField8>(points: points).parity(of: data)
        }
        #expect(parity8([7]) == [7])
        #expect(parity8([1, 0]) == [3, 2])
        #expect(parity8([0, 1]) == [2, 3])
        #expect(parity8([1, 2, 3, 4]) == [0x09, 0x00, 0x03, 0x0E])
        let points = CodePoints(dataCount: 256, parityCount: 256)
        let parity = LeopardCode<GaloisField16>(points: points)
            .parity(of: [1] + [UInt16](repeating: 0, count: 255))
        #expect(Array(parity.prefix(4)) == [0x2371, 0x2352, 0xF7F7, 0xF700])
    }

    /// Every choice of survivors of every small code restores the word, or is refused.
    @Test func everyErasurePatternOfSmallCodes() {
        for (data, parity) in [(1, 1), (2, 2), (4, 4), (3, 2), (2, 5), (5, 3), (6, 2)] {
            let code = LeopardCode<GaloisField8>(
                points: CodePoints(dataCount: data, parityCount: parity))
            var numbers = SeededNumbers(data * 31 + parity)
            let symbols = numbers.symbols(data, of: UInt8.self)
            let word = symbols + code.parity(of: symbols)
            for kept in 0..<1 << word.count {
                let known = word.indices.map { kept >> $0 & 1 == 1 ? word[$0] : nil }
                let isEnough = kept.nonzeroBitCount >= data
                #expect(
                    code.restored(known) == (isEnough ? word : nil), "\(data)+\(parity) \(kept)")
            }
        }
    }

    /// Parity alone gives the data by the transforms the other way.
    @Test(arguments: [1, 2, 8, 64, 128]) func parityGivesData(width: Int) {
        let code = LeopardCode<GaloisField8>(
            points: CodePoints(dataCount: width, parityCount: width))
        var numbers = SeededNumbers(width)
        let data = numbers.symbols(width, of: UInt8.self)
        #expect(code.data(ofParity: code.parity(of: data)) == data)
    }
}
