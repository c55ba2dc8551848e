// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CKernels

/// The trees of all rows and columns of a square, with each leaf hashed once.
///
/// A leaf's digest is the same in its row's tree and its column's. Trees are built a few side by
/// side, in a scratch of 90-byte nodes; what is kept of inner nodes is their digests, since their
/// namespaces follow from the shares. Equal to `NamespacedMerkleTree`, which is the definition.
struct SquareForest: Sendable {
    static let digestSize = 32

    /// Shares on a side, 2k.
    let width: Int
    /// Leaf digests, row-major; then the 90-byte roots of all rows and all columns; then, if they
    /// were asked for, the inner digests of rows and of columns, group after group.
    let store: [UInt8]
    /// SHA-256 compressions that building it took.
    let compressionCount: Int

    /// Trees that are built side by side.
    static func groupSize(width: Int) -> Int { min(width, 8) }

    /// Where the roots begin in the store.
    static func rootsStart(width: Int) -> Int { width * width * digestSize }

    /// Where the inner digests begin in the store.
    static func innerStart(width: Int) -> Int {
        rootsStart(width: width) + 2 * width * NamespacedHash.sizeBytes
    }

    /// Hashes a square; `keepsInner` keeps what proofs need.
    init(of square: ExtendedDataSquare, keepsInner: Bool, parallel: ParallelLoop) {
        let width = square.width
        let innerSize = keepsInner ? 2 * width * (width - 1) * Self.digestSize : 0
        let size = Self.innerStart(width: width) + innerSize
        let namespaces = UnsafeMutablePointer<UInt8>.allocate(
            capacity: width * width / 4 * Namespace.sizeBytes)
        let counts = UnsafeMutablePointer<Int>.allocate(capacity: width)
        unsafe counts.initialize(repeating: 0, count: width)
        defer {
            unsafe namespaces.deallocate()
            unsafe counts.deallocate()
        }
        store = unsafe [UInt8](unsafeUninitializedCapacity: size) { store, count in
            count = size
            unsafe square.bytes.withUnsafeBufferPointer { shares in
                guard let shares = shares.baseAddress, let store = store.baseAddress else { return }
                unsafe Work(
                    width: width, shares: shares, leaves: store,
                    roots: store + Self.rootsStart(width: width),
                    inner: keepsInner ? store + Self.innerStart(width: width) : nil,
                    namespaces: namespaces, counts: counts
                ).run(parallel)
            }
        }
        compressionCount = unsafe UnsafeBufferPointer(start: counts, count: width).reduce(0, +)
        self.width = width
    }
}

/// Pointers to everything that turns write to, each to its own lines.
@safe private struct Work: @unchecked Sendable {
    let width: Int
    let shares: UnsafePointer<UInt8>
    let leaves: UnsafeMutablePointer<UInt8>
    let roots: UnsafeMutablePointer<UInt8>
    let inner: UnsafeMutablePointer<UInt8>?
    let namespaces: UnsafeMutablePointer<UInt8>
    let counts: UnsafeMutablePointer<Int>

    private var half: Int { width / 2 }
    private var group: Int { SquareForest.groupSize(width: width) }
    private static let parity = [UInt8](repeating: 0xFF, count: Namespace.sizeBytes)

    func run(_ parallel: ParallelLoop) {
        let group = group
        parallel.forEachRange(of: width, unit: group) { rows in
            unsafe withNodes { nodes in
                for first in stride(from: rows.lowerBound, to: rows.upperBound, by: group) {
                    for row in first..<first + group { hashLeaves(ofRow: row) }
                    unsafe buildRows(first, nodes)
                }
            }
        }
        parallel.forEachRange(of: width, unit: group) { columns in
            unsafe withNodes { nodes in
                for first in stride(from: columns.lowerBound, to: columns.upperBound, by: group) {
                    unsafe buildColumns(first, nodes)
                }
            }
        }
    }

    private func withNodes(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
        let count = group * width * NamespacedHash.sizeBytes
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { nodes in
            guard let base = nodes.baseAddress else { return }
            unsafe body(base)
        }
    }

