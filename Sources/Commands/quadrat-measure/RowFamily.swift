// SPDX-License-Identifier: Apache-2.0

internal import ErasureCoding

/// One row's parity, its data in cache.
enum RowFamily {
    static func encode(_ yardsticks: Yardsticks) -> [Measurement] {
        [128, 256].flatMap { width in
            let size = width * 512
            return KernelLevel.allCases.filter(\.isSupported).map { level in
                let time = encodingTime(width: width, level: level)
                return Measurement(
                    name: "row.encode/k=\(width)/level=\(level)", value: Double(size) / time,
                    unit: "GB/s", floor: yardsticks.copyRates[size])
            }
        }
    }

    /// One share of an axis from k others, and sixteen of them.
    static func few(_ yardsticks: Yardsticks) -> [Measurement] {
        [1, 16].map { count in
            let width = 128
            let axis = [UInt8](repeating: 0x3B, count: 2 * width * 512)
            var result = [UInt8](repeating: 0, count: count * 512)
            do {
                let few = try FewShares(
                    AxisCode.of(width: width), inputs: Array(0..<width),
                    outputs: Array(width..<width + count))
                let time = axis.withUnsafeBufferPointer { axis in
                    result.withUnsafeMutableBufferPointer { result in
                        guard let from = axis.baseAddress, let to = result.baseAddress else {
                            return 0.0
                        }
                        return ProcessorClock.median(samples: 51, turns: 100) {
                            few.compute(
                                from: from, stride: 512, into: to, targetStride: 512, size: 512)
                        }
                    }
                }
                return Measurement(
                    name: "row.few/k=\(width)/outputs=\(count)", value: time / 1e3, unit: "us")
            } catch {
                preconditionFailure("a parity share from all data: \(error)")
            }
        }
    }

    private static func encodingTime(width: Int, level: KernelLevel) -> Double {
        let code = AxisCode.of(width: width)
        let size = width * 512
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 2 * size, alignment: 4096)
        defer { buffer.deallocate() }
        let data = buffer.initializeMemory(as: UInt8.self, repeating: 0x3B, count: 2 * size)
        return ProcessorClock.median(samples: 51, turns: level == .portable ? 1 : 100) {
            code.encode(
                data, stride: 512, parity: data + size, parityStride: 512, size: 512, level: level)
        }
    }
}
