// SPDX-License-Identifier: Apache-2.0

internal import ErasureCoding

/// The 2k shares of one row or column, rebuilt from half of them.
struct AxisShares {
    /// The shares, data first.
    let shares: [Share]

    /// Takes the data half or the parity half of an axis and computes the other.
    init(half: [Share], isParity: Bool) {
        precondition(SquareSize.isValid(half.count), "half of an axis of a square")
        let given = half.flatMap { $0.bytes }
        let code = AxisCode.of(width: half.count)
        let made = unsafe [UInt8](unsafeUninitializedCapacity: given.count) { target, count in
            unsafe given.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                let size = Share.sizeBytes
                if isParity {
                    unsafe code.decode(
                        parity: from, stride: size, data: to, dataStride: size, size: size)
                } else {
                    unsafe code.encode(
                        from, stride: size, parity: to, parityStride: size, size: size)
                }
            }
            count = given.count
        }
        let other = half.indices.map {
            Share(counted: Array(made[$0 * Share.sizeBytes..<($0 + 1) * Share.sizeBytes]))
        }
        shares = isParity ? other + half : half + other
    }

    /// The root of the axis at `index`, or nil when its namespaces are out of order.
    func root(ofAxisAt index: Int) -> NamespacedHash? {
        let width = shares.count
        var tree = NamespacedMerkleTree()
        for (position, share) in shares.enumerated() {
            let isOriginal = index < width / 2 && position < width / 2
            do {
                try tree.push(
                    namespace: isOriginal ? share.namespace : .parity, data: share.bytes)
            } catch {
                return nil
            }
        }
        return tree.root
    }
}