    /// Leaf digests of a row, and its namespaces where they are the shares' own.
    private func hashLeaves(ofRow row: Int) {
        let size = Share.sizeBytes
        let level = ck_sha256_best()
        let start = unsafe shares + row * width * size
        let digests = unsafe leaves + row * width * SquareForest.digestSize
        let original = row < half ? half : 0
        var count = 0
        if original > 0 {
            count += unsafe ck_nmt_leaves(level, start, size, start, size, original, digests)
            let target = unsafe namespaces + row * half * Namespace.sizeBytes
            for column in 0..<half {
                unsafe (target + column * Namespace.sizeBytes).update(
                    from: start + column * size, count: Namespace.sizeBytes)
            }
        }
        count += unsafe ck_nmt_leaves(
            level, start + original * size, size, Self.parity, 0, width - original,
            digests + original * SquareForest.digestSize)
        unsafe counts[row] += count
    }

    private func buildRows(_ first: Int, _ nodes: UnsafeMutablePointer<UInt8>) {
        unsafe build(
            first, axis: 0, nodes, hasOriginal: first < half,
            digests: (start: first * width, pitch: 1, step: width),
            namespaces: (start: first * half, pitch: 1, step: half))
    }

    private func buildColumns(_ first: Int, _ nodes: UnsafeMutablePointer<UInt8>) {
        unsafe build(
            first, axis: 1, nodes, hasOriginal: first < half,
            digests: (start: first, pitch: width, step: 1),
            namespaces: (start: first, pitch: half, step: 1))
    }

    /// Builds the trees of the lines from `first`, which lie on one side of the middle, or are all.
    private func build(
        _ first: Int, axis: Int, _ nodes: UnsafeMutablePointer<UInt8>, hasOriginal: Bool,
        digests: (start: Int, pitch: Int, step: Int),
        namespaces: (start: Int, pitch: Int, step: Int)
    ) {
        let size = SquareForest.digestSize
        // In a square of 2 × 2 or 4 × 4… whose lines are all one group, only the first half of them
        // have original shares.
        let mixed = hasOriginal ? min(group, half) : 0
        if mixed > 0 {
            var places = unsafe ck_nmt_leaf_places(
                digests: leaves + digests.start * size, digest_pitch: digests.pitch * size,
                digest_step: digests.step * size,
                namespaces: self.namespaces + namespaces.start * Namespace.sizeBytes,
                namespace_pitch: namespaces.pitch * Namespace.sizeBytes,
                namespace_step: namespaces.step * Namespace.sizeBytes)
            unsafe ck_nmt_leaf_nodes(&places, 0, half, mixed, width, nodes)
        }
        unsafe Self.parity.withUnsafeBufferPointer { parity in
            func writeParity(trees: Range<Int>, leaves range: Range<Int>) {
                let start = digests.start + trees.lowerBound * digests.step
                var places = unsafe ck_nmt_leaf_places(
                    digests: leaves + (start + range.lowerBound * digests.pitch) * size,
                    digest_pitch: digests.pitch * size, digest_step: digests.step * size,
                    namespaces: parity.baseAddress, namespace_pitch: 0, namespace_step: 0)
                unsafe ck_nmt_leaf_nodes(
                    &places, range.lowerBound, range.count, trees.count, width,
                    nodes + trees.lowerBound * width * NamespacedHash.sizeBytes)
            }
            if mixed > 0 { writeParity(trees: 0..<mixed, leaves: half..<width) }
            if mixed < group { writeParity(trees: mixed..<group, leaves: 0..<width) }
        }
        let kept = unsafe inner.map {
            unsafe $0 + (axis * width + first) * (width - 1) * size
        }
        unsafe counts[first] += ck_nmt_forest(ck_sha256_best(), nodes, group, width, kept)
        unsafe (roots + (axis * width + first) * NamespacedHash.sizeBytes).update(
            from: nodes, count: group * NamespacedHash.sizeBytes)
    }
}
