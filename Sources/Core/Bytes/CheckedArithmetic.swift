// SPDX-License-Identifier: Apache-2.0

/// A sum, difference or product that does not fit its type.
public struct ArithmeticFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Names the fault.
    public init() {}
    /// What went wrong, in words.
    public var description: String { "the result does not fit its type" }
}

/// Arithmetic on a stranger's numbers: it throws where plain operators would trap.
extension FixedWidthInteger {
    /// `self + other`, or a throw.
    @inlinable
    public func adding(_ other: Self) throws(ArithmeticFault) -> Self {
        let (value, overflow) = addingReportingOverflow(other)
        guard !overflow else { throw ArithmeticFault() }
        return value
    }

    /// `self - other`, or a throw.
    @inlinable
    public func subtracting(_ other: Self) throws(ArithmeticFault) -> Self {
        let (value, overflow) = subtractingReportingOverflow(other)
        guard !overflow else { throw ArithmeticFault() }
        return value
    }

    /// `self * other`, or a throw.
    @inlinable
    public func multiplied(by other: Self) throws(ArithmeticFault) -> Self {
        let (value, overflow) = multipliedReportingOverflow(by: other)
        guard !overflow else { throw ArithmeticFault() }
        return value
    }
}
