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
