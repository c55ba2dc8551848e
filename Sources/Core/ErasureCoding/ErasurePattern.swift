// SPDX-License-Identifier: Apache-2.0

/// Which shares of an axis are lost, with the factors that restoring them needs.
///
/// Making one costs more than using it on a row; axes that lost the same shares share one.
public struct ErasurePattern: Sendable {
    /// By point: 0xFF for what is there, 0 for what is lost.
    let kept: [UInt8]
    /// By share: 1 for what is there, 0 for what is lost.
    let keptShares: [UInt8]
    /// By share: 0 for what is there, 1 for what is lost.
    let lostShares: [UInt8]
    /// The half that is lost and nothing else, if so: then the transforms of encoding do.
    let lostHalf: LostHalf?
    /// What known symbols are multiplied by, by point.
    let before: KernelFactors
    /// What restored symbols are multiplied by, by point.
    let after: KernelFactors
    /// The level it was made for; nil: all.
    let level: KernelLevel?
    /// Shares that are lost.
    public let lostCount: Int

    /// Data or parity, all of it.
    enum LostHalf {
        case data
        case parity
    }

    /// - Parameters:
    ///   - code: The code of the axis.
    ///   - isKept: Whether each of the axis's 2k shares is there, data first.
    ///   - level: The only level that it will be used with, to halve the work; nil for all.
    /// - Throws: `tooFewShards` when fewer than k are there.
    public init(
        _ code: AxisCode, isKept: [Bool], level: KernelLevel? = KernelLevel.best
    ) throws(ErasureFault) {
        let count = 2 * code.width
        guard isKept.count == count else {
            throw .shardCount(expected: count, actual: isKept.count)
        }
        lostCount = isKept.count { !$0 }
        guard count - lostCount >= code.width else {
            throw .tooFewShards(needed: code.width, available: count - lostCount)
        }
        self.level = level
        kept = (0..<count).map { isKept[$0 ^ code.width] ? 0xFF : 0 }
        keptShares = isKept.map { $0 ? 1 : 0 }
        lostShares = isKept.map { $0 ? 0 : 1 }
        if lostCount == code.width, !isKept[code.width...].contains(true) {
            lostHalf = .parity
        } else if lostCount == code.width, !isKept[..<code.width].contains(true) {
            lostHalf = .data
        } else {
            lostHalf = nil
        }
        (before, after) =
            code.isWide
            ? Self.factors(GaloisField16.self, code, isKept, level)
            : Self.factors(GaloisField8.self, code, isKept, level)
    }

    /// Whether a share of the axis is there, data first.
    public func isKept(_ share: Int) -> Bool { keptShares[share] != 0 }

    private static func factors<Field: BinaryField>(
        _ field: Field.Type, _ code: AxisCode, _ isKept: [Bool], _ level: KernelLevel?
    ) -> (before: KernelFactors, after: KernelFactors) {
        let locator = ErrorLocator<Field>(points: code.points, isKept: isKept)
        let all = 0..<2 * code.width
        return (
            KernelFactors(
                all.map { locator.factor(at: $0) }, in: field, form: .pairing, for: level),
            KernelFactors(
                all.map { locator.inverseFactor(at: $0) }, in: field, form: .unpairing, for: level)
        )
    }
}
