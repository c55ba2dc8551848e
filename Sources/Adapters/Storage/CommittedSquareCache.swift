// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Synchronization

/// The squares that were asked for last, extended and hashed, within a number of bytes.
///
/// A light node's sample is then read off, not hashed. Who was asked for longest ago goes first.
final class CommittedSquareCache: Sendable {
    private struct Entry {
        let square: CommittedSquare
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Bytes32: Entry] = [:]
        var sizeBytes = 0
        var clock: UInt64 = 0
    }

    private let sizeBytesMax: Int
    private let state = Mutex(State())

    init(sizeBytesMax: Int) {
        self.sizeBytesMax = sizeBytesMax
    }

    /// What a square takes with its digests.
    static func sizeBytes(of square: CommittedSquare) -> Int {
        let shares = square.square.width * square.square.width
        return shares * (Share.sizeBytes + digestSizeBytes)
    }

    /// Digests of leaves and inner nodes, for each share.
    private static let digestSizeBytes = 96

    func square(_ dataRoot: Bytes32) -> CommittedSquare? {
        state.withLock { state in
            state.clock += 1
            state.entries[dataRoot]?.lastUse = state.clock
            return state.entries[dataRoot]?.square
        }
    }

    func insert(_ square: CommittedSquare) {
        let size = Self.sizeBytes(of: square)
        guard size <= sizeBytesMax else { return }
        state.withLock { state in
            state.clock += 1
            let root = square.header.dataRoot
            if state.entries[root] == nil { state.sizeBytes += size }
            state.entries[root] = Entry(square: square, lastUse: state.clock)
            while state.sizeBytes > sizeBytesMax {
                // No two entries have the same last use, so the order of the table does not matter.
                guard let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
                else { return }
                state.entries[oldest.key] = nil
                state.sizeBytes -= Self.sizeBytes(of: oldest.value.square)
            }
        }
    }

    func remove(_ dataRoot: Bytes32) {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: dataRoot) else { return }
            state.sizeBytes -= Self.sizeBytes(of: entry.square)
        }
    }
}
