// SPDX-License-Identifier: Apache-2.0

internal import CKernels

extension OriginalDataSquare {
    /// Whether both have the same shares; megabytes are compared as C compares them.
    public static func == (lhs: OriginalDataSquare, rhs: OriginalDataSquare) -> Bool {
        guard lhs.width == rhs.width, lhs.bytes.count == rhs.bytes.count else { return false }
        return unsafe ck_equal(lhs.bytes, rhs.bytes, lhs.bytes.count)
    }
}
