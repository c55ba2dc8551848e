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
