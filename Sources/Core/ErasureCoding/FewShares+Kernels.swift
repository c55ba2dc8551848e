// SPDX-License-Identifier: Apache-2.0

internal import CISAL

/// The only caller of ISA-L.
///
/// ISA-L multiplies in another basis, but only through tables that its caller hands it: 32 bytes a
/// factor, the products of low nibbles and of high ones. Given ours, it computes our code. Versions
/// differ in the tables they read on processors with GFNI, so what it computes is tried once, at
/// first use; where it is not ours, plain Swift does the work.
enum FewShareKernels {
    typealias Target = UnsafeMutablePointer<UInt8>?

    /// Whether the library reads tables as we make them.
    static let isLibraryUsable: Bool = {
        let size = 96
        let factors: [UInt8] = [1, 2, 29, 200, 255, 0]
        let tables = KernelFactors(factors, in: GaloisField8.self, for: .avx2).tables
        let bytes = (0..<3 * size).map { UInt8(truncatingIfNeeded: $0 * 73 + 11) }
        func tried(_ run: ([Target], [Target]) -> Void) -> [UInt8] {
            var source = bytes
            var result = [UInt8](repeating: 0x33, count: 2 * size)
            source.withUnsafeMutableBufferPointer { source in
                result.withUnsafeMutableBufferPointer { result in
                    guard let from = source.baseAddress, let to = result.baseAddress else { return }
                    run((0..<3).map { from + $0 * size }, (0..<2).map { to + $0 * size })
                }
            }
            return result
        }
        let computed = tried { sources, targets in
            byLibrary(tables: tables, sources: sources, targets: targets, size: size)
        }
        let expected = tried { sources, targets in
            plainly(factors: factors, sources: sources, targets: targets, size: size)
        }
        return computed == expected
    }()

    /// target[o] = Σ factor[o, i] · source[i].
    static func compute(
        tables: [UInt8], factors: [UInt8], sources: [Target], targets: [Target], size: Int
    ) {
        precondition(factors.count == sources.count * targets.count, "a factor for each pair")
        if isLibraryUsable {
            byLibrary(tables: tables, sources: sources, targets: targets, size: size)
        } else {
            plainly(factors: factors, sources: sources, targets: targets, size: size)
        }
    }

    /// target[o] += factor[o, input] · difference.
    static func update(
        tables: [UInt8], factors: [UInt8], inputCount: Int, input: Int,
        difference: UnsafeMutablePointer<UInt8>, targets: [Target], size: Int
    ) {
        precondition(factors.count == inputCount * targets.count, "a factor for each pair")
        precondition(input >= 0 && input < inputCount, "one of the inputs")
        guard !isLibraryUsable else {
            var tables = tables
            var targets = targets
            ec_encode_data_update(
                Int32(size), Int32(inputCount), Int32(targets.count), Int32(input), &tables,
                difference, &targets)
            return
        }
        for (output, target) in targets.enumerated() {
            guard let target else { continue }
            let factor = factors[output * inputCount + input]
            for at in 0..<size { target[at] ^= GaloisField8.product(factor, difference[at]) }
        }
    }

    private static func byLibrary(
        tables: [UInt8], sources: [Target], targets: [Target], size: Int
    ) {
        var tables = tables
        var sources = sources
        var targets = targets
        ec_encode_data(
            Int32(size), Int32(sources.count), Int32(targets.count), &tables, &sources, &targets)
    }

    /// The definition of `compute`.
    static func plainly(factors: [UInt8], sources: [Target], targets: [Target], size: Int) {
        for (output, target) in targets.enumerated() {
            guard let target else { continue }
            for at in 0..<size {
                var sum: UInt8 = 0
                for (input, source) in sources.enumerated() {
                    guard let source else { continue }
                    let factor = factors[output * sources.count + input]
                    sum ^= GaloisField8.product(factor, source[at])
                }
                target[at] = sum
            }
        }
    }
}
