// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain

/// Heights as keys: eight bytes, so that the order of keys is the order of heights.
extension Height {
    var key: [UInt8] {
        var key: [UInt8] = []
        key.append(bigEndian: value)
        return key
    }

    init(key: some Collection<UInt8>) throws(StorageFault) {
        guard key.count == 8 else { throw .corrupt(.index) }
        self.init(key.reduce(0) { $0 << 8 | UInt64($1) })
    }
}

extension [ClosedRange<Height>] {
    /// Adds a height that is above all others, to the last stretch if it continues it.
    mutating func append(next height: Height) {
        if let last, last.upperBound.next == height {
            self[count - 1] = last.lowerBound...height
        } else {
            append(height...height)
        }
    }
}
