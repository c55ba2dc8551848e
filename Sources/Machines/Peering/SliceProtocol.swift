// SPDX-License-Identifier: Apache-2.0

package import DataSquare

/// How a node says which slice of each square it keeps: by the name of a protocol.
///
/// The protocol is that of rows (`row_v0`) under another name. Specified in
/// Protocol/16-retention.md#slices-told.
package enum SliceProtocol {
    private static let marker = "/quadrat/slice-"
    private static let version = "/v0.0.1"

    /// The protocol's id on a network.
    package static func protocolID(_ slice: RowSlice, network: String) -> String {
        "/\(network)\(marker)\(slice.index)-of-\(slice.count)\(version)"
    }

    /// The slice of a peer that serves these protocols; nil when it keeps whole squares or nothing.
    package static func slice(of protocols: [String], network: String) -> RowSlice? {
        let prefix = "/\(network)\(marker)"
        for name in protocols where name.hasPrefix(prefix) && name.hasSuffix(version) {
            let middle = name.dropFirst(prefix.count).dropLast(version.count)
            let parts = middle.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1] == "of",
                let slice = RowSlice("\(parts[0])/\(parts[2])")
            else { continue }
            return slice
        }
        return nil
    }
}
