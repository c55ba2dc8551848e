// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The roots of a square that a node knows: all of them, or those that were proven to it one by one.
///
/// Whatever is in it leads to the data root, so a sample that leads to one of them is the square's.
public struct KnownRoots: Hashable, Sendable {
    /// The data root that all of them lead to.
    public let dataRoot: Bytes32
    /// Shares along one side of the extended square.
    public let width: Int
    /// All roots, where they are known.
    public private(set) var header: DataAvailabilityHeader?
    private var lines: [AxisLine: NamespacedHash] = [:]

    /// All roots of a square.
    public init(_ header: DataAvailabilityHeader) {
        dataRoot = header.dataRoot
        width = header.width
        self.header = header
    }

    /// None yet, of a square of which the width was proven (see `VerifiedAxisRoot.width`).
    public init(dataRoot: Bytes32, width: Int) {
        precondition(width >= 2 && width & (width - 1) == 0, "a width that a square can have")
        self.dataRoot = dataRoot
        self.width = width
    }

    /// Remembers a root; one of another square is no root of this one.
    public mutating func insert(_ root: VerifiedAxisRoot) throws(VerificationFault) {
        guard root.dataRoot == dataRoot, root.width == width else { throw .commitmentMismatch }
        if header == nil { lines[root.line] = root.root }
    }

    /// Remembers all roots; those of another square are refused.
    public mutating func insert(_ header: DataAvailabilityHeader) throws(VerificationFault) {
        guard header.dataRoot == dataRoot, header.width == width else {
            throw .commitmentMismatch
        }
        self.header = header
        lines = [:]
    }

    /// How many single roots are remembered.
    public var count: Int { lines.count }

    /// The root of a line; nil where it is not known, or the square does not have the line.
    public func root(of axis: Axis, _ index: Int) -> NamespacedHash? {
        guard index >= 0, index < width else { return nil }
        return header?.root(of: axis, index) ?? lines[AxisLine(axis, index)]
    }
}
