// SPDX-License-Identifier: Apache-2.0

/// The code of one row or column of a square: k shares and as many of parity.
///
/// Up to k = 128 it is over GF(2^8), beyond that over GF(2^16). This is the fast path, on memory
/// that its caller owns: shares are `size` bytes, a multiple of 64, and `stride` bytes apart.
public struct AxisCode: Sendable {
    /// Shares of data, k: a power of two, 1…512.
    public let width: Int
    /// Whether symbols are of 16 bits.
    public var isWide: Bool { 2 * width > 256 }
    /// Where the shares stand.
    public var points: CodePoints { CodePoints(dataCount: width, parityCount: width) }

    private let extending: TransformPlan
    private let reversing: TransformPlan
    private let restoring: TransformPlan

    /// The code of a width, made once in the life of a program.
    public static func of(width: Int) -> AxisCode {
        precondition(
            width >= 1 && width <= 512 && width.nonzeroBitCount == 1, "a power of two, 1…512")
        return Shelf.code(width)
    }

    init(making width: Int) {
        self.width = width
        func plan(_ count: Int, _ inverse: Int, _ forward: Int) -> TransformPlan {
            2 * width > 256
                ? TransformPlan(
                    count: count, inverseOffset: inverse, forwardOffset: forward,
                    in: GaloisField16.self)
                : TransformPlan(
                    count: count, inverseOffset: inverse, forwardOffset: forward,
                    in: GaloisField8.self)
        }
        extending = plan(width, width, 0)
        reversing = plan(width, 0, width)
        restoring = plan(2 * width, 0, 0)
    }

    /// Writes the parity of k shares.
    public func encode(
        _ data: UnsafePointer<UInt8>, stride: Int, parity: UnsafeMutablePointer<UInt8>,
        parityStride: Int, size: Int, level: KernelLevel = .best
    ) {
        transform(extending, data, stride, parity, parityStride, size, level)
    }

    /// Writes the data of k shares of parity, when nothing else of the axis is known.
    public func decode(
        parity: UnsafePointer<UInt8>, stride: Int, data: UnsafeMutablePointer<UInt8>,
        dataStride: Int, size: Int, level: KernelLevel = .best
    ) {
        transform(reversing, parity, stride, data, dataStride, size, level)
    }

    /// Restores the lost ones of 2k shares in place, data first.
    public func restore(
        _ shares: UnsafeMutablePointer<UInt8>, stride: Int, size: Int, pattern: ErasurePattern,
        level: KernelLevel = .best
    ) {
        guard pattern.lostCount > 0 else { return }
        let half = width * stride
        switch pattern.lostHalf {
        case .parity:
            encode(
                shares, stride: stride, parity: shares + half, parityStride: stride, size: size,
                level: level)
            return
        case .data:
            decode(
                parity: shares + half, stride: stride, data: shares, dataStride: stride,
                size: size, level: level)
            return
        case nil: break
        }
        LeopardKernels.withScratch(points: 2 * width, isWide: isWide) { scratch in
            LeopardKernels.decode(
                restoring, isWide: isWide, shards: shares, stride: stride, size: size,
                pattern: pattern, scratch: scratch, level: level)
        }
    }

    private func transform(
        _ plan: TransformPlan, _ source: UnsafePointer<UInt8>, _ stride: Int,
        _ target: UnsafeMutablePointer<UInt8>, _ targetStride: Int, _ size: Int,
        _ level: KernelLevel
    ) {
        guard width > 1 else {
            target.update(from: source, count: size)
            return
        }
        LeopardKernels.withScratch(points: width, isWide: isWide) { scratch in
            LeopardKernels.encode(
                plan, isWide: isWide, from: source, stride: stride, into: target,
                targetStride: targetStride, size: size, scratch: scratch, level: level)
        }
    }
}

/// The ten codes, each made when it is first asked for.
private enum Shelf {
    static let code1 = AxisCode(making: 1)
    static let code2 = AxisCode(making: 2)
    static let code4 = AxisCode(making: 4)
    static let code8 = AxisCode(making: 8)
    static let code16 = AxisCode(making: 16)
    static let code32 = AxisCode(making: 32)
    static let code64 = AxisCode(making: 64)
    static let code128 = AxisCode(making: 128)
    static let code256 = AxisCode(making: 256)
    static let code512 = AxisCode(making: 512)

    static func code(_ width: Int) -> AxisCode {
        switch width {
        case 1: code1
        case 2: code2
        case 4: code4
        case 8: code8
        case 16: code16
        case 32: code32
        case 64: code64
        case 128: code128
        case 256: code256
        default: code512
        }
    }
}
