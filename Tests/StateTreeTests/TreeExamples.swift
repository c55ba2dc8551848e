// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import StateTree
import Synchronization
import TestSupport

/// A store in memory that counts what is asked of it, and whose bytes can be spoilt.
final class MemoryNodeStore: NodeStore {
    private struct Contents {
        var nodes: [NodeKey: [UInt8]] = [:]
        var reads = 0
    }

    private let contents = Mutex(Contents())

    var reads: Int { contents.withLock { $0.reads } }
    var count: Int { contents.withLock { $0.nodes.count } }
    var byteCount: Int { contents.withLock { $0.nodes.values.reduce(0) { $0 + $1.count } } }
    var keys: [NodeKey] {
        contents.withLock {
            $0.nodes.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        }
    }

    func read(_ key: NodeKey) throws(StateTreeFault) -> [UInt8]? {
        contents.withLock {
            $0.reads += 1
            return $0.nodes[key]
        }
    }

    /// Writes what an update wrote; removes what is stale too, when only the newest is kept.
    func apply(_ change: StateTreeChange, isPruning: Bool = false) {
        contents.withLock { contents in
            for key in change.removed { contents.nodes[key] = nil }
            for (key, bytes) in change.written { contents.nodes[key] = bytes }
            if isPruning { for key in change.stale { contents.nodes[key] = nil } }
        }
    }

    subscript(key: NodeKey) -> [UInt8]? {
        get { contents.withLock { $0.nodes[key] } }
        set { contents.withLock { $0.nodes[key] = newValue } }
    }
}

/// Numbers from a seed.
struct SeededNumbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// A number below `limit`.
    mutating func next(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ mixed >> 31) % UInt64(limit))
    }
}

/// The state as the definition sees it: a sorted list of entries.
struct PlainState {
    private(set) var entries: [StateEntry] = []

    mutating func apply(_ writes: [StateWrite]) {
        for write in writes {
            let place =
                entries.firstIndex { !$0.key.lexicographicallyPrecedes(write.key) }
                ?? entries.count
            if place < entries.count, entries[place].key == write.key { entries.remove(at: place) }
            if let value = write.value {
                entries.insert(StateEntry(key: write.key, value: value), at: place)
            }
        }
    }

    var root: Bytes32 { StateTreeDefinition.root(of: entries) }

    func value(of key: [UInt8]) -> [UInt8]? { entries.first { $0.key == key }?.value }
}

enum TreeExamples {
    static func sorted(_ writes: [StateWrite]) -> [StateWrite] {
        writes.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// A tree with keys "<name>/0" and so on, values of up to forty bytes.
    static func writes(_ name: String, _ range: Range<Int>) -> [StateWrite] {
        sorted(
            range.map {
                StateWrite(
                    key: Array("\(name)/\($0)".utf8),
                    value: DeterministicBytes.make(seed: "\(name)/\($0)", count: 1 + $0 % 40))
            })
    }

    static func tree(_ name: String, count: Int) throws -> StateTree {
        var tree = StateTree()
        _ = try tree.update(writes(name, 0..<count), version: 1)
        return tree
    }

    /// Two keys whose paths share their first 31 bits.
    static let nearKeys = [Array("near/27075".utf8), Array("near/29642".utf8)]
}
