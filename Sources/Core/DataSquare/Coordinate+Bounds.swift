// SPDX-License-Identifier: Apache-2.0

/// Where a place lies in an extended square of a given width.
extension Coordinate {
    /// Whether the place lies in a square of `width` shares a side.
    public func isInside(width: Int) -> Bool {
        row >= 0 && column >= 0 && row < width && column < width
    }

    /// Whether the share there is original data, in a square extended to `width` a side.
    ///
    /// Such a share counts in trees under its own namespace, every other one under parity's.
    public func isOriginal(width: Int) -> Bool { isInside(width: width / 2) }
}
