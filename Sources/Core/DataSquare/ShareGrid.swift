// SPDX-License-Identifier: Apache-2.0

/// What the two kinds of square share: a flat buffer of 512-byte shares in row-major order.
enum ShareGrid {
    /// Bytes of a share.
    static let shareSizeBytes = 512
    /// Bytes of the namespace that opens a share.
    static let namespaceSizeBytes = 29

    /// Refuses a grid whose top left quadrant, `originalWidth` shares on a side in rows that are
    /// `pitchShares` apart, has a namespace smaller than the one left of it or above it.
    static func checkNamespaceOrder(
        of bytes: [UInt8], originalWidth: Int, pitchShares: Int
    ) throws(SquareFault) {
        for row in 0..<originalWidth {
            for column in 0..<originalWidth {
                let share = row * pitchShares + column
                if column > 0, isNamespace(ofShare: share, below: share - 1, in: bytes) {
                    throw .namespaceOrder(.row, index: row)
                }
                if row > 0, isNamespace(ofShare: share, below: share - pitchShares, in: bytes) {
                    throw .namespaceOrder(.column, index: column)
                }
            }
        }
    }

    private static func isNamespace(
        ofShare share: Int, below other: Int, in bytes: [UInt8]
    ) -> Bool {
        let start = share * shareSizeBytes
        let otherStart = other * shareSizeBytes
        for offset in 0..<namespaceSizeBytes
        where bytes[start + offset] != bytes[otherStart + offset] {
            return bytes[start + offset] < bytes[otherStart + offset]
        }
        return false
    }
}
