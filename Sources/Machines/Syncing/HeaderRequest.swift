// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// What a node asks of another about headers.
package enum HeaderRequest: Hashable, Sendable, CustomStringConvertible {
    /// The newest header that the peer has.
    case head
    /// The header with this hash.
    case hash(Bytes32)
    /// `count` headers from a height on, lowest first; 1 ... 64 of them.
    case range(from: UInt64, count: UInt64)

    package var description: String {
        switch self {
        case .head: "head"
        case .hash(let hash): "header \(hash.hex.prefix(8))"
        case .range(let from, let count):
            count == 1 ? "header \(from)" : "headers \(from)-\(from + count - 1)"
        }
    }
}
