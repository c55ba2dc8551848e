// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Shares by index as views of what holds them: one buffer, or an array of shares.
struct ShareViews {
    private enum Storage {
        case flat(ArraySlice<UInt8>)
        case separate([Share])
    }

    private let storage: Storage
    /// How many there are.
    let count: Int

    /// Views of shares that are apart.
    init(_ shares: [Share]) {
        storage = .separate(shares)
        count = shares.count
    }

    /// Views of shares that stand one behind the other.
    init(flat bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count % Share.sizeBytes == 0 else {
            throw DecodeFault(.trailing(bytes.count % Share.sizeBytes), at: bytes.count)
        }
        storage = .flat(bytes)
        count = bytes.count / Share.sizeBytes
    }

    /// The 512 bytes at `index`.
    subscript(index: Int) -> ArraySlice<UInt8> {
        switch storage {
        case .flat(let bytes):
            let start = bytes.startIndex + index * Share.sizeBytes
            return bytes[start..<start + Share.sizeBytes]
        case .separate(let shares):
            return shares[index].bytes[...]
        }
    }
}
