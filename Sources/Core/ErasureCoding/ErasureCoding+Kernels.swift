// SPDX-License-Identifier: Apache-2.0

internal import CKernels

/// The only callers of the Leopard kernels: every length is checked here, so that C never sees an
/// unchecked count.
enum LeopardKernels {
    /// Bytes that every shard's size is a multiple of.
    static let pieceSize = 64

    /// target = forward(inverse(source)), on `plan.count` shards of `size` bytes.
    static func encode(
        _ plan: TransformPlan, isWide: Bool, from source: UnsafePointer<UInt8>, stride: Int,
        into target: UnsafeMutablePointer<UInt8>, targetStride: Int, size: Int,
        scratch: UnsafeMutableRawPointer?, level: KernelLevel
    ) {
        check(size: size, stride: min(stride, targetStride), level: level)
        precondition(scratch != nil || !isWide, "the larger field needs scratch")
        precondition(
            isWide ? plan.count == 256 || plan.count == 512 : plan.count >= 2 && plan.count <= 128,
            "a size that the kernels have")
        withPlan(plan) { plan in
            let encode = isWide ? ck_leopard16_encode : ck_leopard8_encode
            encode(level.kernel, plan, source, stride, target, targetStride, size, scratch)
        }
    }

    /// Restores lost shards in place; data first, as many as parity.
    static func decode(
        _ plan: TransformPlan, isWide: Bool, shards: UnsafeMutablePointer<UInt8>, stride: Int,
        size: Int, pattern: ErasurePattern, scratch: UnsafeMutableRawPointer?, level: KernelLevel
    ) {
        check(size: size, stride: stride, level: level)
        precondition(scratch != nil || !isWide, "the larger field needs scratch")
        precondition(
            isWide ? plan.count == 512 || plan.count == 1024 : plan.count >= 2 && plan.count <= 256,
            "a size that the kernels have")
        precondition(pattern.kept.count == plan.count, "a pattern of this code")
        precondition(pattern.level == nil || pattern.level == level, "a pattern for this level")
        withPlan(plan) { plan in
            withFactors(pattern.before) { before in
                withFactors(pattern.after) { after in
                    var (before, after) = (before, after)
                    let decode = isWide ? ck_leopard16_decode : ck_leopard8_decode
                    decode(
                        level.kernel, plan, shards, stride, size, pattern.kept, &before, &after,
                        scratch)
                }
            }
        }
    }

    /// One butterfly on two shards.
    static func butterfly(
        isInverse: Bool, isWide: Bool, lower: UnsafeMutablePointer<UInt8>,
        upper: UnsafeMutablePointer<UInt8>, size: Int, factor: KernelFactors, level: KernelLevel
    ) {
        check(size: size, stride: size, level: level)
        withFactors(factor) { factor in
            var factor = factor
            let butterfly = isWide ? ck_leopard16_butterfly : ck_leopard8_butterfly
            butterfly(level.kernel, isInverse, lower, upper, size, &factor)
        }
    }

    /// shard = factor · shard.
    static func scale(
        _ shard: UnsafeMutablePointer<UInt8>, isWide: Bool, size: Int, factor: KernelFactors,
        level: KernelLevel
    ) {
        check(size: size, stride: size, level: level)
        withFactors(factor) { factor in
            var factor = factor
            let scale = isWide ? ck_leopard16_scale : ck_leopard8_scale
            scale(level.kernel, shard, size, &factor)
        }
    }

    /// Copies runs of bytes into a packed tile; `chosen` has a byte for each run, not 0 to copy it.
    static func gather(
        from source: UnsafePointer<UInt8>, stride: Int, into target: UnsafeMutablePointer<UInt8>,
        targetStride: Int, count: Int, width: Int, chosen: [UInt8]? = nil
    ) {
        precondition(chosen == nil || chosen?.count == count, "a choice for each run")
        ck_gather(source, stride, target, targetStride, count, width, chosen)
    }

    /// Copies runs of bytes out of a packed tile, past the caches.
    static func scatter(
        from source: UnsafePointer<UInt8>, stride: Int, into target: UnsafeMutablePointer<UInt8>,
        targetStride: Int, count: Int, width: Int, chosen: [UInt8]? = nil
    ) {
        precondition(chosen == nil || chosen?.count == count, "a choice for each run")
        ck_scatter(source, stride, target, targetStride, count, width, chosen)
    }

    /// A distance of the shares of a tile that is no power of two; for squares, one that kernels
    /// know.
    static func tileStride(width: Int) -> Int {
        width + 64 <= Int(CK_LEOPARD_TILE_STRIDE) ? Int(CK_LEOPARD_TILE_STRIDE) : width + 64
    }

    /// Whether two runs of bytes agree.
    static func equal(
        _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, size: Int
    ) -> Bool {
        ck_equal(a, b, size)
    }

    /// Memory for `encode` and `decode` over `points` points; the smaller field needs none.
    static func withScratch<Result>(
        points: Int, isWide: Bool, _ body: (UnsafeMutableRawPointer?) -> Result
    ) -> Result {
        guard isWide else { return body(nil) }
        return withUnsafeTemporaryAllocation(byteCount: points * 128, alignment: 64) { scratch in
            guard let base = scratch.baseAddress else { preconditionFailure("scratch has bytes") }
            return body(base)
        }
    }

    private static func check(size: Int, stride: Int, level: KernelLevel) {
        precondition(size >= 0 && size.isMultiple(of: pieceSize), "shards of whole pieces")
        precondition(stride >= size, "shards that do not overlap")
        precondition(level.isSupported, "a level that this processor has")
    }

    private static func withPlan(
        _ plan: TransformPlan, _ body: (UnsafePointer<ck_leopard_plan>) -> Void
    ) {
        withFactors(plan.inverse.narrow) { inverse in
            withFactors(plan.inverse.large) { inverseLarge in
                withFactors(plan.forward.narrow) { forward in
                    withFactors(plan.forward.large) { forwardLarge in
                        withFactors(plan.pairing) { pairing in
                            var kernelPlan = ck_leopard_plan(
                                count: plan.count, inverse_wide: plan.inverse.wide,
                                forward_wide: plan.forward.wide,
                                is_inverse_from_zero: plan.inverse.isFromZero,
                                is_forward_from_zero: plan.forward.isFromZero,
                                inverse_large: inverseLarge, forward_large: forwardLarge,
                                pairing: pairing, inverse: inverse, forward: forward)
                            body(&kernelPlan)
                        }
                    }
                }
            }
        }
    }

    /// A list of factors as kernels take it.
    static func withFactors(
        _ factors: KernelFactors, _ body: (ck_leopard_factors) -> Void
    ) {
        factors.matrices.withUnsafeBufferPointer { matrices in
            factors.tables.withUnsafeBufferPointer { tables in
                body(
                    ck_leopard_factors(
                        matrices: matrices.baseAddress, tables: tables.baseAddress))
            }
        }
    }
}
