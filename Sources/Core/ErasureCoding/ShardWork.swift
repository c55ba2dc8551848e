// SPDX-License-Identifier: Apache-2.0

/// Shards of one size in one buffer, and the transforms on them, a butterfly at a time.
struct ShardWork {
    private let count: Int
    private let size: Int
    private let isWide: Bool
    private let level: KernelLevel
    private var bytes: [UInt8]

    /// All zero.
    init(count: Int, size: Int, isWide: Bool, level: KernelLevel) {
        self.count = count
        self.size = size
        self.isWide = isWide
        self.level = level
        bytes = [UInt8](repeating: 0, count: count * size)
    }

    func shard(_ index: Int) -> [UInt8] { Array(bytes[index * size..<(index + 1) * size]) }

    mutating func write(_ shard: [UInt8], at index: Int) {
        bytes.replaceSubrange(index * size..<(index + 1) * size, with: shard)
    }

    mutating func add(_ other: ShardWork) {
        for index in bytes.indices { bytes[index] ^= other.bytes[index] }
    }

    mutating func scale(_ index: Int, by factor: KernelFactors) {
        bytes.withUnsafeMutableBufferPointer { [size, isWide, level] bytes in
            guard let base = bytes.baseAddress else { return }
            LeopardKernels.scale(
                base + index * size, isWide: isWide, size: size, factor: factor, level: level)
        }
    }

    /// Values at the points from `offset` become coefficients.
    mutating func invert(offset: Int) {
        var half = 1
        while half < count {
            layer(half: half, offset: offset, isInverse: true)
            half *= 2
        }
    }

    /// Coefficients become values at the points from `offset`.
    mutating func evaluate(offset: Int) {
        var half = count / 2
        while half >= 1 {
            layer(half: half, offset: offset, isInverse: false)
            half /= 2
        }
    }

    /// The formal derivative, plus the polynomial itself.
    mutating func derive() {
        for index in 1..<max(count, 1) {
            let width = (index & -index) * size
            let end = index * size
            for at in end - width..<end { bytes[at] ^= bytes[at + width] }
        }
    }

    private mutating func layer(half: Int, offset: Int, isInverse: Bool) {
        for start in stride(from: 0, to: count, by: 2 * half) {
            let factor = factor(start: offset + start, half: half)
            bytes.withUnsafeMutableBufferPointer { [size, isWide, level] bytes in
                guard let base = bytes.baseAddress else { return }
                for lower in start..<start + half {
                    LeopardKernels.butterfly(
                        isInverse: isInverse, isWide: isWide, lower: base + lower * size,
                        upper: base + (lower + half) * size, size: size, factor: factor,
                        level: level)
                }
            }
        }
    }

    private func factor(start: Int, half: Int) -> KernelFactors {
        isWide
            ? KernelFactors(
                [LeopardTransform<GaloisField16>.factor(start: start, half: half)],
                in: GaloisField16.self, for: level)
            : KernelFactors(
                [LeopardTransform<GaloisField8>.factor(start: start, half: half)],
                in: GaloisField8.self, for: level)
    }
}
