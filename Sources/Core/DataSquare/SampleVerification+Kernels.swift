// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CKernels

/// Samples verified side by side, level by level, so that hashes of several fill one processor's
/// lanes and nothing is allocated per node.
///
/// The verdicts are those of `NamespaceProof.verifyInclusion` with the leaf count known; tests hold
/// the two together. This is the one file that calls the kernels for it: lanes are laid out here,
/// so every count that C sees is made here.
extension VerifiedSample {
    /// How many samples go side by side.
    private static let laneCountMax = 16

    /// The verdict on each sample of `batch`, in its order.
    public static func verify(
        batch: [(sample: UnverifiedSample, coordinate: Coordinate)],
        against header: DataAvailabilityHeader
    ) -> [Result<VerifiedSample, VerificationFault>] {
        verify(batch: batch, against: KnownRoots(header))
    }

    /// The verdict on each sample of `batch`, in its order; `rootUnknown` where only the root that
    /// its proof leads to is missing.
    public static func verify(
        batch: [(sample: UnverifiedSample, coordinate: Coordinate)], against roots: KnownRoots
    ) -> [Result<VerifiedSample, VerificationFault>] {
        var verdicts: [Result<VerifiedSample, VerificationFault>] = []
        verdicts.reserveCapacity(batch.count)
        for start in stride(from: 0, to: batch.count, by: laneCountMax) {
            let part = batch[start..<min(start + laneCountMax, batch.count)]
            unsafe withUnsafeTemporaryAllocation(
                byteCount: part.count * SampleLanes.laneSizeBytes, alignment: 64
            ) { scratch in
                var lanes = unsafe SampleLanes(count: part.count, scratch: scratch)
                for (lane, item) in part.enumerated() {
                    lanes.load(item.sample, at: item.coordinate, width: roots.width, lane)
                }
                lanes.hashLeaves()
                var width = roots.width
                var level = 0
                while width > 1 {
                    for (lane, item) in part.enumerated() {
                        lanes.pair(item.sample.proof, level: level, lane)
                    }
                    lanes.hashPairs()
                    width /= 2
                    level += 1
                }
                for (lane, item) in part.enumerated() {
                    verdicts.append(
                        verdict(on: item.sample, at: item.coordinate, roots, lanes, lane))
                }
            }
        }
        return verdicts
    }

    private static func verdict(
        on sample: UnverifiedSample, at coordinate: Coordinate, _ roots: KnownRoots,
        _ lanes: borrowing SampleLanes, _ lane: Int
    ) -> Result<VerifiedSample, VerificationFault> {
        do throws(VerificationFault) {
            try sample.checkPlace(coordinate, width: roots.width)
        } catch {
            return .failure(error)
        }
        let index = coordinate.index(of: sample.axis)
        guard let root = roots.root(of: sample.axis, index) else {
            return .failure(.rootUnknown(sample.axis, index: index))
        }
        guard lanes.leads(lane, to: root) else {
            return .failure(.proofInvalid(sample.axis, index: index))
        }
        return .success(VerifiedSample(trusted: sample, at: coordinate))
    }
}

/// The working memory of samples that are folded up together: for each a leaf, a node and a pair.
@safe private struct SampleLanes: ~Copyable {
    static let shareSize = Share.sizeBytes
    static let namespaceSize = Namespace.sizeBytes
    static let nodeSize = NamespacedHash.sizeBytes
    static let digestSize = 32
    static let laneSizeBytes = shareSize + namespaceSize + 3 * nodeSize + digestSize

    private static let level = ck_sha256_best()

    private let count: Int
    private let shares: UnsafeMutableRawPointer
    private let pairs: UnsafeMutableRawPointer
    private let nodes: UnsafeMutableRawPointer
    private let digests: UnsafeMutableRawPointer
    private let namespaces: UnsafeMutableRawPointer
    /// Bit i: the sample of lane i is malformed or its nodes are out of order.
    private var refused: UInt32 = 0

    init(count: Int, scratch: UnsafeMutableRawBufferPointer) {
        precondition(
            count > 0 && count <= 32 && scratch.count >= count * Self.laneSizeBytes,
            "room for every lane")
        precondition(
            MemoryLayout<NamespacedHash>.stride == NamespacedHash.sizeBytes, "nodes lie packed")
        guard let base = scratch.baseAddress else { preconditionFailure("room for lanes") }
        unsafe scratch.initializeMemory(as: UInt8.self, repeating: 0)
        self.count = count
        unsafe shares = base
        unsafe digests = unsafe shares + count * Self.shareSize
        unsafe pairs = unsafe digests + count * Self.digestSize
        unsafe nodes = unsafe pairs + count * 2 * Self.nodeSize
        unsafe namespaces = unsafe nodes + count * Self.nodeSize
    }

