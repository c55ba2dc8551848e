// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Shares by index as views of what holds them: one buffer, or an array of shares.
struct ShareViews {
    private enum Storage {
        case flat(ArraySlice<UInt8>)
        case separate(ArraySlice<Share>)
    }

    private let storage: Storage
    /// How many there are.
    let count: Int

    /// Views of shares that are apart.
    init(_ shares: [Share]) {
        self.init(.separate(shares[...]), count: shares.count)
    }

    private init(_ storage: Storage, count: Int) {
        self.storage = storage
        self.count = count
    }

    /// Views of shares that stand one behind the other.
    init(flat bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count % Share.sizeBytes == 0 else {
            throw DecodeFault(.trailing(bytes.count % Share.sizeBytes), at: bytes.count)
        }
        self.init(.flat(bytes), count: bytes.count / Share.sizeBytes)
    }

    /// The 512 bytes at `index`.
    subscript(index: Int) -> ArraySlice<UInt8> {
        switch storage {
        case .flat(let bytes):
            let start = bytes.startIndex + index * Share.sizeBytes
            return bytes[start..<start + Share.sizeBytes]
        case .separate(let shares):
            return shares[shares.startIndex + index].bytes[...]
        }
    }

    /// Some of them.
    subscript(range: Range<Int>) -> ShareViews {
        switch storage {
        case .flat(let bytes):
            let start = bytes.startIndex + range.lowerBound * Share.sizeBytes
            let part = bytes[start..<start + range.count * Share.sizeBytes]
            return ShareViews(.flat(part), count: range.count)
        case .separate(let shares):
            let start = shares.startIndex + range.lowerBound
            return ShareViews(.separate(shares[start..<start + range.count]), count: range.count)
        }
    }

    /// All but the first `count`.
    func dropFirst(_ count: Int) -> ShareViews { self[count..<self.count] }
}
