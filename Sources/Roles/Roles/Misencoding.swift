// SPDX-License-Identifier: Apache-2.0

internal import DataSquare

/// How a validator of a test network extends squares wrongly.
package enum Misencoding: String, CaseIterable, Hashable, Sendable {
    /// One share of the first row's parity is altered: that row is no codeword.
    case share = "wrong-encoding"
    /// All rows of the lower half are codewords of other data: each is what its root says, and only
    /// columns, or the sidecar, show it.
    case rows = "wrong-rows"

    /// A wrong extension of a square.
    func extended(_ original: OriginalDataSquare) -> ExtendedDataSquare {
        let honest = ExtendedDataSquare(extending: original)
        var bytes = honest.bytes
        switch self {
        case .share:
            bytes[honest.width * Share.sizeBytes - 1] ^= 1
        case .rows:
            var other = original.bytes
            other[other.count - 1] ^= 1
            do throws(SquareFault) {
                let square = try OriginalDataSquare(width: original.width, bytes: other)
                let start = bytes.count / 2
                bytes.replaceSubrange(
                    start..., with: ExtendedDataSquare(extending: square).bytes[start...])
            } catch {
                preconditionFailure("the last byte of a share is no namespace: \(error)")
            }
        }
        do throws(SquareFault) {
            return try ExtendedDataSquare(width: honest.width, bytes: bytes)
        } catch {
            preconditionFailure("parity has no order of namespaces: \(error)")
        }
    }
}