    /// Copies a sample's share and leaf namespace in; a sample of another shape is refused.
    mutating func load(
        _ sample: UnverifiedSample, at coordinate: Coordinate, width: Int, _ lane: Int
    ) {
        precondition(lane < count, "a lane")
        let proof = sample.proof
        if !proof.isMaxNamespaceIgnored || proof.leafHash != nil || proof.start < 0
            || proof.start >= width || proof.nodes.count != width.trailingZeroBitCount
        {
            refused |= 1 << UInt32(lane)
            return
        }
        let share = unsafe shares + lane * Self.shareSize
        unsafe UnsafeMutableRawBufferPointer(start: share, count: Self.shareSize)
            .copyBytes(from: sample.share.bytes)
        let namespace = unsafe namespaces + lane * Self.namespaceSize
        if coordinate.isOriginal(width: width) {
            unsafe namespace.copyMemory(from: share, byteCount: Self.namespaceSize)
        } else {
            unsafe namespace.initializeMemory(
                as: UInt8.self, repeating: 0xff, count: Self.namespaceSize)
        }
    }

    /// Makes every lane's node that of its leaf.
    func hashLeaves() {
        unsafe ck_nmt_leaves(
            Self.level, shares, Self.shareSize, namespaces, Self.namespaceSize, count, digests)
        for lane in 0..<count {
            let node = unsafe nodes + lane * Self.nodeSize
            let namespace = unsafe namespaces + lane * Self.namespaceSize
            unsafe node.copyMemory(from: namespace, byteCount: Self.namespaceSize)
            unsafe (node + Self.namespaceSize).copyMemory(
                from: namespace, byteCount: Self.namespaceSize)
            unsafe (node + 2 * Self.namespaceSize).copyMemory(
                from: digests + lane * Self.digestSize, byteCount: Self.digestSize)
        }
    }

    /// Sets a lane's node beside its sibling of this level, and gives it the range of both.
    ///
    /// A proof lists its left siblings from the top down, then its right ones from the bottom up.
    mutating func pair(_ proof: NamespaceProof, level: Int, _ lane: Int) {
        precondition(lane < count, "a lane")
        if refused & 1 << UInt32(lane) != 0 { return }
        let above = proof.start >> level
        let isRight = above & 1 == 1
        let zerosBelow = level - (proof.start & ((1 << level) - 1)).nonzeroBitCount
        let index =
            isRight
            ? (above >> 1).nonzeroBitCount : proof.start.nonzeroBitCount + zerosBelow
        let left = unsafe pairs + lane * 2 * Self.nodeSize
        let right = unsafe left + Self.nodeSize
        let node = unsafe nodes + lane * Self.nodeSize
        unsafe (isRight ? right : left).copyMemory(from: node, byteCount: Self.nodeSize)
        let sibling = unsafe UnsafeMutableRawBufferPointer(
            start: isRight ? left : right, count: Self.nodeSize)
        unsafe proof.nodes.withUnsafeBytes {
            let bytes = index * Self.nodeSize..<(index + 1) * Self.nodeSize
            unsafe sibling.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[bytes]))
        }
        let size = Self.namespaceSize
        let isOrdered =
            unsafe !Self.isLess(left + size, left) && !Self.isLess(right + size, right)
            && !Self.isLess(right, left + size)
        if !isOrdered { refused |= 1 << UInt32(lane) }
        unsafe node.copyMemory(from: left, byteCount: size)
        let greatest = unsafe Self.isParity(right) ? left : right
        unsafe (node + size).copyMemory(from: greatest + size, byteCount: size)
    }

    /// Digests every lane's pair into its node.
    func hashPairs() {
        unsafe ck_nmt_nodes(
            Self.level, pairs, count, nodes + 2 * Self.namespaceSize, Self.nodeSize)
    }

    /// Whether a lane's node, after the last level, is `root`.
    func leads(_ lane: Int, to root: NamespacedHash) -> Bool {
        precondition(lane < count, "a lane")
        if refused & 1 << UInt32(lane) != 0 { return false }
        let node = unsafe UnsafeRawBufferPointer(
            start: nodes + lane * Self.nodeSize, count: Self.nodeSize)
        return unsafe FixedBytes<90>(node) == root.bytes
    }

    /// Bytewise order of two namespaces, eight bytes at a time; the last eight overlap.
    private static func isLess(_ lhs: UnsafeRawPointer, _ rhs: UnsafeRawPointer) -> Bool {
        unsafe order(lhs, rhs, 0) ?? order(lhs, rhs, 8) ?? order(lhs, rhs, 16)
            ?? order(lhs, rhs, 21) ?? false
    }

    /// Whether eight bytes come before eight others; nil when they are the same.
    @inline(__always)
    private static func order(
        _ lhs: UnsafeRawPointer, _ rhs: UnsafeRawPointer, _ offset: Int
    ) -> Bool? {
        let left = unsafe lhs.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let right = unsafe rhs.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return left == right ? nil : UInt64(bigEndian: left) < UInt64(bigEndian: right)
    }

    private static func isParity(_ namespace: UnsafeRawPointer) -> Bool {
        unsafe namespace.loadUnaligned(fromByteOffset: 0, as: UInt64.self) == .max
            && namespace.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == .max
            && namespace.loadUnaligned(fromByteOffset: 16, as: UInt64.self) == .max
            && namespace.loadUnaligned(fromByteOffset: 21, as: UInt64.self) == .max
    }
}
