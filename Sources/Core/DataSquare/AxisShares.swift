// SPDX-License-Identifier: Apache-2.0

internal import ErasureCoding

/// The 2k shares of one row or column, rebuilt from half of them.
struct AxisShares {
    /// The shares one after another, data first.
    private let line: [UInt8]

    /// Takes the data half or the parity half of an axis and computes the other.
    init(half: [Share], isParity: Bool) {
        precondition(SquareSize.isValid(half.count), "half of an axis of a square")
        var given: [UInt8] = []
        given.reserveCapacity(half.count * Share.sizeBytes)
        for share in half { given.append(contentsOf: share.bytes) }
        let code = AxisCode.of(width: half.count)
        let size = given.count
        line = unsafe [UInt8](unsafeUninitializedCapacity: 2 * size) { line, count in
            unsafe given.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let to = line.baseAddress else { return }
                let share = Share.sizeBytes
                unsafe (isParity ? to + size : to).update(from: from, count: size)
                if isParity {
                    unsafe code.decode(
                        parity: from, stride: share, data: to, dataStride: share, size: share)
                } else {
                    unsafe code.encode(
                        from, stride: share, parity: to + size, parityStride: share, size: share)
                }
            }
            count = 2 * size
        }
    }

    /// All shares, from the first.
    var shares: [Share] {
        stride(from: 0, to: line.count, by: Share.sizeBytes).map {
            Share(counted: Array(line[$0..<$0 + Share.sizeBytes]))
        }
    }

    /// The root of the axis at `index`, or nil when its namespaces are out of order.
    func root(ofAxisAt index: Int) -> NamespacedHash? {
        let width = line.count / Share.sizeBytes
        return AxisTree.root(of: line, originalCount: index < width / 2 ? width / 2 : 0)
    }
}
