// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Why a state tree could not do what was asked.
public enum StateTreeFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A key that is empty or too long, with its size.
    case keySize(Int)
    /// A value that is empty or too long, with its size.
    case valueSize(Int)
    /// Writes that are not in strictly rising order of their keys, from this index on.
    case unsortedWrites(Int)
    /// A version that is below the tree's.
    case oldVersion(UInt64, newest: UInt64)
    /// The store has no such node, though the tree says there is one.
    case missing(NodeKey)
    /// The store has other bytes than the tree says.
    case damaged(NodeKey, DecodeFault)
    /// The index of keys and the tree disagree about a key.
    case indexDisagrees(key: [UInt8])
    /// The store could not be read.
    case store(String)

    /// What went wrong, in words.
    public var description: String {
        switch self {
        case .keySize(let size):
            "a key of \(size) bytes, 1 to \(StateEntry.keySizeBytesMax) are allowed"
        case .valueSize(let size):
            "a value of \(size) bytes, 1 to \(StateEntry.valueSizeBytesMax) are allowed"
        case .unsortedWrites(let index): "write \(index) is not behind the one before it"
        case .oldVersion(let version, let newest): "version \(version) after version \(newest)"
        case .missing(let key): "node \(key) is missing"
        case .damaged(let key, let fault): "node \(key) is damaged: \(fault)"
        case .indexDisagrees(let key): "index and tree disagree about key \(Hex.encode(key))"
        case .store(let text): "the store cannot be read: \(text)"
        }
    }
}
