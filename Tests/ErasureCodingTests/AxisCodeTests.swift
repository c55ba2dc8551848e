// SPDX-License-Identifier: Apache-2.0

import ErasureCoding
import Testing

/// The kernels, at every level that this processor has, against the algorithm.
@Suite struct AxisCodeTests {
    static let levels = KernelLevel.allCases.filter(\.isSupported)

    /// The parity of one axis by the plain algorithm, symbol by symbol.
    static func plainParity(width: Int, size: Int, data: [UInt8]) -> [UInt8] {
        let points = CodePoints(dataCount: width, parityCount: width)
        var parity = [UInt8](repeating: 0, count: data.count)
        guard 2 * width > 256 else {
            let code = LeopardCode<GaloisField8>(points: points)
            for at in 0..<size {
                let symbols = code.parity(of: (0..<width).map { data[$0 * size + at] })
                for (index, symbol) in symbols.enumerated() { parity[index * size + at] = symbol }
            }
            return parity
        }
        let code = LeopardCode<GaloisField16>(points: points)
        for piece in stride(from: 0, to: size, by: 64) {
            for low in piece..<piece + 32 {
                let word: [UInt16] = (0..<width).map { shard in
                    let low = shard * size + low
                    return UInt16(data[low]) | UInt16(data[low + 32]) << 8
                }
                let symbols = code.parity(of: word)
                for (index, symbol) in symbols.enumerated() {
                    parity[index * size + low] = UInt8(truncatingIfNeeded: symbol)
                    parity[index * size + low + 32] = UInt8(symbol >> 8)
                }
            }
        }
        return parity
    }

    private static func encoded(
        _ code: AxisCode, _ data: [UInt8], size: Int, shift: Int, level: KernelLevel
    ) -> [UInt8] {
        let source = [UInt8](repeating: 0xA5, count: shift) + data
        let guarded = [UInt8](repeating: 0x5A, count: data.count + 128)
        var target = guarded
        source.withUnsafeBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                code.encode(
                    from + shift, stride: size, parity: to + 64 - shift, parityStride: size,
                    size: size, level: level)
            }
        }
        let written = 64 - shift..<64 - shift + data.count
        #expect(target[..<written.lowerBound] == guarded[..<written.lowerBound])
        #expect(target[written.upperBound...] == guarded[written.upperBound...])
        return Array(target[written])
    }

    /// Every width and level, one to five pieces, gives the algorithm's parity.
    @Test(arguments: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]) func parity(width: Int) {
        let code = AxisCode.of(width: width)
        for size in width > 64 ? [64, 192] : [64, 128, 192, 256, 320] {
            var numbers = SeededNumbers(width + size)
            let data = numbers.bytes(width * size)
            let expected = Self.plainParity(width: width, size: size, data: data)
            for level in Self.levels {
                let parity = Self.encoded(code, data, size: size, shift: 0, level: level)
                let isEqual = parity == expected
                #expect(isEqual, "\(width) \(size) \(level)")
            }
        }
    }

    /// All 64 alignments of source and target; nothing beside the target is written.
    @Test(arguments: [2, 16, 128, 256]) func alignments(width: Int) {
        let code = AxisCode.of(width: width)
        var numbers = SeededNumbers(width)
        let data = numbers.bytes(width * 64)
        let expected = Self.encoded(code, data, size: 64, shift: 0, level: .portable)
        for level in Self.levels {
            for shift in 0..<64 {
                let parity = Self.encoded(code, data, size: 64, shift: shift, level: level)
                let isEqual = parity == expected
                #expect(isEqual, "\(width) \(level) \(shift)")
            }
        }
    }

    /// Parity written over its data, as the column pass does.
    @Test(arguments: [2, 8, 32, 128, 256]) func inPlace(width: Int) {
        let code = AxisCode.of(width: width)
        var numbers = SeededNumbers(width)
        let data = numbers.bytes(width * 64)
        let expected = Self.encoded(code, data, size: 64, shift: 0, level: .portable)
        for level in Self.levels {
            var work = data
            work.withUnsafeMutableBufferPointer { work in
                guard let base = work.baseAddress else { return }
                code.encode(
                    base, stride: 64, parity: base, parityStride: 64, size: 64, level: level)
            }
            let isEqual = work == expected
            #expect(isEqual, "\(width) \(level)")
        }
    }

    /// The other way: parity alone gives the data.
    @Test(arguments: [1, 2, 4, 16, 128, 256, 512]) func dataOfParity(width: Int) {
        let code = AxisCode.of(width: width)
        var numbers = SeededNumbers(width)
        let data = numbers.bytes(width * 64)
        for level in Self.levels {
            let parity = Self.encoded(code, data, size: 64, shift: 0, level: level)
            var back = [UInt8](repeating: 0, count: data.count)
            parity.withUnsafeBufferPointer { parity in
                back.withUnsafeMutableBufferPointer { back in
                    guard let from = parity.baseAddress, let to = back.baseAddress else { return }
                    code.decode(
                        parity: from, stride: 64, data: to, dataStride: 64, size: 64, level: level)
                }
            }
            let isEqual = back == data
            #expect(isEqual, "\(width) \(level)")
        }
    }
}
