// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a square.
public enum SquareFault: Error, Hashable, Sendable {
    /// The width is not a power of two within the limits (1…512 original, 2…1024 extended).
    case width(Int)
    /// The bytes are not width² shares of 512 bytes.
    case size(expected: Int, actual: Int)
    /// Along this axis of the original quadrant a namespace is smaller than the one before it.
    case namespaceOrder(Axis, index: Int)
}
